"""What waits for an approval, which commands must, and rollbacks that were allowed to begin."""

from sqlalchemy import Table

from storage.tables.base import at, json, maybe, maybe_at, metadata, number, text

guards = Table(
    "guards",
    metadata,
    text("id", primary_key=True),
    maybe("managed_by"),
    json("doc"),
)

approvals = Table(
    "approvals",
    metadata,
    text("id", primary_key=True),
    number("number", unique=True),
    json("held"),
    text("line"),
    json("plan"),
    text("plan_hash"),
    json("guard"),
    maybe("incident", index=True),
    json("grants"),
    text("status", index=True),
    text("reason"),
    json("paged"),
    at("asked_at"),
    at("expires_at"),
    maybe_at("ended_at"),
    maybe("ended_by"),
)

rollbacks = Table(
    "rollbacks",
    metadata,
    text("id", primary_key=True),
    json("doc"),
)
