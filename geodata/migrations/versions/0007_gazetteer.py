"""gazetteer: roads as lines, other names, posts along motorways, and how long a name holds"""

import sqlalchemy as sa
from alembic import context, op
from geoalchemy2 import Geometry

from geodata.migrations import metre_srid_of

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COUNTED = ("gazetteer_road", "gazetteer_alias")

COUNT_CHANGES = """
    CREATE TRIGGER {table}_counts_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
       FOR EACH STATEMENT EXECUTE FUNCTION count_change();
"""

HOUSE = "CASE WHEN coalesce(lane, number) ~ '^[0-9]{1,5}$' THEN CAST(coalesce(lane, number) AS integer) END"


def entry_columns():
    return (
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("sublane", sa.Text(), nullable=True),
        sa.Column("suffix", sa.Text(), nullable=True),
        sa.Column("house", sa.Integer(), sa.Computed(HOUSE, persisted=True), nullable=True),
        sa.Column("km", sa.Double(), nullable=True),
        sa.Column("licence", sa.Text(), server_default="", nullable=False),
        *valid(),
    )


def valid():
    return (sa.Column("valid_from", sa.Date(), nullable=True), sa.Column("valid_to", sa.Date(), nullable=True))


def line(srid):
    return Geometry("MULTILINESTRING", srid=srid, spatial_index=False)


def upgrade():
    # the district's own number; before it has one, that of the installation being made
    srid = context.config.attributes["metre_srid"] or metre_srid_of(op.get_bind())
    op.drop_constraint(op.f("ck_gazetteer_entry_kind"), "gazetteer_entry", type_="check")
    op.create_check_constraint(
        op.f("ck_gazetteer_entry_kind"), "gazetteer_entry", "kind IN ('place', 'crossing', 'door', 'km_post')"
    )
    for column in entry_columns():
        op.add_column("gazetteer_entry", column)
    op.create_index("ix_gazetteer_entry_road_house_id", "gazetteer_entry", ["road", "house", "id"], unique=False)
    op.create_index("ix_gazetteer_entry_cross_road", "gazetteer_entry", ["cross_road"], unique=False)
    op.create_index("ix_gazetteer_entry_source", "gazetteer_entry", ["source"], unique=False)
    op.create_table(
        "gazetteer_road",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_norm", sa.Text(), nullable=False),
        sa.Column("road_class", sa.Text(), nullable=True),
        sa.Column("geom", line(4326), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("licence", sa.Text(), server_default="", nullable=False),
        *valid(),
        sa.Column("geom_m", line(srid), sa.Computed(f"ST_Transform(geom, {srid})", persisted=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gazetteer_road")),
        sa.UniqueConstraint("source", "ref", name=op.f("uq_gazetteer_road_source_ref")),
    )
    op.create_index("ix_gazetteer_road_name_norm", "gazetteer_road", ["name_norm"], unique=False)
    for column in ("geom", "geom_m"):
        op.create_index(f"ix_gazetteer_road_{column}", "gazetteer_road", [column], postgresql_using="gist")
    op.create_table(
        "gazetteer_alias",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("alias_norm", sa.Text(), nullable=False),
        sa.Column("target_norm", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        *valid(),
        sa.CheckConstraint("kind IN ('road', 'place', 'town', 'village')", name=op.f("ck_gazetteer_alias_kind")),
        sa.CheckConstraint("alias_norm <> target_norm", name=op.f("ck_gazetteer_alias_another_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gazetteer_alias")),
        sa.UniqueConstraint(
            "kind", "alias_norm", "target_norm", name=op.f("uq_gazetteer_alias_kind_alias_norm_target_norm")
        ),
    )
    for table in COUNTED:
        op.execute(COUNT_CHANGES.format(table=table))


def downgrade():
    for table in COUNTED:
        op.drop_table(table)
    op.execute("DELETE FROM data_version WHERE table_name IN ('gazetteer_road', 'gazetteer_alias')")
    op.drop_index("ix_gazetteer_entry_source", "gazetteer_entry")
    op.drop_index("ix_gazetteer_entry_road_house_id", "gazetteer_entry")
    op.drop_index("ix_gazetteer_entry_cross_road", "gazetteer_entry")
    for column in reversed(entry_columns()):
        op.drop_column("gazetteer_entry", column.name)
    op.execute("DELETE FROM gazetteer_entry WHERE kind = 'km_post'")
    op.drop_constraint(op.f("ck_gazetteer_entry_kind"), "gazetteer_entry", type_="check")
    op.create_check_constraint(
        op.f("ck_gazetteer_entry_kind"), "gazetteer_entry", "kind IN ('place', 'crossing', 'door')"
    )
