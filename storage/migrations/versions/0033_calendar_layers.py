"""What was read from the calendars that are layers of schedules."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, Utc

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "calendar_layers",
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("shifts", Json, nullable=False),
        sa.Column("left_out", Json, nullable=False),
        sa.Column("read_at", Utc, nullable=True),
        sa.Column("failing_since", Utc, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("schedule", "layer", name=op.f("pk_calendar_layers")),
    )
