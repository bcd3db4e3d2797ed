"""What happened (facts), what is owed (jobs), who did it (audit), what was answered (calls)."""

from sqlalchemy import Index, Table

from storage.tables.base import at, json, maybe, maybe_at, metadata, number, text

facts = Table(
    "facts",
    metadata,
    text("id", primary_key=True),
    text("subject"),
    at("at"),
    text("kind"),
    number("version"),
    text("by"),
    json("payload"),
    maybe("text"),
    Index("ix_facts_subject_id", "subject", "id"),
)

texts = Table(
    "texts",
    metadata,
    text("id", primary_key=True),
    maybe("text"),
    text("salt"),
    text("hash"),
    maybe("redacted"),
)

audit = Table(
    "audit",
    metadata,
    text("id", primary_key=True),
    at("at"),
    text("by"),
    text("action"),
    text("subject"),
    text("outcome"),
    maybe("fact", unique=True),
    text("surface"),
    maybe("correlation_id"),
    text("digest"),
    number("position", nullable=True, unique=True),
    maybe("mac"),
    maybe("key"),
)

jobs = Table(
    "jobs",
    metadata,
    text("id", primary_key=True),
    text("kind"),
    number("version"),
    maybe("key", unique=True),
    maybe("subject", index=True),
    json("payload"),
    text("lane"),
    number("priority"),
    at("due"),
    text("state"),
    number("attempts"),
    number("fence"),
    maybe_at("leased_until"),
    at("created_at"),
    maybe_at("finished_at"),
    maybe("error"),
    maybe("correlation_id"),
    maybe("waits_for"),
    Index("ix_jobs_claim", "state", "lane", "due"),
)

calls = Table(
    "calls",
    metadata,
    text("key", primary_key=True),
    text("args_hash"),
    json("reply"),
    at("created_at"),
)

duties = Table(
    "duties",
    metadata,
    text("name", primary_key=True),
    text("holder"),
    number("fence"),
    at("leased_until"),
    at("finished_at"),
)

numbers = Table(
    "numbers",
    metadata,
    text("name", primary_key=True),
    number("last"),
)

settings = Table(
    "settings",
    metadata,
    text("name", primary_key=True),
    json("value"),
)

stored_calls = Table(
    "stored_calls",
    metadata,
    text("id", primary_key=True),
    text("command"),
    json("args"),
    at("created_at"),
)
