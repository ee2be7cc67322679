"""Names to search by, with the first letters of their reading; made from the records and never edited."""

from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base
from geodata.models.tickets import Ticket


class SearchName(Base):
    """One name of one record: `kind` (unit, area, point, place …) and `key` name the record.

    `name` is folded (NFKC, lower case) for comparing, and where it is not plain ASCII it has its pinyin and its
    pairs of signs behind it, see queries/search.py; `initials` are the first letters of its pinyin.
    """

    __tablename__ = "search_name"

    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    initials: Mapped[str]


# A name may be longer than an index takes.
_beginning = func.left(SearchName.name, 100)
Index("ix_search_name_shortest", SearchName.kind, func.length(SearchName.name), _beginning)

# Places are so many that what is not one would be looked for among them.
for _group, _which in (("place", SearchName.kind == "place"), ("other", SearchName.kind != "place")):
    Index(
        f"ix_search_name_{_group}_name",
        SearchName.name,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
        postgresql_with={"gin_pending_list_limit": 256},
        postgresql_where=_which,
    )
    Index(
        f"ix_search_name_{_group}_initials",
        SearchName.initials,
        postgresql_ops={"initials": "text_pattern_ops"},
        postgresql_where=_which,
    )
    Index(
        f"ix_search_name_{_group}_beginning",
        _beginning.label("beginning"),
        postgresql_ops={"beginning": "text_pattern_ops"},
        postgresql_where=_which,
    )


class SearchIndex(Base):
    """Which version of a kind's records its names were made from."""

    __tablename__ = "search_index"

    kind: Mapped[str] = mapped_column(primary_key=True)
    data_key: Mapped[str]


# Tickets keep no names of their own: their words are an index alone, so nothing of them is ever stale.
Index(
    "ix_ticket_words",
    func.ticket_words(Ticket.title, Ticket.address, Ticket.reported_at),
    postgresql_using="gin",
    # what waits to be sorted in is read by every question, once for each spell of time
    postgresql_with={"gin_pending_list_limit": 64},
)
Index("ix_ticket_category_code_state_reported_at", Ticket.category_code, Ticket.state, Ticket.reported_at)
