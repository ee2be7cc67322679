"""the base map, projects and resources, deadlines, names to search by, and counts for low zooms"""

import sqlalchemy as sa
from alembic import context, op
from geoalchemy2 import Geometry

from geodata.migrations import metre_srid_of

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


# Squares of zoom 13, 64 to a tile's side: see models/pyramid.py. Each statement adds what it changed;
# nothing is updated, so that two writers never wait for one another.
TICKETS_ARE_COUNTED = """
    CREATE FUNCTION web_square(place geometry, OUT x integer, OUT y integer) LANGUAGE sql IMMUTABLE STRICT AS $$
        SELECT CAST(floor((ST_X(w.place) + 20037508.342789244) / 40075016.685578488 * 524288) AS integer),
               CAST(floor((20037508.342789244 - ST_Y(w.place)) / 40075016.685578488 * 524288) AS integer)
          FROM (SELECT ST_Transform(place, 3857) AS place) AS w
    $$;
    CREATE FUNCTION note_ticket_bins() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO ticket_bin_change (x, y, open_count, all_count)
            SELECT s.x, s.y, sum(CAST(t.state NOT IN ('closed', 'cancelled', 'merged') AS integer)), count(*)
              FROM coming AS t, web_square(t.geom) AS s
             WHERE t.geom IS NOT NULL
             GROUP BY s.x, s.y;
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO ticket_bin_change (x, y, open_count, all_count)
            SELECT s.x, s.y, -sum(CAST(t.state NOT IN ('closed', 'cancelled', 'merged') AS integer)), -count(*)
              FROM going AS t, web_square(t.geom) AS s
             WHERE t.geom IS NOT NULL
             GROUP BY s.x, s.y;
        ELSE
            INSERT INTO ticket_bin_change (x, y, open_count, all_count)
            SELECT s.x, s.y,
                   sum(t.sign * CAST(t.state NOT IN ('closed', 'cancelled', 'merged') AS integer)), sum(t.sign)
              FROM (SELECT geom, state, 1 AS sign FROM coming
                    UNION ALL
                    SELECT geom, state, -1 AS sign FROM going) AS t, web_square(t.geom) AS s
             WHERE t.geom IS NOT NULL
             GROUP BY s.x, s.y
            HAVING sum(t.sign) <> 0
                OR sum(t.sign * CAST(t.state NOT IN ('closed', 'cancelled', 'merged') AS integer)) <> 0;
        END IF;
        RETURN NULL;
    END $$;
    CREATE FUNCTION forget_ticket_bins() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM ticket_bin;
        DELETE FROM ticket_bin_change;
        RETURN NULL;
    END $$;
    CREATE TRIGGER ticket_bins_on_insert AFTER INSERT ON ticket REFERENCING NEW TABLE AS coming
       FOR EACH STATEMENT EXECUTE FUNCTION note_ticket_bins();
    CREATE TRIGGER ticket_bins_on_update AFTER UPDATE ON ticket REFERENCING OLD TABLE AS going NEW TABLE AS coming
       FOR EACH STATEMENT EXECUTE FUNCTION note_ticket_bins();
    CREATE TRIGGER ticket_bins_on_delete AFTER DELETE ON ticket REFERENCING OLD TABLE AS going
       FOR EACH STATEMENT EXECUTE FUNCTION note_ticket_bins();
    CREATE TRIGGER ticket_bins_on_truncate AFTER TRUNCATE ON ticket
       FOR EACH STATEMENT EXECUTE FUNCTION forget_ticket_bins();
    INSERT INTO ticket_bin_change (x, y, open_count, all_count)
    SELECT s.x, s.y, sum(CAST(t.state NOT IN ('closed', 'cancelled', 'merged') AS integer)), count(*)
      FROM ticket AS t, web_square(t.geom) AS s
     WHERE t.geom IS NOT NULL
     GROUP BY s.x, s.y;
"""

COUNTED = ("gazetteer_entry", "basemap_feature", "project", "resource")

COUNT_CHANGES = """
    CREATE TRIGGER {table}_counts_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
       FOR EACH STATEMENT EXECUTE FUNCTION count_change();
"""

PLACED = ("geom", "geom_m")


def geometry(kind, srid):
    """A typed column whose index is named apart, so that none is made twice."""
    return Geometry(kind, srid=srid, spatial_index=False)


def metre_twin(kind, srid):
    return sa.Column("geom_m", geometry(kind, srid), sa.Computed(f"ST_Transform(geom, {srid})", persisted=True))


def placed():
    """The columns of a record with a place and area codes."""
    return (
        sa.Column("geom", geometry("POINT", 4326), nullable=True),
        sa.Column("raw_x", sa.Double(), nullable=True),
        sa.Column("raw_y", sa.Double(), nullable=True),
        sa.Column("datum", sa.Text(), nullable=True),
        sa.Column("datum_evidence", sa.Text(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("town_code", sa.Text(), nullable=True),
        sa.Column("village_code", sa.Text(), nullable=True),
        sa.Column("cell_code", sa.Text(), nullable=True),
        sa.Column("place_level", sa.Text(), nullable=True),
    )


def index_geometry(table, columns=PLACED):
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column], unique=False, postgresql_using="gist")


