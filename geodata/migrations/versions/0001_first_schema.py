"""first schema"""

import sqlalchemy as sa
from alembic import context, op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB

from geodata.errors import NotInitialised

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# History is appended, never edited: not even by the application's own role.
EVENTS_ARE_ONLY_ADDED = """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME;
    END $$;
    CREATE TRIGGER ticket_event_is_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket_event
       FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    CREATE FUNCTION count_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO data_version (table_name, version) VALUES (TG_TABLE_NAME, 1)
            ON CONFLICT (table_name) DO UPDATE SET version = data_version.version + 1;
        RETURN NULL;
    END $$;
    CREATE SEQUENCE ticket_number;
"""

# Tables whose tiles are cached: they change seldom, so one counter row each is no bottleneck.
COUNTED = (
    "area",
    "grid_cell",
    "duty_grid",
    "region",
    "responsibility_block",
    "responsibility_point",
    "member_unit",
    "coverage_run",
    "installation",
)

COUNT_CHANGES = """
    CREATE TRIGGER {table}_counts_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
       FOR EACH STATEMENT EXECUTE FUNCTION count_change();
"""


def geometry(kind, srid):
    """A typed column whose index is named apart, so that none is made twice."""
    return Geometry(kind, srid=srid, spatial_index=False)


