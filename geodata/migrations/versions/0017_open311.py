"""service requests: attributes of categories, what applications tell beside a ticket, and their updates"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

DATATYPES = "'string', 'number', 'datetime', 'text', 'singlevaluelist', 'multivaluelist'"


def upgrade():
    op.add_column("category", sa.Column("service_type", sa.Text(), server_default="realtime", nullable=False))
    op.create_check_constraint(op.f("ck_category_service_type"), "category", "service_type IN ('realtime', 'batch')")
    op.create_table(
        "service_attribute",
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("is_variable", sa.Boolean(), nullable=False),
        sa.Column("datatype", sa.Text(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("hint_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("hint_en", sa.Text(), server_default="", nullable=False),
        sa.Column("choices", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.CheckConstraint(f"datatype IN ({DATATYPES})", name=op.f("ck_service_attribute_datatype")),
        sa.CheckConstraint("position > 0", name=op.f("ck_service_attribute_position")),
        sa.ForeignKeyConstraint(
            ["category_code"],
            ["category.code"],
            name=op.f("fk_service_attribute_category_code_category"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("category_code", "code", name=op.f("pk_service_attribute")),
        sa.UniqueConstraint("category_code", "position", name=op.f("uq_service_attribute_category_code_position")),
    )
    op.create_table(
        "service_request",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("media_url", sa.Text(), nullable=True),
        sa.Column("object_type", sa.Text(), nullable=True),
        sa.Column("object_code", sa.Text(), nullable=True),
        sa.Column("address_id", sa.Text(), nullable=True),
        sa.CheckConstraint("object_type IN ('unit', 'point')", name=op.f("ck_service_request_object_type")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_service_request_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_service_request")),
        sa.UniqueConstraint("token", name=op.f("uq_service_request_token")),
    )
    op.create_table(
        "service_update",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("update_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_service_update_ticket_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("actor", "update_id", name=op.f("pk_service_update")),
    )
    op.create_index(op.f("ix_service_update_ticket_id"), "service_update", ["ticket_id"])
    # what has happened since somebody asked last
    op.create_index(op.f("ix_ticket_event_at"), "ticket_event", ["at"])


def downgrade():
    op.drop_index(op.f("ix_ticket_event_at"), "ticket_event")
    op.drop_table("service_update")
    op.drop_table("service_request")
    op.drop_table("service_attribute")
    op.drop_constraint(op.f("ck_category_service_type"), "category", type_="check")
    op.drop_column("category", "service_type")
