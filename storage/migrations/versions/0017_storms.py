"""Storms: in which room an incident is shown, and which of them share one card there."""

import sqlalchemy as sa
from alembic import op

from storage.types import Utc

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "shown_in",
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("storm", sa.Text(), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("incident", "platform", "room", name=op.f("pk_shown_in")),
    )
    op.create_index("ix_shown_in_room", "shown_in", ["platform", "room", "at"])
    op.create_index("ix_shown_in_storm", "shown_in", ["storm"])
