"""Outside chats: what was heard already, and how to speak to somebody again."""

from sqlalchemy import PrimaryKeyConstraint, Table

from storage.tables.base import at, json, metadata, text

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
