"""what a unit has returned, found at once"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        "CREATE INDEX ix_ticket_event_returned_by"
        " ON ticket_event ((CAST(facts ->> 'returned_by_id' AS integer)), at) WHERE action = 'return'"
    )


def downgrade():
    op.drop_index("ix_ticket_event_returned_by", "ticket_event")
