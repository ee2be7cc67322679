"""words of all tickets, tickets of a category, and names by their beginning and by length, to search by"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


# The pairs of neighbouring signs in a ticket's title and address, each as a number together with the spell of some
# 24 days (2^21 s) in which it was reported: see queries/ticket_words.py, whose folding and numbers are these.
# A sign that no question can hold stands between the two. Nothing of ours is called in here, as a restore and a
# background ANALYZE know no search path.
TICKET_WORDS = """
    CREATE FUNCTION ticket_words(title text, address text, reported_at timestamptz) RETURNS integer[]
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
    DECLARE
        signs text[] := string_to_array(
            lower(regexp_replace(normalize(concat(title, chr(1), address), NFKC), '\\s+', ' ', 'g')), NULL);
        spell integer := (CAST(floor(date_part('epoch', reported_at) / 2097152) AS bigint) & 2047) << 20;
    BEGIN
        RETURN ARRAY(SELECT spell | ((ascii(p.former) * 1009 + ascii(p.sign)) & 1048575)
                       FROM unnest(signs, signs[2:]) AS p (former, sign)
                      WHERE p.sign IS NOT NULL);
    END $$
"""

GROUPS = {"place": "kind = 'place'", "other": "kind != 'place'"}


def index_names(prefix, which, *, with_beginning=True):
    op.create_index(
        f"{prefix}_name",
        "search_name",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
        postgresql_with={"gin_pending_list_limit": 256} if which is not None else {},
        postgresql_where=which,
    )
    op.create_index(
        f"{prefix}_initials",
        "search_name",
        ["initials"],
        unique=False,
        postgresql_ops={"initials": "text_pattern_ops"},
        postgresql_where=which,
    )
    if with_beginning:
        op.create_index(
            f"{prefix}_beginning",
            "search_name",
            [sa.literal_column("left(name, 100)").label("beginning")],
            unique=False,
            postgresql_ops={"beginning": "text_pattern_ops"},
            postgresql_where=which,
        )


def upgrade():
    op.execute(TICKET_WORDS)
    op.create_index(
        "ix_ticket_words",
        "ticket",
        [sa.text("ticket_words(title, address, reported_at)")],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 64},
    )
    op.create_index(
        "ix_ticket_category_code_state_reported_at",
        "ticket",
        ["category_code", "state", "reported_at"],
        unique=False,
    )
    op.create_index(
        "ix_search_name_shortest",
        "search_name",
        ["kind", sa.text("length(name)"), sa.text("left(name, 100)")],
        unique=False,
    )
    op.drop_index("ix_search_name_name", "search_name")
    op.drop_index("ix_search_name_initials", "search_name")
    for group, which in GROUPS.items():
        index_names(f"ix_search_name_{group}", sa.text(which))


def downgrade():
    for group in GROUPS:
        for what in ("name", "initials", "beginning"):
            op.drop_index(f"ix_search_name_{group}_{what}", "search_name")
    index_names("ix_search_name", None, with_beginning=False)
    op.drop_index("ix_search_name_shortest", "search_name")
    op.drop_index("ix_ticket_category_code_state_reported_at", "ticket")
    op.drop_index("ix_ticket_words", "ticket")
    op.execute("DROP FUNCTION ticket_words")
