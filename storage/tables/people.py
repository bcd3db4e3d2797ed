"""People, what they may do, and how they prove who they are."""

from sqlalchemy import Boolean, Column, PrimaryKeyConstraint, Table, UniqueConstraint

from storage.tables.base import at, json, maybe, maybe_at, metadata, text

users = Table(
    "users",
    metadata,
    text("id", primary_key=True),
    text("name"),
    maybe("email", unique=True),
    text("timezone"),
    maybe("team"),
    Column("active", Boolean, nullable=False),
    maybe("password_hash"),
    at("created_at"),
    maybe_at("awake_until"),
    maybe("quiet"),
)

bindings = Table(
    "bindings",
    metadata,
    text("subject"),
    text("role"),
    text("team", server_default=""),
    UniqueConstraint("subject", "role", "team"),
)

groups = Table(
    "user_groups",
    metadata,
    text("id", primary_key=True),
    maybe("managed_by"),
    json("doc"),
)

tokens = Table(
    "tokens",
    metadata,
    text("id", primary_key=True),
    text("hash", unique=True),
    text("name"),
    maybe("user"),
    maybe("source"),
    json("scopes"),
    at("created_at"),
    at("expires_at"),
    maybe_at("last_used_at"),
    maybe_at("revoked_at"),
)

sessions = Table(
    "sessions",
    metadata,
    text("hash", primary_key=True),
    text("user"),
    text("csrf"),
    at("created_at"),
    at("expires_at"),
)

identities = Table(
    "identities",
    metadata,
    text("platform"),
    text("workspace"),
    text("account"),
    text("user", index=True),
    text("linked_by", server_default="admin"),
    at("created_at"),
    PrimaryKeyConstraint("platform", "workspace", "account"),
)

link_codes = Table(
    "link_codes",
    metadata,
    text("hash", primary_key=True),
    text("platform"),
    text("workspace"),
    text("account"),
    text("name"),
    at("expires_at", index=True),
    maybe_at("used_at"),
)

link_misses = Table(
    "link_misses",
    metadata,
    text("id", primary_key=True),
    text("user", index=True),
    at("at"),
)
