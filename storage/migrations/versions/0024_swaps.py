"""Swaps: times on call that were offered to others."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "swaps",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("doc", Json, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swaps")),
    )
    op.create_index(op.f("ix_swaps_open"), "swaps", ["open"])
