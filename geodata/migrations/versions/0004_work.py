"""tickets at work: rules and clocks, chained events, photos, policies, notices, webhooks and who sees what"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


# Each event carries a hash of itself and of the hash before it. The text that is hashed is a JSON array, so that no
# two events write alike; the moment stands in microseconds, so that the reader's time zone does not matter. The
# numbers of a ticket's events have no gap: whoever writes holds the ticket, and a second writer is refused here.
EVENTS_ARE_CHAINED = """
    CREATE FUNCTION ticket_event_hash(former text, e ticket_event) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT encode(sha256(convert_to(CAST(jsonb_build_array(
                   former, e.ticket_id, e.seq, CAST(extract(epoch FROM e.at) * 1000000 AS bigint),
                   e.action, e.from_state, e.to_state, e.actor, e.facts) AS text), 'UTF8')), 'hex')
    $$;
    CREATE FUNCTION link_ticket_event() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        last record;
    BEGIN
        SELECT e.seq, e.hash INTO last FROM ticket_event AS e
         WHERE e.ticket_id = NEW.ticket_id ORDER BY e.seq DESC LIMIT 1;
        IF NEW.seq <> COALESCE(last.seq, 0) + 1 THEN
            RAISE EXCEPTION 'event % of ticket % does not follow event %', NEW.seq, NEW.ticket_id, COALESCE(last.seq, 0)
                  USING ERRCODE = 'serialization_failure';
        END IF;
        NEW.hash := ticket_event_hash(COALESCE(last.hash, ''), NEW);
        RETURN NEW;
    END $$;
"""

CHAIN_ON = """
    CREATE TRIGGER ticket_event_is_chained BEFORE INSERT ON ticket_event
       FOR EACH ROW EXECUTE FUNCTION link_ticket_event();
"""

# One pass for each number, not one row at a time.
CHAIN_WHAT_IS_THERE = """
    DO $$
    DECLARE
        number integer;
    BEGIN
        FOR number IN 1 .. (SELECT COALESCE(max(seq), 0) FROM ticket_event) LOOP
            UPDATE ticket_event AS e
               SET hash = ticket_event_hash(COALESCE(
                       (SELECT p.hash FROM ticket_event AS p WHERE p.ticket_id = e.ticket_id AND p.seq = number - 1),
                       ''), e)
             WHERE e.seq = number;
        END LOOP;
    END $$
"""

# What has happened so far, folded into the ticket's new columns.
FOLD_WHAT_IS_THERE = """
    UPDATE ticket AS i
       SET reported_by = e.reported_by, filed_at = e.filed_at, dispatched_at = e.dispatched_at, done_at = e.done_at,
           return_count = e.returns
      FROM (SELECT ticket_id,
                   min(actor) FILTER (WHERE seq = 1 AND action = 'report') AS reported_by,
                   min(at) FILTER (WHERE action = 'assign') AS filed_at,
                   max(at) FILTER (WHERE action = 'assign') AS dispatched_at,
                   max(at) FILTER (WHERE action = 'done') AS done_at,
                   count(*) FILTER (WHERE action = 'return') AS returns
              FROM ticket_event
             GROUP BY ticket_id) AS e
     WHERE e.ticket_id = i.id
"""

# With whom a ticket lies was not always told by its events: one more tells it, so that the fold is the ticket.
TELL_WHAT_IS_THERE = """
    INSERT INTO ticket_event (ticket_id, seq, action, from_state, to_state, actor, facts)
    SELECT i.id, e.last + 1, 'import', i.state, i.state, 'system',
           jsonb_strip_nulls(jsonb_build_object(
               'source', 'upgrade', 'closed_at', i.closed_at, 'unit_code', u.code, 'office_code', i.office_code))
      FROM ticket AS i
      JOIN (SELECT ticket_id, max(seq) AS last, bool_or(action = 'import') OR NOT bool_or(action = 'assign')
                   OR bool_or(action = 'return') AS is_untold
              FROM ticket_event
             GROUP BY ticket_id) AS e ON e.ticket_id = i.id
      LEFT JOIN member_unit AS u ON u.id = i.unit_id
     WHERE e.is_untold
