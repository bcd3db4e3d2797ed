"""Outside chats: what was heard, how to speak to somebody again, and what does not work."""

from sqlalchemy import Boolean, Column, PrimaryKeyConstraint, Table, false

from storage.tables.base import at, json, maybe_at, metadata, number, text

heard = Table(
    "heard",
    metadata,
    text("key", primary_key=True),
    at("at", index=True),
)

conversations = Table(
    "conversations",
    metadata,
    text("platform"),
    text("key"),
    json("reference"),
    at("at"),
    PrimaryKeyConstraint("platform", "key"),
)

chat_states = Table(
    "chat_states",
    metadata,
    text("platform", primary_key=True),
    Column("up", Boolean, nullable=False),
    at("since"),
    maybe_at("silent_since"),
    number("signs"),
    text("error"),
    maybe_at("told_at"),
    maybe_at("heard_at"),
    Column("deaf", Boolean, nullable=False, server_default=false()),
    maybe_at("busy_since"),
    maybe_at("busy_until"),
)

chat_refusals = Table(
    "chat_refusals",
    metadata,
    text("platform"),
    text("subject"),
    text("error"),
    at("since"),
    maybe_at("told_at"),
    PrimaryKeyConstraint("platform", "subject"),
)
