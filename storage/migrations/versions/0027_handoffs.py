"""Handoffs: changes of shift that both people are told of."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, Utc

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "handoffs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("doc", Json, nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("starts", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoffs")),
    )
    op.create_index(op.f("ix_handoffs_schedule"), "handoffs", ["schedule"])
