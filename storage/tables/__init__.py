"""The tables, one file per noun; every file adds to the one metadata."""

from storage.tables import (
    alerts,
    approvals,
    catalog,
    chats,
    console,
    incidents,
    ledger,
    models,
    paging,
    people,
)
from storage.tables.base import metadata

__all__ = [
    "alerts",
    "approvals",
    "catalog",
    "chats",
    "console",
    "incidents",
    "ledger",
    "metadata",
    "models",
    "paging",
    "people",
]
