"""Incidents, who may read them, and the things written about them."""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    false,
)

from storage.tables.base import at, json, maybe, maybe_at, metadata, number, text

incidents = Table(
    "incidents",
    metadata,
    text("id", primary_key=True),
    number("number", unique=True),
    text("title"),
    text("stage"),
    text("status"),
    text("phase"),
    maybe("resolution"),
    text("severity"),
    maybe("floor"),
    maybe("proposed"),
    text("urgency"),
    maybe("service"),
    maybe("team"),
    maybe("policy"),
    maybe("category"),
    json("symptoms"),
    text("classified_by"),
    text("impact"),
    Column("private", Boolean, nullable=False),
    text("source"),
    text("correlation_id", index=True),
    json("labels"),
    json("roles"),
    json("responders"),
    at("detected_at"),
    maybe_at("impact_started_at"),
    at("declared_at"),
    maybe_at("acknowledged_at"),
    maybe_at("mitigated_at"),
    maybe_at("resolved_at"),
    maybe_at("next_update_at"),
    maybe("home_platform"),
    maybe("home_room"),
    maybe("home_name"),
    maybe("alert_room"),
    maybe("call_url"),
    maybe("merged_into"),
    Column("drill", Boolean, nullable=False),
    Column("bridged", Boolean, nullable=False, server_default=false()),
    number("version"),
    Index("ix_incidents_open", "status", "number"),
    Index("ix_incidents_service", "service", "status"),
)

members = Table(
    "incident_members",
    metadata,
    text("incident"),
    text("user"),
    PrimaryKeyConstraint("incident", "user"),
)

rooms = Table(
    "incident_rooms",
    metadata,
    text("platform"),
    text("room"),
    text("thread", server_default=""),
    text("incident", index=True),
    PrimaryKeyConstraint("platform", "room", "thread"),
)

postmortems = Table(
    "postmortems",
    metadata,
    text("incident", primary_key=True),
    text("status"),
    json("doc"),
    at("created_at"),
    maybe_at("published_at"),
    number("version"),
)

action_items = Table(
    "action_items",
    metadata,
    text("id", primary_key=True),
    number("number", unique=True),
    text("incident", index=True),
    text("text"),
    maybe("owner"),
    maybe_at("due"),
    text("status"),
    text("created_by"),
    at("created_at"),
)

cards = Table(
    "cards",
    metadata,
    text("update_key"),
    text("platform"),
    text("asked", server_default=""),
    text("room"),
    text("message"),
    maybe("thread"),
    text("digest"),
    at("edited_at"),
    UniqueConstraint("update_key", "platform", "room"),
)

shown_in = Table(
    "shown_in",
    metadata,
    text("incident"),
    text("platform"),
    text("room"),
    maybe("storm"),
    at("at"),
    PrimaryKeyConstraint("incident", "platform", "room"),
    Index("ix_shown_in_room", "platform", "room", "at"),
    Index("ix_shown_in_storm", "storm"),
)
