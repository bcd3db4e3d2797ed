"""Deliveries and alerts."""

import sqlalchemy as sa
from alembic import op

from storage.types import Big, Json, Utc

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "alert_groups",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("integration", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("count", Big, nullable=False),
        sa.Column("first_at", Utc(), nullable=False),
        sa.Column("last_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_groups")),
    )
    op.create_index(op.f("ix_alert_groups_incident"), "alert_groups", ["incident"], unique=False)
    op.create_index(op.f("ix_alert_groups_key"), "alert_groups", ["key"], unique=False)
    op.create_table(
        "alerts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", Big, nullable=False),
        sa.Column("integration", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("labels", Json, nullable=False),
        sa.Column("annotations", Json, nullable=False),
        sa.Column("starts_at", Utc(), nullable=False),
        sa.Column("ends_at", Utc(), nullable=True),
        sa.Column("count", Big, nullable=False),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("verdict", Json, nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("group_key", sa.Text(), nullable=True),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint(
            "integration", "fingerprint", name=op.f("uq_alerts_integration_fingerprint")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_alerts_number")),
    )
    op.create_index("ix_alerts_firing", "alerts", ["status", "number"], unique=False)
    op.create_index(op.f("ix_alerts_incident"), "alerts", ["incident"], unique=False)
    op.create_index(op.f("ix_alerts_service"), "alerts", ["service"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("integration", sa.Text(), nullable=False),
        sa.Column("received_at", Utc(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("signals", Json, nullable=False),
        sa.Column("truncated", Big, nullable=False),
        sa.Column("understood", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(op.f("ix_deliveries_received_at"), "deliveries", ["received_at"], unique=False)
    op.create_index(op.f("ix_deliveries_source"), "deliveries", ["source"], unique=False)
    op.create_table(
        "episodes",
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("starts_at", Utc(), nullable=False),
        sa.Column("ends_at", Utc(), nullable=True),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.UniqueConstraint("alert", "starts_at", name=op.f("uq_episodes_alert_starts_at")),
    )
    op.create_index(op.f("ix_episodes_incident"), "episodes", ["incident"], unique=False)
    op.create_table(
        "silences",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("matchers", Json, nullable=False),
        sa.Column("starts_at", Utc(), nullable=False),
        sa.Column("ends_at", Utc(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
    )
