"""Runs of runbooks."""

import sqlalchemy as sa
from alembic import op

from storage.types import Big, Json, Utc

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", Big, nullable=False),
        sa.Column("runbook", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("started_at", Utc, nullable=False),
        sa.Column("doc", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("number", name=op.f("uq_runs_number")),
    )
    op.create_index(op.f("ix_runs_incident"), "runs", ["incident"])
    op.create_index(op.f("ix_runs_runbook"), "runs", ["runbook"])
    op.create_index(op.f("ix_runs_target"), "runs", ["target"])
