"""Incidents and postmortems."""

import sqlalchemy as sa
from alembic import op

from storage.types import Big, Json, Utc

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "action_items",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", Big, nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("due", Utc(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_items")),
        sa.UniqueConstraint("number", name=op.f("uq_action_items_number")),
    )
    op.create_index(op.f("ix_action_items_incident"), "action_items", ["incident"], unique=False)
    op.create_table(
        "cards",
        sa.Column("update_key", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("edited_at", Utc(), nullable=False),
        sa.UniqueConstraint(
            "update_key", "platform", "room", name=op.f("uq_cards_update_key_platform_room")
        ),
    )
    op.create_table(
        "incident_members",
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("incident", "user", name=op.f("pk_incident_members")),
    )
    op.create_table(
        "incident_rooms",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), server_default="", nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "room", "thread", name=op.f("pk_incident_rooms")),
    )
    op.create_index(
        op.f("ix_incident_rooms_incident"), "incident_rooms", ["incident"], unique=False
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", Big, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("floor", sa.Text(), nullable=True),
        sa.Column("proposed", sa.Text(), nullable=True),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("symptoms", Json, nullable=False),
        sa.Column("classified_by", sa.Text(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("labels", Json, nullable=False),
        sa.Column("roles", Json, nullable=False),
        sa.Column("responders", Json, nullable=False),
        sa.Column("detected_at", Utc(), nullable=False),
        sa.Column("impact_started_at", Utc(), nullable=True),
        sa.Column("declared_at", Utc(), nullable=False),
        sa.Column("acknowledged_at", Utc(), nullable=True),
        sa.Column("mitigated_at", Utc(), nullable=True),
        sa.Column("resolved_at", Utc(), nullable=True),
        sa.Column("next_update_at", Utc(), nullable=True),
        sa.Column("home_room", sa.Text(), nullable=True),
        sa.Column("alert_room", sa.Text(), nullable=True),
        sa.Column("call_url", sa.Text(), nullable=True),
        sa.Column("merged_into", sa.Text(), nullable=True),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("version", Big, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("number", name=op.f("uq_incidents_number")),
    )
    op.create_index(
        op.f("ix_incidents_correlation_id"), "incidents", ["correlation_id"], unique=False
    )
    op.create_index("ix_incidents_open", "incidents", ["status", "number"], unique=False)
    op.create_table(
        "postmortems",
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("doc", Json, nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("published_at", Utc(), nullable=True),
        sa.Column("version", Big, nullable=False),
        sa.PrimaryKeyConstraint("incident", name=op.f("pk_postmortems")),
    )
