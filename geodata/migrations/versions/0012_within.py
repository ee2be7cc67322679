"""installation: what the district lies in, as addresses name it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "installation", sa.Column("within", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )


def downgrade():
    op.drop_column("installation", "within")
