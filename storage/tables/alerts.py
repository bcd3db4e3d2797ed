"""What was delivered, the alerts it tells of, their episodes and groups."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, Table, UniqueConstraint

from storage.tables.base import at, json, maybe, maybe_at, metadata, number, text

deliveries = Table(
    "deliveries",
    metadata,
    text("id", primary_key=True),
    text("source", index=True),
    text("integration"),
    at("received_at", index=True),
    Column("body", LargeBinary, nullable=True),
    json("signals"),
    number("truncated"),
    Column("understood", Boolean, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    text("id", primary_key=True),
    number("number", unique=True),
    text("integration"),
    text("fingerprint"),
    text("source"),
    text("status"),
    text("severity"),
    maybe("service", index=True),
    text("name"),
    text("summary"),
    json("labels"),
    json("annotations"),
    at("starts_at"),
    maybe_at("ends_at"),
    number("count"),
    maybe("group"),
    maybe("incident", index=True),
    json("verdict"),
    maybe("urgency"),
    maybe("url"),
    maybe("group_key"),
    at("seen_at"),
    UniqueConstraint("integration", "fingerprint"),
    Index("ix_alerts_firing", "status", "number"),
)

episodes = Table(
    "episodes",
    metadata,
    text("alert"),
    at("starts_at"),
    maybe_at("ends_at"),
    maybe("group"),
    maybe("incident", index=True),
    text("action"),
    text("reason"),
    UniqueConstraint("alert", "starts_at"),
)

alert_groups = Table(
    "alert_groups",
    metadata,
    text("id", primary_key=True),
    text("key", index=True),
    text("integration"),
    maybe("service"),
    maybe("incident", index=True),
    Column("open", Boolean, nullable=False),
    number("count"),
    at("first_at"),
    at("last_at"),
)

silences = Table(
    "silences",
    metadata,
    text("id", primary_key=True),
    json("matchers"),
    at("starts_at"),
    at("ends_at"),
    text("created_by"),
    text("why"),
)
