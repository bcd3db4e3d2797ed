"""Chat outages: which platforms are there, what they refuse, and jobs that wait for them."""

import sqlalchemy as sa
from alembic import op

from storage.types import Big, Utc

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "chat_states",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("up", sa.Boolean(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("silent_since", Utc(), nullable=True),
        sa.Column("signs", Big, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("told_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("platform", name=op.f("pk_chat_states")),
    )
    op.create_table(
        "chat_refusals",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("told_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("platform", "subject", name=op.f("pk_chat_refusals")),
    )
    op.add_column("jobs", sa.Column("waits_for", sa.Text(), nullable=True))
