"""geocoder use: how often other houses' geocoders were asked on a day"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "geocoder_use",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.CheckConstraint("asked > 0", name=op.f("ck_geocoder_use_asked")),
        sa.PrimaryKeyConstraint("name", "day", name=op.f("pk_geocoder_use")),
    )


def downgrade():
    op.drop_table("geocoder_use")
