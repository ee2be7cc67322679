"""local datums: local metres tied to the globe by control points"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "local_datum",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("a", sa.Double(), nullable=False),
        sa.Column("b", sa.Double(), nullable=False),
        sa.Column("tx", sa.Double(), nullable=False),
        sa.Column("ty", sa.Double(), nullable=False),
        sa.Column("metre_srid", sa.Integer(), nullable=False),
        sa.Column("rms_m", sa.Double(), nullable=False),
        sa.Column("points", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_local_datum")),
    )


def downgrade():
    op.drop_table("local_datum")
