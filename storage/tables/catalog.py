"""What the organisation looks like: teams, services, schedules, policies, routes, runbooks.

These are documents: read whole, written whole, by `apply` or by command.
"""

from sqlalchemy import Boolean, Column, Table, UniqueConstraint

from storage.tables.base import at, json, maybe, maybe_at, metadata, number, text


def _documents(name: str) -> Table:
    return Table(
        name,
        metadata,
        text("id", primary_key=True),
        maybe("managed_by"),
        json("doc"),
    )


teams = _documents("teams")
services = _documents("services")
schedules = _documents("schedules")
policies = _documents("policies")
routes = _documents("routes")
servers = _documents("servers")
runbooks = _documents("runbooks")

ssh_keys = Table("ssh_keys", metadata, text("id", primary_key=True), json("doc"))
server_tests = Table("server_tests", metadata, text("id", primary_key=True), json("doc"))

overrides = Table(
    "overrides",
    metadata,
    text("id", primary_key=True),
    text("schedule", index=True),
    text("user"),
    maybe("replaces"),
    at("starts"),
    at("ends"),
    text("reason"),
    text("created_by"),
)

calendar_layers = Table(
    "calendar_layers",
    metadata,
    text("schedule", primary_key=True),
    text("layer", primary_key=True),
    text("source"),
    json("shifts"),
    json("left_out"),
    maybe_at("read_at"),
    maybe_at("failing_since"),
    text("error"),
)

swaps = Table(
    "swaps",
    metadata,
    text("id", primary_key=True),
    json("doc"),
    Column("open", Boolean, nullable=False, index=True),
)

handoffs = Table(
    "handoffs",
    metadata,
    text("id", primary_key=True),
    json("doc"),
    text("schedule", index=True),
    text("state"),
    at("starts"),
)

feeds = Table(
    "calendar_feeds",
    metadata,
    text("id", primary_key=True),
    text("hash", unique=True),
    text("owner", index=True),
    maybe("schedule"),
    at("created_at"),
    maybe_at("revoked_at"),
)

deployments = Table(
    "deployments",
    metadata,
    text("id", primary_key=True),
    number("number", unique=True),
    text("service", index=True),
    text("environment"),
    text("version"),
    maybe("commit"),
    text("status"),
    at("started_at"),
    maybe_at("finished_at"),
    text("source"),
    maybe("url"),
    Column("migration", Boolean),
)

freezes = Table(
    "freezes",
    metadata,
    text("id", primary_key=True),
    json("doc"),
    Column("open", Boolean, nullable=False, index=True),
)

told_deployments = Table(
    "told_deployments",
    metadata,
    text("id", primary_key=True),
    text("integration"),
    text("key"),
    json("events"),
    UniqueConstraint("integration", "key"),
)

absences = Table(
    "absences",
    metadata,
    text("id", primary_key=True),
    text("user", index=True),
    at("starts"),
    at("ends"),
    text("uid"),
)
