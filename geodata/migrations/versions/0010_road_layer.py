"""gazetteer: which roads pass over or under one another"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("gazetteer_road", sa.Column("layer", sa.SmallInteger(), server_default="0", nullable=False))


def downgrade():
    op.drop_column("gazetteer_road", "layer")
