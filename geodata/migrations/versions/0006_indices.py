"""indices: events by what happened and when, tickets by when they were filed and done"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index(
        "ix_ticket_event_action_at",
        "ticket_event",
        ["action", "at"],
        unique=False,
        postgresql_include=["ticket_id"],
        postgresql_where=sa.text("action IN ('assign', 'choose', 'return', 'close', 'rework', 'visit')"),
    )
    op.create_index("ix_ticket_filed_at", "ticket", ["filed_at"], unique=False)
    op.create_index("ix_ticket_done_at", "ticket", ["done_at"], unique=False)


def downgrade():
    op.drop_index("ix_ticket_done_at", "ticket")
    op.drop_index("ix_ticket_filed_at", "ticket")
    op.drop_index("ix_ticket_event_action_at", "ticket_event")
