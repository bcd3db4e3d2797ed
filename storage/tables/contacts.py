"""How people can be reached beside chat."""

from sqlalchemy import Table, UniqueConstraint

from storage.tables.base import at, json, maybe, maybe_at, metadata, number, text

contact_methods = Table(
    "contact_methods",
    metadata,
    text("id", primary_key=True),
    text("user"),
    text("kind"),
    text("address"),
    number("position"),
    maybe_at("verified_at"),
    at("created_at"),
    UniqueConstraint("user", "kind", "address"),
)

contact_codes = Table(
    "contact_codes",
    metadata,
    text("id", primary_key=True),
    text("hash"),
    text("contact"),
    text("user", index=True),
    number("tries"),
    text("refused"),
    at("created_at"),
    at("expires_at", index=True),
    maybe_at("used_at"),
)

contact_tests = Table(
    "contact_tests",
    metadata,
    text("id", primary_key=True),
    text("round", index=True),
    text("user", index=True),
    text("method"),
    text("kind"),
    text("name"),
    text("state"),
    text("error"),
    json("ref"),
    at("at"),
    maybe_at("confirmed_at"),
    maybe("receipt", index=True),
)
