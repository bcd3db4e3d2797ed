"""Calls to language models: the record and the cache in one."""

from sqlalchemy import Column, Float, Table

from storage.tables.base import at, maybe, metadata, number, text

model_calls = Table(
    "model_calls",
    metadata,
    text("id", primary_key=True),
    text("key", index=True),
    text("purpose"),
    text("prompt"),
    text("model"),
    maybe("incident", index=True),
    text("request"),
    maybe("answer"),
    text("outcome"),
    text("address"),
    number("sent_bytes"),
    number("input_tokens"),
    number("output_tokens"),
    Column("cost_usd", Float, nullable=False),
    at("at"),
)
