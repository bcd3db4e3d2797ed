"""How urgent each alert was decided to be; by which key each audit row was sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("alerts", sa.Column("urgency", sa.Text(), nullable=True))
    op.add_column("audit", sa.Column("key", sa.Text(), nullable=True))
