"""installation: what the district lies in; gazetteer: numbers between two doors of a map"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KIND = "ck_gazetteer_entry_kind"


def upgrade():
    op.add_column(
        "installation", sa.Column("within", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.drop_constraint(op.f(KIND), "gazetteer_entry", type_="check")
    op.create_check_constraint(
        op.f(KIND), "gazetteer_entry", "kind IN ('place', 'crossing', 'door', 'km_post', 'interpolated')"
    )


def downgrade():
    op.execute("DELETE FROM gazetteer_entry WHERE kind = 'interpolated'")
    op.drop_constraint(op.f(KIND), "gazetteer_entry", type_="check")
    op.create_check_constraint(op.f(KIND), "gazetteer_entry", "kind IN ('place', 'crossing', 'door', 'km_post')")
    op.drop_column("installation", "within")
