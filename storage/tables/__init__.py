"""The tables, one file per noun; every file adds to the one metadata."""

from storage.tables import (
    alerts,
    approvals,
    catalog,
    chats,
    console,
    contacts,
    incidents,
    ledger,
    models,
    paging,
    people,
    runs,
)
from storage.tables.base import metadata

__all__ = [
    "alerts",
    "approvals",
    "catalog",
    "chats",
    "console",
    "contacts",
    "incidents",
    "ledger",
    "metadata",
    "models",
    "paging",
    "people",
    "runs",
]
