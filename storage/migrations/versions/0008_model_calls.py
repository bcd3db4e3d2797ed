"""Model calls."""

import sqlalchemy as sa
from alembic import op

from storage.types import Big, Utc

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "model_calls",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("input_tokens", Big, nullable=False),
        sa.Column("output_tokens", Big, nullable=False),
        sa.Column("cost_usd", sa.Float(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_calls")),
    )
    op.create_index(op.f("ix_model_calls_incident"), "model_calls", ["incident"], unique=False)
    op.create_index(op.f("ix_model_calls_key"), "model_calls", ["key"], unique=False)