def index_codes(table, *columns):
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def upgrade():
    # the district's own number; before it has one, that of the installation being made
    srid = context.config.attributes["metre_srid"] or metre_srid_of(op.get_bind())
    op.add_column("ticket", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_ticket_reported_at", "ticket", ["reported_at"], unique=False)
    op.create_index("ix_ticket_due_at", "ticket", ["due_at"], unique=False)
    op.create_table(
        "basemap_feature",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("from_zoom", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_ref", sa.Text(), nullable=False),
        sa.Column("geom", geometry("GEOMETRY", 4326), nullable=False),
        metre_twin("GEOMETRY", srid),
        sa.Column(
            "geom_web",
            geometry("GEOMETRY", 3857),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint(
            "theme IN ('road', 'rail', 'waterway', 'water', 'green', 'building')", name=op.f("ck_basemap_feature_theme")
        ),
        sa.CheckConstraint(
            "CASE WHEN theme IN ('road', 'rail', 'waterway') THEN geometrytype(geom) = 'MULTILINESTRING' "
            "ELSE geometrytype(geom) = 'MULTIPOLYGON' END",
            name=op.f("ck_basemap_feature_shape"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_basemap_feature")),
        sa.UniqueConstraint("source", "source_ref", name=op.f("uq_basemap_feature_source_source_ref")),
    )
    op.create_index("ix_basemap_feature_theme_from_zoom", "basemap_feature", ["theme", "from_zoom"], unique=False)
    index_geometry("basemap_feature", ("geom", "geom_m", "geom_web"))
    op.create_table(
        "project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("joint", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), server_default="proposed", nullable=False),
        sa.Column("lead_unit_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        *placed(),
        metre_twin("POINT", srid),
        sa.CheckConstraint(
            "joint IN ('party_building', 'governance', 'civility', 'welfare', 'culture', 'talent')",
            name=op.f("ck_project_joint"),
        ),
        sa.CheckConstraint(
            "stage IN ('proposed', 'agreed', 'running', 'done', 'stopped')", name=op.f("ck_project_stage")
        ),
        sa.CheckConstraint("level IN ('district', 'town', 'village')", name=op.f("ck_project_level")),
        sa.CheckConstraint(
            "ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name=op.f("ck_project_dates")
        ),
        sa.ForeignKeyConstraint(["lead_unit_id"], ["member_unit.id"], name=op.f("fk_project_lead_unit_id_member_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("code", name=op.f("uq_project_code")),
    )
    index_geometry("project")
    index_codes("project", "area_code", "lead_unit_id", "town_code", "village_code", "cell_code")
    op.create_table(
        "resource",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=True),
        sa.Column("available", sa.Text(), nullable=True),
        *placed(),
        metre_twin("POINT", srid),
        sa.ForeignKeyConstraint(["unit_id"], ["member_unit.id"], name=op.f("fk_resource_unit_id_member_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
        sa.UniqueConstraint("code", name=op.f("uq_resource_code")),
    )
    index_geometry("resource")
    index_codes("resource", "unit_id", "town_code", "village_code", "cell_code")
    op.create_table(
        "search_name",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_search_name")),
    )
    op.create_index(
        "ix_search_name_name",
        "search_name",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_search_name_initials",
        "search_name",
        ["initials"],
        unique=False,
        postgresql_ops={"initials": "text_pattern_ops"},
    )
    op.create_table(
        "search_index",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("data_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_search_index")),
    )
    op.create_table(
        "ticket_bin",
        sa.Column("z", sa.SmallInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("open_count", sa.Integer(), nullable=False),
        sa.Column("all_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("z", "x", "y", name=op.f("pk_ticket_bin")),
    )
    op.create_table(
        "ticket_bin_change",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("open_count", sa.Integer(), nullable=False),
        sa.Column("all_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_bin_change")),
    )
    op.create_table(
        "coverage_bin",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("z", sa.SmallInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total_m", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["coverage_run.id"], name=op.f("fk_coverage_bin_run_id_coverage_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "z", "x", "y", name=op.f("pk_coverage_bin")),
    )
    op.execute(TICKETS_ARE_COUNTED)
    for table in COUNTED:
        op.execute(COUNT_CHANGES.format(table=table))


def downgrade():
    for table in ("coverage_bin", "search_index", "search_name", "resource", "project", "basemap_feature"):
        op.drop_table(table)
    for event in ("insert", "update", "delete", "truncate"):
        op.execute(f"DROP TRIGGER ticket_bins_on_{event} ON ticket")
    op.execute("DROP FUNCTION note_ticket_bins, forget_ticket_bins, web_square")
    for table in ("ticket_bin_change", "ticket_bin"):
        op.drop_table(table)
    op.drop_column("ticket", "due_at")
    op.drop_index("ix_ticket_reported_at", "ticket")
    op.execute(
        "DELETE FROM data_version WHERE table_name IN ('gazetteer_entry', 'basemap_feature', 'project', 'resource')"
    )
    op.execute("DROP TRIGGER gazetteer_entry_counts_changes ON gazetteer_entry")
