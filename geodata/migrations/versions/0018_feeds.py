"""feeds: addresses of one's own for feeds, and tickets in the order in which they were closed"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "feed_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", moment, nullable=True),
        sa.CheckConstraint("level IN ('district', 'town', 'village', 'cell')", name=op.f("ck_feed_link_level")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_feed_link_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feed_link_token_hash")),
    )
    op.create_index(op.f("ix_feed_link_user_id"), "feed_link", ["user_id"], unique=False)
    op.create_index(op.f("ix_ticket_closed_at"), "ticket", ["closed_at"], unique=False)
    op.create_index(op.f("ix_ticket_town_code_reported_at"), "ticket", ["town_code", "reported_at"], unique=False)
    op.create_index(op.f("ix_ticket_town_code_closed_at"), "ticket", ["town_code", "closed_at"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_ticket_town_code_closed_at"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_town_code_reported_at"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_closed_at"), table_name="ticket")
    op.drop_table("feed_link")
