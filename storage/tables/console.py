"""The built-in chat: what its adapter must remember."""

from sqlalchemy import Index, Table

from storage.tables.base import at, json, maybe, maybe_at, metadata, text

console_rooms = Table(
    "console_rooms",
    metadata,
    text("id", primary_key=True),
    text("name"),
    text("room_kind"),
    text("topic"),
    json("members"),
    maybe("incident"),
)

console_messages = Table(
    "console_messages",
    metadata,
    text("id", primary_key=True),
    text("key", unique=True),
    text("room"),
    maybe("thread"),
    text("author"),
    at("at"),
    maybe_at("edited_at"),
    json("body"),
    maybe("private_to"),
    text("change"),
    Index("ix_console_messages_room_id", "room", "id"),
    Index("ix_console_messages_room_change", "room", "change"),
)
