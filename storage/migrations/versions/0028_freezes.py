"""Freezes: times in which nothing should be deployed."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "freezes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("doc", Json, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freezes")),
    )
    op.create_index(op.f("ix_freezes_open"), "freezes", ["open"])