def upgrade():
    metre_srid = context.config.attributes["metre_srid"]
    if metre_srid is None:
        raise NotInitialised
    for extension in ("postgis", "pg_trgm", "btree_gist"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("geom", geometry("MULTIPOLYGON", 4326), nullable=True),
        sa.Column("area_m2", sa.Float(), sa.Computed("ST_Area(geom::geography)", persisted=True), nullable=True),
        sa.Column("datum", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), server_default="imported", nullable=False),
        sa.Column(
            "geom_m",
            geometry("MULTIPOLYGON", metre_srid),
            sa.Computed(f"ST_Transform(geom, {metre_srid})", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "geom_web",
            geometry("MULTIPOLYGON", 3857),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint("level IN ('district', 'town', 'village')", name=op.f("ck_area_level")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_area_validity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("level", "code", "valid_from", name=op.f("uq_area_level_code_valid_from")),
    )
    op.create_index("ix_area_geom", "area", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("ix_area_geom_m", "area", ["geom_m"], unique=False, postgresql_using="gist")
    op.create_index("ix_area_geom_web", "area", ["geom_web"], unique=False, postgresql_using="gist")
    op.create_index("ix_area_level_parent_code", "area", ["level", "parent_code"], unique=False)
    op.create_table(
        "category",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("major_zh", sa.Text(), nullable=False),
        sa.Column("major_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("is_local", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_category")),
    )
    op.create_table(
        "cell_succession",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("old_code", sa.Text(), nullable=False),
        sa.Column("new_code", sa.Text(), nullable=False),
        sa.Column("cut_on", sa.Date(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_succession")),
        sa.UniqueConstraint("old_code", "new_code", "cut_on", name=op.f("uq_cell_succession_old_code_new_code_cut_on")),
    )
    op.create_index(op.f("ix_cell_succession_new_code"), "cell_succession", ["new_code"], unique=False)
    op.create_index(op.f("ix_cell_succession_old_code"), "cell_succession", ["old_code"], unique=False)
    op.create_table(
        "coverage_run",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("radius_m", sa.Double(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=True),
        sa.Column("data_key", sa.Text(), nullable=False),
        sa.Column("site_count", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_run")),
    )
    op.create_index(
        "ix_coverage_run_radius_m_category_code_id",
        "coverage_run",
        ["radius_m", "category_code", "id"],
        unique=False,
    )
    op.create_table(
        "data_version",
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("table_name", name=op.f("pk_data_version")),
    )
    op.create_table(
        "duty_grid",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("town_code", sa.Text(), nullable=True),
        sa.Column("post", sa.Text(), nullable=True),
        sa.Column("geom", geometry("MULTIPOLYGON", 4326), nullable=True),
        sa.Column(
            "geom_m",
            geometry("MULTIPOLYGON", metre_srid),
            sa.Computed(f"ST_Transform(geom, {metre_srid})", persisted=True),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_grid")),
        sa.UniqueConstraint("scheme", "code", name=op.f("uq_duty_grid_scheme_code")),
    )
    op.create_index("ix_duty_grid_geom", "duty_grid", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("ix_duty_grid_geom_m", "duty_grid", ["geom_m"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_duty_grid_town_code"), "duty_grid", ["town_code"], unique=False)
    op.create_table(
        "gazetteer_entry",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_norm", sa.Text(), nullable=False),
        sa.Column("road", sa.Text(), nullable=True),
        sa.Column("cross_road", sa.Text(), nullable=True),
        sa.Column("lane", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
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
        sa.Column(
            "geom_m",
            geometry("POINT", metre_srid),
            sa.Computed(f"ST_Transform(geom, {metre_srid})", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint("kind IN ('place', 'crossing', 'door')", name=op.f("ck_gazetteer_entry_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gazetteer_entry")),
        sa.UniqueConstraint(
            "kind",
            "name",
            "raw_x",
            "raw_y",
            "source",
            name=op.f("uq_gazetteer_entry_kind_name_raw_x_raw_y_source"),
        ),
    )
    op.create_index(op.f("ix_gazetteer_entry_cell_code"), "gazetteer_entry", ["cell_code"], unique=False)
    op.create_index("ix_gazetteer_entry_geom", "gazetteer_entry", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("ix_gazetteer_entry_geom_m", "gazetteer_entry", ["geom_m"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_gazetteer_entry_name_norm"), "gazetteer_entry", ["name_norm"], unique=False)
    op.create_index("ix_gazetteer_entry_road_cross_road", "gazetteer_entry", ["road", "cross_road"], unique=False)
    op.create_index("ix_gazetteer_entry_road_lane_number", "gazetteer_entry", ["road", "lane", "number"], unique=False)
    op.create_index(op.f("ix_gazetteer_entry_town_code"), "gazetteer_entry", ["town_code"], unique=False)
    op.create_index(op.f("ix_gazetteer_entry_village_code"), "gazetteer_entry", ["village_code"], unique=False)
    op.create_table(
        "geocode_result",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("target_kind", sa.Text(), nullable=False),
        sa.Column("target_code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("score", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("error_m", sa.Double(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("why", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("candidates", JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status IN ('accepted', 'review', 'decided')", name=op.f("ck_geocode_result_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_geocode_result")),
        sa.UniqueConstraint("target_kind", "target_code", name=op.f("uq_geocode_result_target_kind_target_code")),
    )
    op.create_index(
        "ix_geocode_result_status", "geocode_result", ["status", "target_kind", "target_code"], unique=False
    )
    op.create_table(
        "grid_cell",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("town_code", sa.Text(), nullable=True),
        sa.Column("village_code", sa.Text(), nullable=True),
        sa.Column("size_m", sa.Double(), nullable=True),
        sa.Column("gx", sa.Integer(), nullable=True),
        sa.Column("gy", sa.Integer(), nullable=True),
        sa.Column("is_whole", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_provisional", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("geom", geometry("MULTIPOLYGON", 4326), nullable=False),
        sa.Column(
            "geom_m",
            geometry("MULTIPOLYGON", metre_srid),
            sa.Computed(f"ST_Transform(geom, {metre_srid})", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "geom_web",
            geometry("MULTIPOLYGON", 3857),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_cell")),
    )
    op.create_index(op.f("ix_grid_cell_code"), "grid_cell", ["code"], unique=False)
    op.create_index("ix_grid_cell_geom", "grid_cell", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("ix_grid_cell_geom_m", "grid_cell", ["geom_m"], unique=False, postgresql_using="gist")
    op.create_index("ix_grid_cell_geom_web", "grid_cell", ["geom_web"], unique=False, postgresql_using="gist")
    op.create_index("ix_grid_cell_gx_gy", "grid_cell", ["gx", "gy"], unique=False)
    op.create_index(op.f("ix_grid_cell_town_code"), "grid_cell", ["town_code"], unique=False)
    op.create_index(op.f("ix_grid_cell_village_code"), "grid_cell", ["village_code"], unique=False)
    op.create_index(
        "uq_grid_cell_code_current",
        "grid_cell",
        ["code"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("datum", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("report", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("metre_srid", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("code_pattern", sa.Text(), nullable=False),
        sa.Column("max_distance_m", sa.Double(), server_default=sa.text("2000"), nullable=False),
        sa.Column("coverage_radius_m", sa.Double(), server_default=sa.text("500"), nullable=False),
        sa.Column("is_made_up", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "region",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("town_code", sa.Text(), nullable=True),
        sa.Column("geom", geometry("MULTIPOLYGON", 4326), nullable=True),
        sa.Column(
            "geom_m",
            geometry("MULTIPOLYGON", metre_srid),
            sa.Computed(f"ST_Transform(geom, {metre_srid})", persisted=True),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        sa.UniqueConstraint("code", name=op.f("uq_region_code")),
    )
    op.create_index("ix_region_geom", "region", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("ix_region_geom_m", "region", ["geom_m"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_region_town_code"), "region", ["town_code"], unique=False)
    op.create_table(
        "service_team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("town_code", sa.Text(), nullable=True),
        sa.Column("contact_role", sa.Text(), nullable=True),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_team")),
        sa.UniqueConstraint("code", name=op.f("uq_service_team_code")),
    )
    op.create_index(op.f("ix_service_team_town_code"), "service_team", ["town_code"], unique=False)
    op.create_table(
        "unit_kind",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_unit_kind")),
        sa.UniqueConstraint("name_en", name=op.f("uq_unit_kind_name_en")),
        sa.UniqueConstraint("name_zh", name=op.f("uq_unit_kind_name_zh")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "role IN ('viewer','officer','town_office','planner','district','admin')",
            name=op.f("ck_user_account_role"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("name", name=op.f("uq_user_account_name")),
    )
    op.create_table(
        "coverage_area",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("covered_m2", sa.Double(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("site_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("level IN ('district', 'town', 'village')", name=op.f("ck_coverage_area_level")),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["coverage_run.id"],
            name=op.f("fk_coverage_area_run_id_coverage_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", "level", "code", name=op.f("pk_coverage_area")),
    )
    op.create_table(
        "coverage_cell",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("cell_code", sa.Text(), nullable=False),
        sa.Column("nearest_m", sa.Double(), nullable=True),
        sa.Column("unit_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["coverage_run.id"],
            name=op.f("fk_coverage_cell_run_id_coverage_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", "cell_code", name=op.f("pk_coverage_cell")),
    )
    op.create_table(
        "coverage_gap",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("geom", geometry("MULTIPOLYGON", 4326), nullable=False),
        sa.Column(
            "geom_m",
            geometry("MULTIPOLYGON", metre_srid),
            sa.Computed(f"ST_Transform(geom, {metre_srid})", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "geom_web",
            geometry("MULTIPOLYGON", 3857),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["coverage_run.id"],
            name=op.f("fk_coverage_gap_run_id_coverage_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_gap")),
    )
    op.create_index("ix_coverage_gap_geom", "coverage_gap", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("ix_coverage_gap_geom_m", "coverage_gap", ["geom_m"], unique=False, postgresql_using="gist")
    op.create_index("ix_coverage_gap_geom_web", "coverage_gap", ["geom_web"], unique=False, postgresql_using="gist")
    op.create_index("ix_coverage_gap_run_id_rank", "coverage_gap", ["run_id", "rank"], unique=True)
    op.create_table(
        "duty_grid_cell",
        sa.Column("duty_grid_id", sa.Integer(), nullable=False),
        sa.Column("cell_code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["duty_grid_id"],
            ["duty_grid.id"],
            name=op.f("fk_duty_grid_cell_duty_grid_id_duty_grid"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("duty_grid_id", "cell_code", name=op.f("pk_duty_grid_cell")),
    )
    op.create_index(op.f("ix_duty_grid_cell_cell_code"), "duty_grid_cell", ["cell_code"], unique=False)
    op.create_table(
        "duty_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("unit_kind", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("town_code", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("role IN ('find', 'handle', 'assist')", name=op.f("ck_duty_rule_role")),
        sa.ForeignKeyConstraint(["category_code"], ["category.code"], name=op.f("fk_duty_rule_category_code_category")),
        sa.ForeignKeyConstraint(["unit_kind"], ["unit_kind.code"], name=op.f("fk_duty_rule_unit_kind_unit_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_rule")),
        sa.UniqueConstraint(
            "category_code",
            "unit_kind",
            "role",
            "town_code",
            name=op.f("uq_duty_rule_category_code_unit_kind_role_town_code"),
        ),
    )
    op.create_index(op.f("ix_duty_rule_category_code"), "duty_rule", ["category_code"], unique=False)
    op.create_table(
        "member_unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("liaison_role", sa.Text(), nullable=True),
        sa.Column("liaison_phone", sa.Text(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("opening_hours", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("place_level", sa.Text(), nullable=True),
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
        sa.Column(
            "geom_m",
            geometry("POINT", metre_srid),
            sa.Computed(f"ST_Transform(geom, {metre_srid})", persisted=True),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["kind"], ["unit_kind.code"], name=op.f("fk_member_unit_kind_unit_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_member_unit_code")),
    )
    op.create_index(op.f("ix_member_unit_cell_code"), "member_unit", ["cell_code"], unique=False)
    op.create_index("ix_member_unit_geom", "member_unit", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("ix_member_unit_geom_m", "member_unit", ["geom_m"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_member_unit_kind"), "member_unit", ["kind"], unique=False)
    op.create_index(op.f("ix_member_unit_name"), "member_unit", ["name"], unique=False)
    op.create_index(op.f("ix_member_unit_town_code"), "member_unit", ["town_code"], unique=False)
    op.create_index(op.f("ix_member_unit_village_code"), "member_unit", ["village_code"], unique=False)
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("level IN ('district', 'town', 'village')", name=op.f("ck_membership_level")),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["member_unit.id"],
            name=op.f("fk_membership_unit_id_member_unit"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint(
            "unit_id",
            "level",
            "area_code",
            "valid_from",
            name=op.f("uq_membership_unit_id_level_area_code_valid_from"),
        ),
    )
    op.create_index(op.f("ix_membership_area_code"), "membership", ["area_code"], unique=False)
    op.create_index(op.f("ix_membership_unit_id"), "membership", ["unit_id"], unique=False)
    op.create_table(
        "responsibility_block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=True),
        sa.Column("town_code", sa.Text(), nullable=True),
        sa.Column("holder_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("geom", geometry("MULTIPOLYGON", 4326), nullable=True),
        sa.Column(
            "geom_m",
            geometry("MULTIPOLYGON", metre_srid),
            sa.Computed(f"ST_Transform(geom, {metre_srid})", persisted=True),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["member_unit.id"], name=op.f("fk_responsibility_block_holder_id_member_unit")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["service_team.id"], name=op.f("fk_responsibility_block_team_id_service_team")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsibility_block")),
        sa.UniqueConstraint("code", name=op.f("uq_responsibility_block_code")),
    )
    op.create_index(
        "ix_responsibility_block_geom",
        "responsibility_block",
        ["geom"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(
        "ix_responsibility_block_geom_m",
        "responsibility_block",
        ["geom_m"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(op.f("ix_responsibility_block_holder_id"), "responsibility_block", ["holder_id"], unique=False)
    op.create_index(op.f("ix_responsibility_block_region_code"), "responsibility_block", ["region_code"], unique=False)
    op.create_index(op.f("ix_responsibility_block_team_id"), "responsibility_block", ["team_id"], unique=False)
    op.create_index(op.f("ix_responsibility_block_town_code"), "responsibility_block", ["town_code"], unique=False)
    op.create_table(
        "responsibility_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("block_code", sa.Text(), nullable=True),
        sa.Column("holder_id", sa.Integer(), nullable=True),
        sa.Column("radius_m", sa.Double(), server_default="50", nullable=False),
        sa.Column("place_level", sa.Text(), nullable=True),
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
        sa.Column(
            "geom_m",
            geometry("POINT", metre_srid),
            sa.Computed(f"ST_Transform(geom, {metre_srid})", persisted=True),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["member_unit.id"], name=op.f("fk_responsibility_point_holder_id_member_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsibility_point")),
        sa.UniqueConstraint("code", name=op.f("uq_responsibility_point_code")),
    )
    op.create_index(op.f("ix_responsibility_point_block_code"), "responsibility_point", ["block_code"], unique=False)
    op.create_index(op.f("ix_responsibility_point_cell_code"), "responsibility_point", ["cell_code"], unique=False)
    op.create_index(
        "ix_responsibility_point_geom",
        "responsibility_point",
        ["geom"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(
        "ix_responsibility_point_geom_m",
        "responsibility_point",
        ["geom_m"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(op.f("ix_responsibility_point_holder_id"), "responsibility_point", ["holder_id"], unique=False)
    op.create_index(op.f("ix_responsibility_point_name"), "responsibility_point", ["name"], unique=False)
    op.create_index(op.f("ix_responsibility_point_town_code"), "responsibility_point", ["town_code"], unique=False)
    op.create_index(
        op.f("ix_responsibility_point_village_code"), "responsibility_point", ["village_code"], unique=False
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_ref", sa.Text(), nullable=True),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("office_code", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
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
        sa.Column(
            "geom_m",
            geometry("POINT", metre_srid),
            sa.Computed(f"ST_Transform(geom, {metre_srid})", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint(
            "state IN ('draft','reported','verifying','filed','dispatched','accepted','handling','waiting','done','checking','closed','returned','cancelled','merged','reopened')",
            name=op.f("ck_ticket_state"),
        ),
        sa.ForeignKeyConstraint(["category_code"], ["category.code"], name=op.f("fk_ticket_category_code_category")),
        sa.ForeignKeyConstraint(["unit_id"], ["member_unit.id"], name=op.f("fk_ticket_unit_id_member_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("number", name=op.f("uq_ticket_number")),
        sa.UniqueConstraint("source", "source_ref", name=op.f("uq_ticket_source_source_ref")),
    )
    op.create_index("ix_ticket_category_code", "ticket", ["category_code"], unique=False)
    op.create_index(op.f("ix_ticket_cell_code"), "ticket", ["cell_code"], unique=False)
    op.create_index("ix_ticket_geom", "ticket", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("ix_ticket_geom_m", "ticket", ["geom_m"], unique=False, postgresql_using="gist")
    op.create_index("ix_ticket_state_reported_at", "ticket", ["state", "reported_at"], unique=False)
    op.create_index(op.f("ix_ticket_town_code"), "ticket", ["town_code"], unique=False)
    op.create_index(op.f("ix_ticket_unit_id"), "ticket", ["unit_id"], unique=False)
    op.create_index(op.f("ix_ticket_village_code"), "ticket", ["village_code"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("office_code", sa.Text(), nullable=True),
        sa.Column("record", JSONB(), nullable=False),
        sa.CheckConstraint("outcome IN ('unit', 'town_office')", name=op.f("ck_assignment_outcome")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_assignment_ticket_id_ticket")),
        sa.ForeignKeyConstraint(["unit_id"], ["member_unit.id"], name=op.f("fk_assignment_unit_id_member_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index("ix_assignment_ticket_id_id", "assignment", ["ticket_id", "id"], unique=False)
    op.create_table(
        "ticket_event",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("facts", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_event_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_event")),
        sa.UniqueConstraint("ticket_id", "seq", name=op.f("uq_ticket_event_ticket_id_seq")),
    )
    op.execute(EVENTS_ARE_ONLY_ADDED)
    for table in COUNTED:
        op.execute(COUNT_CHANGES.format(table=table))


def downgrade():
    # There is nothing before the first schema but an empty database.
    raise NotImplementedError
