"""The metadata all tables belong to, and the column shapes they share."""

from typing import Any

from sqlalchemy import Column, MetaData, Text

from storage.types import Big, Json, Utc

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def text(name: str, **options: Any) -> Column[str]:
    """A text column that must hold something."""
    return Column(name, Text, nullable=False, **options)


def maybe(name: str, **options: Any) -> Column[str | None]:
    """A text column that may be empty."""
    return Column(name, Text, **options)


def at(name: str, **options: Any) -> Column[Any]:
    """An instant that is always known."""
    return Column(name, Utc, nullable=False, **options)


def maybe_at(name: str, **options: Any) -> Column[Any]:
    """An instant that may still be to come."""
    return Column(name, Utc, **options)


def json(name: str) -> Column[Any]:
    """A JSON document."""
    return Column(name, Json, nullable=False)


def number(name: str, **options: Any) -> Column[Any]:
    """A whole number."""
    return Column(name, Big, **{"nullable": False, **options})
