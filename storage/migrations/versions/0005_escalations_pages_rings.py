"""Escalations pages rings."""

import sqlalchemy as sa
from alembic import op

from storage.types import Big, Json, Utc

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "ack_codes",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_ack_codes")),
        sa.UniqueConstraint("page", name=op.f("uq_ack_codes_page")),
    )
    op.create_table(
        "escalations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("policy", Json, nullable=False),
        sa.Column("n", Big, nullable=False),
        sa.Column("due", Utc(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
    )
    op.create_index(op.f("ix_escalations_incident"), "escalations", ["incident"], unique=False)
    op.create_table(
        "pages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("escalation", sa.Text(), nullable=True),
        sa.Column("step", Big, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("next", sa.Text(), nullable=True),
        sa.Column("next_at", Utc(), nullable=True),
        sa.Column("late_s", Big, nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
    )
    op.create_index("ix_pages_incident_user", "pages", ["incident", "user"], unique=False)
    op.create_index("ix_pages_user_state", "pages", ["user", "state"], unique=False)
    op.create_table(
        "rings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("k", Big, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("ref", Json, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rings")),
    )
    op.create_index(op.f("ix_rings_page"), "rings", ["page"], unique=False)
