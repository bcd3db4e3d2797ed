"""Deployments: whether one changed a database; of those before, nobody has said."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("deployments", sa.Column("migration", sa.Boolean(), nullable=True))
