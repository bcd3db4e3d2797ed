"""Escalations under way, the pages they made, each ring of a page, and pages sent together."""

from sqlalchemy import Boolean, Column, Index, PrimaryKeyConstraint, Table, false

from storage.tables.base import at, json, maybe, maybe_at, metadata, number, text

escalations = Table(
    "escalations",
    metadata,
    text("id", primary_key=True),
    text("incident", index=True),
    json("policy"),
    number("n"),
    maybe_at("due"),
    text("state"),
    text("cause"),
    at("created_at"),
)

pages = Table(
    "pages",
    metadata,
    text("id", primary_key=True),
    text("incident"),
    text("user"),
    maybe("escalation"),
    number("step"),
    text("state"),
    text("urgency"),
    text("why"),
    maybe("next"),
    maybe_at("next_at"),
    number("late_s"),
    maybe("bundle", index=True),
    at("created_at"),
    maybe_at("ended_at"),
    maybe("ended_by"),
    Column("dm_only", Boolean, nullable=False, server_default=false()),
    Index("ix_pages_incident_user", "incident", "user"),
    Index("ix_pages_user_state", "user", "state"),
    Index("ix_pages_user_created", "user", "created_at"),
)

rings = Table(
    "rings",
    metadata,
    text("key", primary_key=True),
    text("page", index=True),
    number("k"),
    text("method"),
    text("result"),
    json("ref"),
    maybe("bundle", index=True),
    at("at"),
    maybe("receipt", index=True),
    maybe("told"),
    maybe_at("told_at"),
)

bundles = Table(
    "bundles",
    metadata,
    text("id", primary_key=True),
    text("user"),
    text("urgency"),
    at("due"),
    maybe_at("sent_at"),
    Index("ix_bundles_user", "user", "sent_at"),
)

bundle_rings = Table(
    "bundle_rings",
    metadata,
    text("bundle"),
    number("k"),
    json("pages"),
    at("made_at"),
    PrimaryKeyConstraint("bundle", "k"),
)
