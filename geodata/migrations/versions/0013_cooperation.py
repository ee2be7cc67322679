"""co-governance: network, duty ground, demands, pledges, meetings, whistles, registrations, evaluation, roster"""

import sqlalchemy as sa
from alembic import context, op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from geodata.migrations import metre_srid_of

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PLACED = ("meeting", "demand", "pledge", "whistle_call")
COUNTED = ("service_team", "meeting", "demand", "pledge", "whistle_call", "shared_service")

LAST_DAY = """CAST(make_date(
    CAST(left(period, 4) AS integer),
    CASE WHEN length(period) = 4 THEN 12
         WHEN substr(period, 6, 1) = 'Q' THEN 3 * CAST(substr(period, 7, 1) AS integer)
         ELSE CAST(substr(period, 6, 2) AS integer) END,
    1) + INTERVAL '1 month' - INTERVAL '1 day' AS date)"""

COUNT_CHANGES = """
    CREATE TRIGGER {table}_counts_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
       FOR EACH STATEMENT EXECUTE FUNCTION count_change();
"""

# What happened to a project stays as it was written, like the history of a ticket.
EVENTS_ARE_ONLY_ADDED = """
    CREATE TRIGGER project_event_is_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON project_event
       FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


# Times of a unit in one area that overlap are one; the first row of such a run takes the whole of it. What
# ended before it began never was.
MEMBERSHIPS_THAT_NEVER_WERE = "DELETE FROM membership WHERE valid_to <= valid_from"
MEMBERSHIP_RUNS = """
    CREATE TEMPORARY TABLE membership_run ON COMMIT DROP AS
    SELECT m.id, m.valid_from, m.valid_to,
           first_value(m.id) OVER (PARTITION BY m.unit_id, m.level, m.area_code, m.run ORDER BY m.valid_from) AS kept,
           max(COALESCE(m.valid_to, 'infinity'))
               OVER (PARTITION BY m.unit_id, m.level, m.area_code, m.run) AS until
      FROM (SELECT b.*, count(*) FILTER (WHERE b.begins)
                            OVER (PARTITION BY b.unit_id, b.level, b.area_code ORDER BY b.valid_from) AS run
              FROM (SELECT a.*, COALESCE(a.valid_from >= max(COALESCE(a.valid_to, 'infinity'))
                            OVER (PARTITION BY a.unit_id, a.level, a.area_code ORDER BY a.valid_from
                                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true) AS begins
                      FROM membership AS a) AS b) AS m
"""
MEMBERSHIPS_OF_A_RUN = "DELETE FROM membership AS m USING membership_run AS r WHERE r.id = m.id AND r.kept <> m.id"
MEMBERSHIP_OF_A_RUN = """
    UPDATE membership AS m
       SET valid_to = NULLIF(r.until, 'infinity')
      FROM membership_run AS r
     WHERE r.id = m.id AND m.valid_to IS DISTINCT FROM NULLIF(r.until, 'infinity')
"""


MEMBERSHIPS_ONE_AT_A_TIME = """
    ALTER TABLE membership ADD CONSTRAINT ex_membership_one_at_a_time
        EXCLUDE USING gist (unit_id WITH =, level WITH =, area_code WITH =, daterange(valid_from, valid_to) WITH &&)
        DEFERRABLE INITIALLY IMMEDIATE
"""


def placed(metre_srid):
    """The columns of a point on the ground, the numbers it came from, and the areas it lies in."""
    point = Geometry("POINT", srid=4326, spatial_index=False)
    twin = Geometry("POINT", srid=metre_srid, spatial_index=False)
    texts = ("datum", "datum_evidence", "address", "town_code", "village_code", "cell_code")
    return (
        sa.Column("geom", point, nullable=True),
        sa.Column("geom_m", twin, sa.Computed(f"ST_Transform(geom, {metre_srid})", persisted=True), nullable=True),
        *(sa.Column(name, sa.Double(), nullable=True) for name in ("raw_x", "raw_y", "accuracy_m")),
        *(sa.Column(name, sa.Text(), nullable=True) for name in texts),
    )


def one_at_a_time(name, *within, time="daterange(valid_from, valid_to)", where=None):
    """Rows that share some columns may not meet in time."""
    return postgresql.ExcludeConstraint(
        *((sa.column(each), "=") for each in within),
        (sa.text(time), "&&"),
        using="gist",
        name=f"ex_{name}",
        where=None if where is None else sa.text(where),
        deferrable=True,
        initially="IMMEDIATE",
    )


def upgrade():
    metre_srid = context.config.attributes["metre_srid"] or metre_srid_of(op.get_bind())
    _demands(metre_srid)
    _network()
    _systems()
    _pledges(metre_srid)
    _meetings(metre_srid)
    _columns()
    _memberships()
    for table in PLACED:
        for column in ("geom", "geom_m"):
            op.create_index(f"ix_{table}_{column}", table, [column], unique=False, postgresql_using="gist")
        for column in ("town_code", "village_code", "cell_code"):
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
    for table in COUNTED:
        op.execute(COUNT_CHANGES.format(table=table))
    op.execute(EVENTS_ARE_ONLY_ADDED)


def _demands(metre_srid):
    op.create_table(
        "resource_kind",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_resource_kind")),
        sa.UniqueConstraint("name_en", name=op.f("uq_resource_kind_name_en")),
        sa.UniqueConstraint("name_zh", name=op.f("uq_resource_kind_name_zh")),
    )
    op.create_table(
        "demand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind_code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("needed_from", sa.Date(), nullable=True),
        sa.Column("needed_until", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("posted_by", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("place_level", sa.Text(), nullable=True),
        *placed(metre_srid),
        sa.CheckConstraint("level IN ('district', 'town', 'village')", name=op.f("ck_demand_level")),
        sa.CheckConstraint("state IN ('open', 'matched', 'met', 'withdrawn')", name=op.f("ck_demand_state")),
        sa.CheckConstraint(
            "needed_until IS NULL OR needed_from IS NULL OR needed_until >= needed_from", name=op.f("ck_demand_days")
        ),
        sa.CheckConstraint("people > 0", name=op.f("ck_demand_people")),
        sa.ForeignKeyConstraint(["kind_code"], ["resource_kind.code"], name=op.f("fk_demand_kind_code_resource_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand")),
        sa.UniqueConstraint("code", name=op.f("uq_demand_code")),
    )
    op.create_index(op.f("ix_demand_area_code"), "demand", ["area_code"], unique=False)
    op.create_index(op.f("ix_demand_kind_code"), "demand", ["kind_code"], unique=False)
    op.create_index(op.f("ix_demand_state"), "demand", ["state"], unique=False)
    op.create_table(
        "joint_match",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("demand_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="proposed", nullable=False),
        sa.Column("reasons", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('proposed', 'accepted', 'declined')", name=op.f("ck_joint_match_state")),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["demand.id"], name=op.f("fk_joint_match_demand_id_demand"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_joint_match_project_id_project")),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_joint_match_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_match")),
        sa.UniqueConstraint("demand_id", "resource_id", name=op.f("uq_joint_match_demand_id_resource_id")),
    )
    op.create_index(op.f("ix_joint_match_project_id"), "joint_match", ["project_id"], unique=False)
    op.create_index(op.f("ix_joint_match_resource_id"), "joint_match", ["resource_id"], unique=False)
    op.create_table(
        "project_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_stage", sa.Text(), nullable=True),
        sa.Column("to_stage", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_event_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_event")),
        sa.UniqueConstraint("project_id", "seq", name=op.f("uq_project_event_project_id_seq")),
    )
    op.create_table(
        "project_partner",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Text(), server_default="partner", nullable=False),
        sa.CheckConstraint("part IN ('partner', 'support')", name=op.f("ck_project_partner_part")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_partner_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["member_unit.id"], name=op.f("fk_project_partner_unit_id_member_unit"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "unit_id", name=op.f("pk_project_partner")),
    )
    op.create_index(op.f("ix_project_partner_unit_id"), "project_partner", ["unit_id"], unique=False)


def _network():
    op.create_table(
        "area_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.CheckConstraint("level IN ('district', 'town', 'village')", name=op.f("ck_area_contact_level")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_contact")),
        sa.UniqueConstraint(
            "level", "area_code", "topic", "role", name=op.f("uq_area_contact_level_area_code_topic_role")
        ),
    )
    op.create_index(op.f("ix_area_contact_area_code"), "area_contact", ["area_code"], unique=False)
    op.create_table(
        "convener_term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        one_at_a_time("convener_term_one_at_a_time", "level", "area_code"),
        sa.CheckConstraint("level IN ('district', 'town', 'village')", name=op.f("ck_convener_term_level")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_convener_term_span")),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["member_unit.id"], name=op.f("fk_convener_term_unit_id_member_unit"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convener_term")),
        sa.UniqueConstraint(
            "level", "area_code", "valid_from", name=op.f("uq_convener_term_level_area_code_valid_from")
        ),
    )
    op.create_index(op.f("ix_convener_term_area_code"), "convener_term", ["area_code"], unique=False)
    op.create_index(op.f("ix_convener_term_unit_id"), "convener_term", ["unit_id"], unique=False)
    op.create_table(
        "conference_seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Text(), server_default="member", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "body IN ('joint_conference', 'congress', 'committee', 'village_meeting')",
            name=op.f("ck_conference_seat_body"),
        ),
        sa.CheckConstraint("level IN ('district', 'town', 'village')", name=op.f("ck_conference_seat_level")),
        sa.CheckConstraint("position IN ('chair', 'deputy', 'member')", name=op.f("ck_conference_seat_position")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_conference_seat_span")),
        one_at_a_time("conference_seat_one_at_a_time", "level", "area_code", "body", "unit_id"),
        one_at_a_time("conference_seat_one_chair", "level", "area_code", "body", where="position = 'chair'"),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["member_unit.id"], name=op.f("fk_conference_seat_unit_id_member_unit"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conference_seat")),
        sa.UniqueConstraint(
            "level",
            "area_code",
            "body",
            "unit_id",
            "valid_from",
            name=op.f("uq_conference_seat_level_area_code_body_unit_id_valid_from"),
        ),
    )
    op.create_index(op.f("ix_conference_seat_area_code"), "conference_seat", ["area_code"], unique=False)
    op.create_index(op.f("ix_conference_seat_unit_id"), "conference_seat", ["unit_id"], unique=False)
    op.create_table(
        "pilot_area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("level IN ('district', 'town', 'village')", name=op.f("ck_pilot_area_level")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_pilot_area_span")),
        one_at_a_time("pilot_area_one_at_a_time", "level", "area_code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot_area")),
        sa.UniqueConstraint("level", "area_code", "valid_from", name=op.f("uq_pilot_area_level_area_code_valid_from")),
    )
    op.create_index(op.f("ix_pilot_area_area_code"), "pilot_area", ["area_code"], unique=False)
    op.create_table(
        "duty_deputy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("of_kind", sa.Text(), nullable=False),
        sa.Column("of_code", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.CheckConstraint("of_kind IN ('region', 'block', 'point', 'team')", name=op.f("ck_duty_deputy_of_kind")),
        sa.CheckConstraint("rank > 0", name=op.f("ck_duty_deputy_rank")),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["member_unit.id"], name=op.f("fk_duty_deputy_unit_id_member_unit"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_deputy")),
        sa.UniqueConstraint("of_kind", "of_code", "rank", name=op.f("uq_duty_deputy_of_kind_of_code_rank")),
    )
    op.create_index(op.f("ix_duty_deputy_of_code"), "duty_deputy", ["of_code"], unique=False)
    op.create_index(op.f("ix_duty_deputy_unit_id"), "duty_deputy", ["unit_id"], unique=False)


def _systems():
    op.create_table(
        "registration_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("of_kind", sa.Text(), nullable=False),
        sa.Column("of_code", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Date(), sa.Computed(LAST_DAY, persisted=True), nullable=False),
        sa.Column("members_total", sa.Integer(), nullable=True),
        sa.Column("members_registered", sa.Integer(), nullable=True),
        sa.Column("units_registered", sa.Integer(), nullable=True),
        sa.Column("pledges_claimed", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "of_kind IN ('unit', 'village', 'town', 'district')", name=op.f("ck_registration_count_of_kind")
        ),
        sa.CheckConstraint(
            "members_registered <= members_total", name=op.f("ck_registration_count_members_registered")
        ),
        sa.CheckConstraint(
            "members_total >= 0 AND members_registered >= 0", name=op.f("ck_registration_count_members")
        ),
        sa.CheckConstraint("units_registered >= 0 AND pledges_claimed >= 0", name=op.f("ck_registration_count_others")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_count")),
        sa.UniqueConstraint("of_kind", "of_code", "period", name=op.f("uq_registration_count_of_kind_of_code_period")),
    )
    op.create_index(op.f("ix_registration_count_of_code"), "registration_count", ["of_code"], unique=False)
    op.create_index(op.f("ix_registration_count_period"), "registration_count", ["period"], unique=False)
    op.create_table(
        "index_weight",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("index", sa.Text(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("subject IN ('unit', 'village', 'town')", name=op.f("ck_index_weight_subject")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_index_weight_span")),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_index_weight_weight")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_weight")),
        sa.UniqueConstraint("subject", "index", "valid_from", name=op.f("uq_index_weight_subject_index_valid_from")),
    )
    op.create_table(
        "evaluation_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("weights", postgresql.JSONB(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("subject IN ('unit', 'village', 'town')", name=op.f("ck_evaluation_run_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_run")),
    )
    op.create_index(op.f("ix_evaluation_run_period"), "evaluation_run", ["period"], unique=False)
    op.create_table(
        "evaluation_row",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["evaluation_run.id"], name=op.f("fk_evaluation_row_run_id_evaluation_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "code", name=op.f("pk_evaluation_row")),
    )
    op.create_table(
        "stated_figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Date(), sa.Computed(LAST_DAY, persisted=True), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.CheckConstraint("level IN ('district', 'town', 'village')", name=op.f("ck_stated_figure_level")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stated_figure")),
        sa.UniqueConstraint(
            "figure", "level", "area_code", "period", name=op.f("uq_stated_figure_figure_level_area_code_period")
        ),
    )
    op.create_index(op.f("ix_stated_figure_area_code"), "stated_figure", ["area_code"], unique=False)
    op.create_table(
        "shared_service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("of_kind", sa.Text(), nullable=False),
        sa.Column("of_code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.CheckConstraint("level IN ('district', 'town', 'village')", name=op.f("ck_shared_service_level")),
        sa.CheckConstraint("of_kind IN ('team', 'point')", name=op.f("ck_shared_service_of_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_service")),
        sa.UniqueConstraint(
            "of_kind", "of_code", "level", "area_code", name=op.f("uq_shared_service_of_kind_of_code_level_area_code")
        ),
    )
    op.create_index(op.f("ix_shared_service_area_code"), "shared_service", ["area_code"], unique=False)
    op.create_index(op.f("ix_shared_service_of_code"), "shared_service", ["of_code"], unique=False)
    op.create_table(
        "roster_turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("of_kind", sa.Text(), nullable=False),
        sa.Column("of_code", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.CheckConstraint("of_kind IN ('team', 'point')", name=op.f("ck_roster_turn_of_kind")),
        sa.CheckConstraint("closes > opens", name=op.f("ck_roster_turn_spell")),
        one_at_a_time("roster_turn_one_at_a_time", "of_kind", "of_code", time="tsrange(day + opens, day + closes)"),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["member_unit.id"], name=op.f("fk_roster_turn_unit_id_member_unit"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_turn")),
        sa.UniqueConstraint(
            "of_kind", "of_code", "day", "opens", name=op.f("uq_roster_turn_of_kind_of_code_day_opens")
        ),
    )
    op.create_index(op.f("ix_roster_turn_day"), "roster_turn", ["day"], unique=False)
    op.create_index(op.f("ix_roster_turn_of_code"), "roster_turn", ["of_code"], unique=False)
    op.create_index(op.f("ix_roster_turn_unit_id"), "roster_turn", ["unit_id"], unique=False)


def _pledges(metre_srid):
    op.create_table(
        "pledge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category_codes", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("area_code", sa.Text(), nullable=True),
        sa.Column("radius_m", sa.Double(), nullable=True),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("place_level", sa.Text(), nullable=True),
        *placed(metre_srid),
        sa.CheckConstraint("level IN ('district', 'town', 'village')", name=op.f("ck_pledge_level")),
        sa.CheckConstraint("(level IS NULL) = (area_code IS NULL)", name=op.f("ck_pledge_area")),
        sa.CheckConstraint("radius_m > 0", name=op.f("ck_pledge_radius_m")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_pledge_span")),
        sa.ForeignKeyConstraint(["unit_id"], ["member_unit.id"], name=op.f("fk_pledge_unit_id_member_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge")),
        sa.UniqueConstraint("code", name=op.f("uq_pledge_code")),
    )
    op.create_index(op.f("ix_pledge_area_code"), "pledge", ["area_code"], unique=False)
    op.create_index(op.f("ix_pledge_unit_id"), "pledge", ["unit_id"], unique=False)
    op.create_index("ix_pledge_category_codes", "pledge", ["category_codes"], unique=False, postgresql_using="gin")
    op.create_table(
        "pledge_kept",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pledge_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["pledge.id"], name=op.f("fk_pledge_kept_pledge_id_pledge"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_pledge_kept_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_kept")),
        sa.UniqueConstraint("pledge_id", "ticket_id", name=op.f("uq_pledge_kept_pledge_id_ticket_id")),
    )
    op.create_index(op.f("ix_pledge_kept_ticket_id"), "pledge_kept", ["ticket_id"], unique=False)


def _meetings(metre_srid):
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("agenda", sa.Text(), nullable=True),
        sa.Column("minutes", sa.Text(), nullable=True),
        sa.Column("place_level", sa.Text(), nullable=True),
        *placed(metre_srid),
        sa.CheckConstraint(
            "body IN ('joint_conference', 'congress', 'committee', 'village_meeting')", name=op.f("ck_meeting_body")
        ),
        sa.CheckConstraint("level IN ('district', 'town', 'village')", name=op.f("ck_meeting_level")),
        sa.CheckConstraint("state IN ('planned', 'held', 'cancelled')", name=op.f("ck_meeting_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("code", name=op.f("uq_meeting_code")),
    )
    op.create_index(op.f("ix_meeting_area_code"), "meeting", ["area_code"], unique=False)
    op.create_index(op.f("ix_meeting_held_at"), "meeting", ["held_at"], unique=False)
    op.create_table(
        "meeting_seat",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Text(), server_default="member", nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=True),
        sa.CheckConstraint("position IN ('chair', 'deputy', 'member')", name=op.f("ck_meeting_seat_position")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_seat_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["member_unit.id"], name=op.f("fk_meeting_seat_unit_id_member_unit"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "unit_id", name=op.f("pk_meeting_seat")),
    )
    op.create_index(op.f("ix_meeting_seat_unit_id"), "meeting_seat", ["unit_id"], unique=False)
    op.create_table(
        "whistle_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("meet_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="called", nullable=False),
        sa.Column("minutes", sa.Text(), nullable=True),
        sa.Column("called_by", sa.Text(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place_level", sa.Text(), nullable=True),
        *placed(metre_srid),
        sa.CheckConstraint("level IN ('district', 'town', 'village')", name=op.f("ck_whistle_call_level")),
        sa.CheckConstraint("state IN ('called', 'met', 'closed', 'cancelled')", name=op.f("ck_whistle_call_state")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_whistle_call_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whistle_call")),
        sa.UniqueConstraint("code", name=op.f("uq_whistle_call_code")),
    )
    op.create_index(op.f("ix_whistle_call_area_code"), "whistle_call", ["area_code"], unique=False)
    op.create_index(op.f("ix_whistle_call_meet_at"), "whistle_call", ["meet_at"], unique=False)
    op.create_index(op.f("ix_whistle_call_ticket_id"), "whistle_call", ["ticket_id"], unique=False)
    op.create_table(
        "whistle_invitee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("office_code", sa.Text(), nullable=True),
        sa.Column("part", sa.Text(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_lon", sa.Double(), nullable=True),
        sa.Column("arrived_lat", sa.Double(), nullable=True),
        sa.Column("arrived_m", sa.Double(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("(unit_id IS NULL) <> (office_code IS NULL)", name=op.f("ck_whistle_invitee_who")),
        sa.CheckConstraint("arrived_m >= 0", name=op.f("ck_whistle_invitee_arrived_m")),
        sa.ForeignKeyConstraint(
            ["call_id"], ["whistle_call.id"], name=op.f("fk_whistle_invitee_call_id_whistle_call"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["member_unit.id"], name=op.f("fk_whistle_invitee_unit_id_member_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whistle_invitee")),
        sa.UniqueConstraint("call_id", "seq", name=op.f("uq_whistle_invitee_call_id_seq")),
    )
    op.create_index(op.f("ix_whistle_invitee_unit_id"), "whistle_invitee", ["unit_id"], unique=False)
    op.create_table(
        "resolution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("whistle_id", sa.Integer(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("target_kind", sa.Text(), nullable=True),
        sa.Column("target_code", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'done', 'dropped')", name=op.f("ck_resolution_state")),
        sa.CheckConstraint("target_kind IN ('ticket', 'project', 'demand')", name=op.f("ck_resolution_target_kind")),
        sa.CheckConstraint("(meeting_id IS NULL) <> (whistle_id IS NULL)", name=op.f("ck_resolution_origin")),
        sa.CheckConstraint("(target_kind IS NULL) = (target_code IS NULL)", name=op.f("ck_resolution_target")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_resolution_meeting_id_meeting"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["member_unit.id"], name=op.f("fk_resolution_unit_id_member_unit")),
        sa.ForeignKeyConstraint(
            ["whistle_id"], ["whistle_call.id"], name=op.f("fk_resolution_whistle_id_whistle_call"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resolution")),
        sa.UniqueConstraint("meeting_id", "seq", name=op.f("uq_resolution_meeting_id_seq")),
        sa.UniqueConstraint("whistle_id", "seq", name=op.f("uq_resolution_whistle_id_seq")),
    )
    op.create_index(op.f("ix_resolution_state"), "resolution", ["state"], unique=False)
    op.create_index(op.f("ix_resolution_target_code"), "resolution", ["target_code"], unique=False)
    op.create_index(op.f("ix_resolution_unit_id"), "resolution", ["unit_id"], unique=False)


def _columns():
    op.add_column("duty_rule", sa.Column("rule_code", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "duty_rule", sa.Column("valid_from", sa.Date(), server_default=sa.text("'1900-01-01'"), nullable=False)
    )
    op.add_column("duty_rule", sa.Column("valid_to", sa.Date(), nullable=True))
    op.drop_constraint(op.f("uq_duty_rule_category_code_unit_kind_role_town_code"), "duty_rule", type_="unique")
    op.create_unique_constraint(
        "uq_duty_rule_line", "duty_rule", ["category_code", "unit_kind", "role", "town_code", "rule_code", "valid_from"]
    )
    op.add_column("project", sa.Column("people_served", sa.Integer(), nullable=True))
    op.add_column("project", sa.Column("demand_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_project_demand_id"), "project", ["demand_id"], unique=False)
    op.create_foreign_key(op.f("fk_project_demand_id_demand"), "project", "demand", ["demand_id"], ["id"])
    op.add_column("region", sa.Column("holder_id", sa.Integer(), nullable=True))
    op.add_column("region", sa.Column("holder_role", sa.Text(), nullable=True))
    op.create_index(op.f("ix_region_holder_id"), "region", ["holder_id"], unique=False)
    op.create_foreign_key(op.f("fk_region_holder_id_member_unit"), "region", "member_unit", ["holder_id"], ["id"])
    op.add_column("resource", sa.Column("kind_code", sa.Text(), nullable=True))
    op.add_column("resource", sa.Column("audience", sa.Text(), nullable=True))
    op.add_column("resource", sa.Column("capacity_count", sa.Integer(), nullable=True))
    op.add_column("resource", sa.Column("hours", sa.Text(), nullable=True))
    op.add_column("resource", sa.Column("valid_from", sa.Date(), nullable=True))
    op.add_column("resource", sa.Column("valid_to", sa.Date(), nullable=True))
    op.create_index(op.f("ix_resource_kind_code"), "resource", ["kind_code"], unique=False)
    op.create_foreign_key(
        op.f("fk_resource_kind_code_resource_kind"), "resource", "resource_kind", ["kind_code"], ["code"]
    )
    op.add_column("responsibility_block", sa.Column("holder_role", sa.Text(), nullable=True))
    op.add_column("responsibility_point", sa.Column("holder_role", sa.Text(), nullable=True))
    op.add_column("service_team", sa.Column("holder_id", sa.Integer(), nullable=True))
    op.add_column("service_team", sa.Column("holder_role", sa.Text(), nullable=True))
    op.create_index(op.f("ix_service_team_holder_id"), "service_team", ["holder_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_service_team_holder_id_member_unit"), "service_team", "member_unit", ["holder_id"], ["id"]
    )
    op.create_check_constraint(op.f("ck_duty_rule_span"), "duty_rule", "valid_to IS NULL OR valid_to > valid_from")
    op.create_check_constraint(
        op.f("ck_resource_span"), "resource", "valid_to IS NULL OR valid_from IS NULL OR valid_to > valid_from"
    )
    op.create_check_constraint(op.f("ck_resource_capacity_count"), "resource", "capacity_count > 0")
    op.add_column("assignment", sa.Column("pledge_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_assignment_pledge_id_pledge"), "assignment", "pledge", ["pledge_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index(
        "ix_assignment_pledge_id",
        "assignment",
        ["pledge_id"],
        unique=False,
        postgresql_where=sa.text("pledge_id IS NOT NULL"),
    )


def _memberships():
    op.execute(MEMBERSHIPS_THAT_NEVER_WERE)
    op.execute(MEMBERSHIP_RUNS)
    op.execute(MEMBERSHIPS_OF_A_RUN)
    op.execute(MEMBERSHIP_OF_A_RUN)
    op.execute("DROP TABLE membership_run")
    op.create_check_constraint(op.f("ck_membership_span"), "membership", "valid_to IS NULL OR valid_to > valid_from")
    op.execute(MEMBERSHIPS_ONE_AT_A_TIME)


def downgrade():
    op.drop_constraint("ex_membership_one_at_a_time", "membership")
    op.drop_constraint(op.f("ck_membership_span"), "membership", type_="check")
    op.execute("DROP TRIGGER service_team_counts_changes ON service_team")
    op.drop_column("assignment", "pledge_id")
    op.drop_column("project", "demand_id")
    op.drop_column("project", "people_served")
    for table in ("resolution", "whistle_invitee", "whistle_call", "meeting_seat", "meeting", "pledge_kept", "pledge"):
        op.drop_table(table)
    for table in ("roster_turn", "shared_service", "stated_figure", "evaluation_row", "evaluation_run", "index_weight"):
        op.drop_table(table)
    for table in (
        "registration_count",
        "duty_deputy",
        "pilot_area",
        "conference_seat",
        "convener_term",
        "area_contact",
    ):
        op.drop_table(table)
    for table in ("project_partner", "project_event", "joint_match", "demand"):
        op.drop_table(table)
    for column in ("kind_code", "audience", "capacity_count", "hours", "valid_from", "valid_to"):
        op.drop_column("resource", column)
    op.drop_table("resource_kind")
    for table in ("region", "service_team"):
        op.drop_column(table, "holder_id")
    for table in ("region", "service_team", "responsibility_block", "responsibility_point"):
        op.drop_column(table, "holder_role")
    # of the versions of a line and of those of single rules, the older schema holds one
    op.execute("""
        DELETE FROM duty_rule AS d
         WHERE d.valid_to IS NOT NULL
            OR EXISTS (SELECT FROM duty_rule AS o
                        WHERE o.id < d.id AND o.valid_to IS NULL
                          AND (o.category_code, o.unit_kind, o.role, o.town_code)
                            = (d.category_code, d.unit_kind, d.role, d.town_code))
    """)
    op.drop_constraint("uq_duty_rule_line", "duty_rule", type_="unique")
    for column in ("rule_code", "valid_from", "valid_to"):
        op.drop_column("duty_rule", column)
    op.create_unique_constraint(
        op.f("uq_duty_rule_category_code_unit_kind_role_town_code"),
        "duty_rule",
        ["category_code", "unit_kind", "role", "town_code"],
    )
