"""What pipelines told of deployments."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "told_deployments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("integration", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("events", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told_deployments")),
        sa.UniqueConstraint("integration", "key", name=op.f("uq_told_deployments_integration_key")),
    )