"""

GIVE_DUTY_GRIDS = """
    UPDATE ticket AS i
       SET duty_grid_code = g.code
      FROM (SELECT DISTINCT ON (m.cell_code) m.cell_code, d.code
              FROM duty_grid_cell AS m
              JOIN duty_grid AS d ON d.id = m.duty_grid_id
             ORDER BY m.cell_code, d.scheme, d.code) AS g
     WHERE g.cell_code = i.cell_code
"""

ROLES_BEFORE = "role IN ('viewer','officer','town_office','planner','district','admin')"
ROLES_NOW = "role IN ('viewer','officer','unit','town_office','planner','district','admin')"
PENDING = "pending IN ('extend', 'suspend', 'appeal', 'referee')"
METHODS = "method IN ('rule', 'hand', 'optimum')"


def change_event_rows(statement):
    """Run a statement that the table itself would refuse."""
    op.execute("ALTER TABLE ticket_event DISABLE TRIGGER ticket_event_is_only_added")
    op.execute(statement)
    op.execute("ALTER TABLE ticket_event ENABLE TRIGGER ticket_event_is_only_added")


def change_ticket_rows(*statements):
    """Run statements that move no ticket and change no state, without counting squares for them."""
    op.execute("ALTER TABLE ticket DISABLE TRIGGER USER")
    for statement in statements:
        op.execute(statement)
    op.execute("ALTER TABLE ticket ENABLE TRIGGER USER")


def upgrade():
    op.create_table(
        "assignment_policy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("town_code", sa.Text(), server_default="", nullable=False),
        sa.Column("max_distance_m", sa.Double(), nullable=False),
        sa.Column("rank_order", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("weights", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_policy")),
        sa.UniqueConstraint("town_code", "valid_from", name=op.f("uq_assignment_policy_town_code_valid_from")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_workday", sa.Boolean(), nullable=False),
        sa.Column("as_weekday", sa.Integer(), nullable=True),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.CheckConstraint("as_weekday BETWEEN 1 AND 7", name=op.f("ck_calendar_day_as_weekday")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "cell_visit",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("cell_code", sa.Text(), nullable=False),
        sa.Column("duty_grid_code", sa.Text(), nullable=True),
        sa.Column("town_code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("day", "cell_code", name=op.f("pk_cell_visit")),
    )
    op.create_index(op.f("ix_cell_visit_duty_grid_code"), "cell_visit", ["duty_grid_code"], unique=False)
    op.create_table(
        "chain_anchor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_event_id", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_anchor")),
    )
    op.create_table(
        "request_key",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_request_key")),
    )
    op.create_index(op.f("ix_request_key_created_at"), "request_key", ["created_at"], unique=False)
    op.create_table(
        "return_reason",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_return_reason")),
    )
    op.create_table(
        "stage_limit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("town_code", sa.Text(), server_default="", nullable=False),
        sa.Column("amount", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "stage IN ('verify', 'dispatch', 'accept', 'handle', 'check', 'approve', 'referee', 'answer')",
            name=op.f("ck_stage_limit_stage"),
        ),
        sa.CheckConstraint(
            "unit IN ('urgent_hours', 'working_hours', 'working_days', 'natural_days')",
            name=op.f("ck_stage_limit_unit"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_stage_limit_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_limit")),
        sa.UniqueConstraint("stage", "town_code", "valid_from", name=op.f("uq_stage_limit_stage_town_code_valid_from")),
    )
    op.create_table(
        "warning_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("town_code", sa.Text(), server_default="", nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("whom", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('verify', 'dispatch', 'accept', 'handle', 'check', 'approve', 'referee', 'answer')",
            name=op.f("ck_warning_step_stage"),
        ),
        sa.CheckConstraint(
            "whom IN ('unit', 'post', 'town_office', 'district', 'follower')", name=op.f("ck_warning_step_whom")
        ),
        sa.CheckConstraint("share > 0", name=op.f("ck_warning_step_share")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_step")),
        sa.UniqueConstraint(
            "stage", "town_code", "share", "whom", name=op.f("uq_warning_step_stage_town_code_share_whom")
        ),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("town_code", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("name", name=op.f("uq_webhook_name")),
    )
    op.create_table(
        "working_hours",
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.CheckConstraint("closes > opens", name=op.f("ck_working_hours_spell")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_working_hours_weekday")),
        sa.PrimaryKeyConstraint("weekday", "opens", name=op.f("pk_working_hours")),
    )
    op.create_table(
        "filing_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("town_code", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("condition_zh", sa.Text(), nullable=False),
        sa.Column("condition_en", sa.Text(), nullable=False),
        sa.Column("closing_zh", sa.Text(), nullable=False),
        sa.Column("closing_en", sa.Text(), nullable=False),
        sa.Column("amount", sa.Double(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("needs_photo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "unit IN ('urgent_hours', 'working_hours', 'working_days', 'natural_days')",
            name=op.f("ck_filing_rule_unit"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_filing_rule_amount")),
        sa.ForeignKeyConstraint(
            ["category_code"], ["category.code"], name=op.f("fk_filing_rule_category_code_category")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_rule")),
        sa.UniqueConstraint(
            "category_code",
            "town_code",
            "code",
            "valid_from",
            name=op.f("uq_filing_rule_category_code_town_code_code_valid_from"),
        ),
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name=op.f("fk_outbox_message_webhook_id_webhook"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_outbox_message_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
    )
    waiting = sa.text("delivered_at IS NULL AND dead_at IS NULL")
    op.create_index(
        "ix_outbox_message_waiting", "outbox_message", ["next_try_at"], unique=False, postgresql_where=waiting
    )
    op.create_index(
        "ix_outbox_message_queue", "outbox_message", ["webhook_id", "id"], unique=False, postgresql_where=waiting
    )
    op.create_index(
        "ix_outbox_message_of_ticket",
        "outbox_message",
        ["webhook_id", "ticket_id", "id"],
        unique=False,
        postgresql_where=waiting,
    )
    op.create_index(
        "ix_outbox_message_dead",
        "outbox_message",
        ["webhook_id", "id"],
        unique=False,
        postgresql_where=sa.text("dead_at IS NOT NULL"),
    )
    op.create_index("ix_outbox_message_webhook_id_id", "outbox_message", ["webhook_id", "id"], unique=False)
    op.create_index("ix_outbox_message_ticket_id", "outbox_message", ["ticket_id"], unique=False)
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_handover_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["member_unit.id"], name=op.f("fk_handover_unit_id_member_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_handover_token_hash")),
    )
    op.create_index(op.f("ix_handover_ticket_id"), "handover", ["ticket_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_notice_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_notice_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_ticket_id"), "notice", ["ticket_id"], unique=False)
    op.create_index("ix_notice_user_id_id", "notice", ["user_id", "id"], unique=False)
    op.create_index(
        "ix_notice_unread", "notice", ["user_id", "id"], unique=False, postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('report', 'before', 'after', 'check', 'other')", name=op.f("ck_photo_kind")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_photo_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    op.create_index("ix_photo_ticket_id_id", "photo", ["ticket_id", "id"], unique=False)
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_saved_view_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_view_user_id_name")),
    )
    op.create_table(
        "stage_clock",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("amount", sa.Double(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pauses", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("from_ticket_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "stage IN ('verify', 'dispatch', 'accept', 'handle', 'check', 'approve', 'referee', 'answer')",
            name=op.f("ck_stage_clock_stage"),
        ),
        sa.CheckConstraint(
            "unit IN ('urgent_hours', 'working_hours', 'working_days', 'natural_days')",
            name=op.f("ck_stage_clock_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_stage_clock_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["from_ticket_id"], ["ticket.id"], name=op.f("fk_stage_clock_from_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_clock")),
    )
    op.create_index(
        "ix_stage_clock_running",
        "stage_clock",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("stopped_at IS NULL"),
    )
    op.create_index("ix_stage_clock_ticket_id_id", "stage_clock", ["ticket_id", "id"], unique=False)
    op.create_table(
        "ticket_follow",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_follow_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_ticket_follow_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", "user_id", name=op.f("pk_ticket_follow")),
    )
    op.create_index(op.f("ix_ticket_follow_user_id"), "ticket_follow", ["user_id"], unique=False)
    op.create_table(
        "user_duty_grid",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("duty_grid_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["duty_grid_id"],
            ["duty_grid.id"],
            name=op.f("fk_user_duty_grid_duty_grid_id_duty_grid"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_user_duty_grid_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "duty_grid_id", name=op.f("pk_user_duty_grid")),
    )
    op.create_index(op.f("ix_user_duty_grid_duty_grid_id"), "user_duty_grid", ["duty_grid_id"], unique=False)
    op.create_table(
        "warning_sent",
        sa.Column("clock_id", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("whom", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["stage_clock.id"], name=op.f("fk_warning_sent_clock_id_stage_clock"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("clock_id", "share", "whom", name=op.f("pk_warning_sent")),
    )
    op.add_column("assignment", sa.Column("method", sa.Text(), server_default="rule", nullable=False))
    op.add_column("assignment", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("assignment", sa.Column("policy_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_assignment_policy_id_assignment_policy"), "assignment", "assignment_policy", ["policy_id"], ["id"]
    )
    op.add_column("category", sa.Column("similar_m", sa.Double(), server_default=sa.text("50"), nullable=False))
    op.add_column("category", sa.Column("similar_days", sa.Double(), server_default=sa.text("7"), nullable=False))
    op.add_column("installation", sa.Column("border_m", sa.Double(), server_default=sa.text("15"), nullable=False))
    op.add_column("ticket", sa.Column("reported_by", sa.Text(), nullable=True))
    op.add_column("ticket", sa.Column("duty_grid_code", sa.Text(), nullable=True))
    op.add_column("ticket", sa.Column("rule_id", sa.Integer(), nullable=True))
    op.add_column("ticket", sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket", sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket", sa.Column("done_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket", sa.Column("rework_count", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("ticket", sa.Column("return_count", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("ticket", sa.Column("reopen_count", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("ticket", sa.Column("pending", sa.Text(), nullable=True))
    op.add_column("ticket", sa.Column("is_supervised", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("ticket", sa.Column("is_binding", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("ticket", sa.Column("is_excused", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("ticket", sa.Column("is_self_handled", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("ticket", sa.Column("is_satisfied", sa.Boolean(), nullable=True))
    op.add_column("ticket", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_ticket_duty_grid_code"), "ticket", ["duty_grid_code"], unique=False)
    op.create_index(op.f("ix_ticket_reported_by"), "ticket", ["reported_by"], unique=False)
    op.create_index(op.f("ix_ticket_merged_into_id"), "ticket", ["merged_into_id"], unique=False)
    op.create_foreign_key(op.f("fk_ticket_merged_into_id_ticket"), "ticket", "ticket", ["merged_into_id"], ["id"])
    op.create_foreign_key(op.f("fk_ticket_rule_id_filing_rule"), "ticket", "filing_rule", ["rule_id"], ["id"])
    op.create_check_constraint(op.f("ck_ticket_pending"), "ticket", PENDING)
    op.create_check_constraint(op.f("ck_assignment_method"), "assignment", METHODS)
    op.drop_constraint(op.f("ck_user_account_role"), "user_account")
    op.create_check_constraint(op.f("ck_user_account_role"), "user_account", ROLES_NOW)
    op.add_column("ticket_event", sa.Column("hash", sa.Text(), nullable=True))
    op.execute(EVENTS_ARE_CHAINED)
    change_event_rows(CHAIN_WHAT_IS_THERE)
    op.alter_column("ticket_event", "hash", nullable=False)
    op.execute(CHAIN_ON)
    change_ticket_rows(FOLD_WHAT_IS_THERE, GIVE_DUTY_GRIDS)
    op.execute(TELL_WHAT_IS_THERE)
    op.add_column("user_account", sa.Column("unit_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_user_account_unit_id"), "user_account", ["unit_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_user_account_unit_id_member_unit"), "user_account", "member_unit", ["unit_id"], ["id"]
    )


def downgrade():
    op.drop_constraint(op.f("fk_user_account_unit_id_member_unit"), "user_account", type_="foreignkey")
    op.drop_index(op.f("ix_user_account_unit_id"), table_name="user_account")
    op.drop_column("user_account", "unit_id")
    # whoever works for a unit has no role to go back to
    op.execute("DELETE FROM user_account WHERE role = 'unit'")
    op.drop_constraint(op.f("ck_user_account_role"), "user_account")
    op.create_check_constraint(op.f("ck_user_account_role"), "user_account", ROLES_BEFORE)
    op.execute("DROP TRIGGER ticket_event_is_chained ON ticket_event")
    op.execute("DROP FUNCTION link_ticket_event")
    op.execute("DROP FUNCTION ticket_event_hash")
    op.drop_column("ticket_event", "hash")
    op.drop_constraint(op.f("fk_ticket_rule_id_filing_rule"), "ticket", type_="foreignkey")
    op.drop_constraint(op.f("fk_ticket_merged_into_id_ticket"), "ticket", type_="foreignkey")
    op.drop_index(op.f("ix_ticket_merged_into_id"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_reported_by"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_duty_grid_code"), table_name="ticket")
    op.drop_column("ticket", "merged_into_id")
    op.drop_column("ticket", "is_satisfied")
    op.drop_column("ticket", "is_self_handled")
    op.drop_column("ticket", "is_excused")
    op.drop_column("ticket", "is_binding")
    op.drop_column("ticket", "is_supervised")
    op.drop_column("ticket", "pending")
    op.drop_column("ticket", "reopen_count")
    op.drop_column("ticket", "return_count")
    op.drop_column("ticket", "rework_count")
    op.drop_column("ticket", "done_at")
    op.drop_column("ticket", "dispatched_at")
    op.drop_column("ticket", "filed_at")
    op.drop_column("ticket", "rule_id")
    op.drop_column("ticket", "duty_grid_code")
    op.drop_column("ticket", "reported_by")
    op.drop_column("installation", "border_m")
    op.drop_column("category", "similar_days")
    op.drop_column("category", "similar_m")
    op.drop_constraint(op.f("fk_assignment_policy_id_assignment_policy"), "assignment", type_="foreignkey")
    op.drop_column("assignment", "policy_id")
    op.drop_column("assignment", "reason")
    op.drop_column("assignment", "method")
    op.drop_table("warning_sent")
    op.drop_index(op.f("ix_user_duty_grid_duty_grid_id"), table_name="user_duty_grid")
    op.drop_table("user_duty_grid")
    op.drop_index(op.f("ix_ticket_follow_user_id"), table_name="ticket_follow")
    op.drop_table("ticket_follow")
    op.drop_index("ix_stage_clock_ticket_id_id", table_name="stage_clock")
    op.drop_index("ix_stage_clock_running", table_name="stage_clock", postgresql_where=sa.text("stopped_at IS NULL"))
    op.drop_table("stage_clock")
    op.drop_table("saved_view")
    op.drop_index("ix_photo_ticket_id_id", table_name="photo")
    op.drop_table("photo")
    op.drop_index("ix_notice_unread", table_name="notice", postgresql_where=sa.text("read_at IS NULL"))
    op.drop_index("ix_notice_user_id_id", table_name="notice")
    op.drop_index(op.f("ix_notice_ticket_id"), table_name="notice")
    op.drop_table("notice")
    op.drop_index(op.f("ix_handover_ticket_id"), table_name="handover")
    op.drop_table("handover")
    op.drop_index("ix_outbox_message_ticket_id", table_name="outbox_message")
    op.drop_index("ix_outbox_message_webhook_id_id", table_name="outbox_message")
    op.drop_index("ix_outbox_message_dead", table_name="outbox_message")
    op.drop_index("ix_outbox_message_of_ticket", table_name="outbox_message")
    op.drop_index("ix_outbox_message_queue", table_name="outbox_message")
    op.drop_index(
        "ix_outbox_message_waiting",
        table_name="outbox_message",
        postgresql_where=sa.text("delivered_at IS NULL AND dead_at IS NULL"),
    )
    op.drop_table("outbox_message")
    op.drop_table("filing_rule")
    op.drop_table("working_hours")
    op.drop_table("webhook")
    op.drop_table("warning_step")
    op.drop_table("stage_limit")
    op.drop_table("return_reason")
    op.drop_index(op.f("ix_request_key_created_at"), table_name="request_key")
    op.drop_table("request_key")
    op.drop_table("chain_anchor")
    op.drop_index(op.f("ix_cell_visit_duty_grid_code"), table_name="cell_visit")
    op.drop_table("cell_visit")
    op.drop_table("calendar_day")
    op.drop_table("assignment_policy")
