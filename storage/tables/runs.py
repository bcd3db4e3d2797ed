"""Runs of runbooks."""

from sqlalchemy import Boolean, Column, Table

from storage.tables.base import at, json, maybe, metadata, number, text

runs = Table(
    "runs",
    metadata,
    text("id", primary_key=True),
    number("number", unique=True),
    text("runbook", index=True),
    text("status"),
    maybe("incident", index=True),
    text("target", index=True),
    Column("closed", Boolean, nullable=False),
    at("started_at"),
    json("doc"),
)
