"""Guards, approvals and rollbacks."""

import sqlalchemy as sa
from alembic import op

from storage.types import Big, Json, Utc

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "guards",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("managed_by", sa.Text(), nullable=True),
        sa.Column("doc", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guards")),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", Big, nullable=False),
        sa.Column("held", Json, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("plan", Json, nullable=False),
        sa.Column("plan_hash", sa.Text(), nullable=False),
        sa.Column("guard", Json, nullable=False),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("grants", Json, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("paged", Json, nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        sa.UniqueConstraint("number", name=op.f("uq_approvals_number")),
    )
    op.create_index(op.f("ix_approvals_incident"), "approvals", ["incident"], unique=False)
    op.create_index(op.f("ix_approvals_status"), "approvals", ["status"], unique=False)
    op.create_table(
        "rollbacks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("doc", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollbacks")),
    )
