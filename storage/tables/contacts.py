"""How people can be reached beside chat."""

from sqlalchemy import Table, UniqueConstraint

from storage.tables.base import at, maybe_at, metadata, number, text

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
