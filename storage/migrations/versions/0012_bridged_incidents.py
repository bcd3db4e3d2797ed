"""Bridged incidents: whatever is said in one of their rooms is read in all."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    bridged: sa.Column[bool] = sa.Column(
        "bridged", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("incidents", bridged)
