"""Names to search by, with the first letters of their reading; made from the records and never edited."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base


class SearchName(Base):
    """One name of one record: `kind` (unit, area, point, place …) and `key` name the record.

    `name` is folded (NFKC, lower case) for comparing, and where it is not plain ASCII it has its pinyin and its
    pairs of signs behind it, see queries/search.py; `initials` are the first letters of its pinyin.
    """

    __tablename__ = "search_name"
    __table_args__ = (
        Index(
            "ix_search_name_name",
            "name",
            postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops"},
        ),
        Index("ix_search_name_initials", "initials", postgresql_ops={"initials": "text_pattern_ops"}),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    initials: Mapped[str]


class SearchIndex(Base):
    """Which version of a kind's records its names were made from."""

    __tablename__ = "search_index"

    kind: Mapped[str] = mapped_column(primary_key=True)
    data_key: Mapped[str]
