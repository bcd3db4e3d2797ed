"""Lists cut into parts: a cursor is the key of the last row shown."""

from collections.abc import Iterable
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import Field
from sqlalchemy import Column, ColumnElement, Select, Table
from sqlalchemy.engine import RowMapping

from domain.base import Frozen
from domain.errors import Invalid
from domain.ids import number_of
from storage.scope import Scope
from storage.types import Big

Item = TypeVar("Item")


class Cut(Frozen):
    """Which part of a list: what follows ``cursor``, at most ``limit`` rows."""

    cursor: str | None = None
    limit: int = Field(default=50, ge=1, le=500)


class Listing(Frozen, Generic[Item]):
    """A part of a list; ``next`` is the cursor of the rest, None at its end."""

    items: tuple[Item, ...]
    next: str | None = None


class Order(NamedTuple):
    """By a unique key, descending where it grows with time: the newest come first."""

    key: Column[Any]
    descending: bool = True


class Part(NamedTuple):
    """The rows of one part, and the cursor of the rest."""

    rows: tuple[RowMapping, ...]
    next: str | None


FIRST = Cut()
NONE = -1


async def part(scope: Scope, query: Select[Any], order: Order, cut: Cut) -> Part:
    """The rows of ``query`` within ``cut``. Raises `Invalid` for a cursor that is none."""
    if cut.cursor is not None:
        query = query.where(_beyond(order, cut.cursor))
    key = order.key.desc() if order.descending else order.key
    query = query.order_by(key).limit(cut.limit + 1)
    found = (await scope.connection.execute(query)).mappings().all()
    shown = tuple(found[: cut.limit])
    more = len(found) > len(shown)
    return Part(shown, str(shown[-1][order.key.name]) if more else None)


def equal(table: Table, wanted: Frozen, names: Iterable[str]) -> list[ColumnElement[bool]]:
    """One clause for each field among ``names`` that ``wanted`` sets, on the column of its name."""
    given = ((name, getattr(wanted, name)) for name in names)
    return [table.c[name] == value for name, value in given if value is not None]


def _beyond(order: Order, cursor: str) -> ColumnElement[bool]:
    last: str | int = cursor
    if isinstance(order.key.type, type(Big)):
        last = number_of(cursor)
    if last == NONE:
        raise Invalid("That cursor is none of ours: start again without it.", field="cursor")
    return order.key < last if order.descending else order.key > last
