"""decisions: what people decided about addresses, what was learnt from it, and how to bring it back"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEXED = (("target_kind", "target_code"), ("decided_by", "at"), ("at",), ("batch",), ("entry_id",), ("alias_id",))


def reference(column, table):
    name = op.f(f"fk_geocode_decision_{column}_{table}")
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="SET NULL")


def upgrade():
    op.create_table(
        "geocode_decision",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("target_kind", sa.Text(), nullable=False),
        sa.Column("target_code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("town_code", sa.Text(), nullable=True),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("candidate", sa.Integer(), nullable=True),
        sa.Column("offered", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("remember", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("batch", sa.Text(), nullable=True),
        sa.Column("before", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("alias_id", sa.BigInteger(), nullable=True),
        sa.Column("replaces_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("choice IN ('candidate', 'pin', 'nowhere')", name=op.f("ck_geocode_decision_choice")),
        sa.CheckConstraint("ended IN ('undone', 'replaced')", name=op.f("ck_geocode_decision_ended")),
        reference("entry_id", "gazetteer_entry"),
        reference("alias_id", "gazetteer_alias"),
        reference("replaces_id", "geocode_decision"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_geocode_decision")),
    )
    for columns in INDEXED:
        op.create_index(f"ix_geocode_decision_{'_'.join(columns)}", "geocode_decision", list(columns), unique=False)


def downgrade():
    op.drop_table("geocode_decision")
