"""Values in, rows out: one repository shape for every aggregate."""

from collections.abc import Iterable
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import BaseModel
from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.engine import RowMapping

from domain.errors import NotFound, Stale
from storage.connection import Connection
from storage.types import Json

Value = TypeVar("Value", bound=BaseModel)


@cache
def _columns(table: Table) -> tuple[set[str], set[str]]:
    """The names of plain columns, and of those that hold JSON."""
    documents = {column.name for column in table.c if column.type is Json}
    return {column.name for column in table.c} - documents, documents


def to_row(value: BaseModel, table: Table) -> dict[str, Any]:
    """The columns of ``table`` from the fields of ``value``; JSON columns in JSON's own types."""
    plain, documents = _columns(table)
    row = value.model_dump(include=plain)
    return row | value.model_dump(mode="json", include=documents) if documents else row


@cache
def _by_id(table: Table, *, locking: bool) -> Select[Any]:
    query = select(table).where(table.c.id == bindparam("wanted")).limit(1)
    return query.with_for_update() if locking else query


@cache
def by_id_set(table: Table) -> Update:
    """Sets the columns that are given as parameters."""
    return update(table).where(table.c.id == bindparam("wanted"))


class Rows(Generic[Value]):
    """Values of one kind in one table. In a write unit `get` locks the row it reads."""

    table: Table
    model: type[Value]
    noun: str
    # what to do about one that is not there
    found_by: str = "ask whoever named it"

    def __init__(self, connection: Connection, *, locking: bool) -> None:
        self.connection = connection
        self.locking = locking

    async def get(self, key: str) -> Value | None:
        """The value whose ``id`` is ``key``."""
        return await self._one(key, locking=self.locking)

    async def look(self, key: str) -> Value | None:
        """As `get`, and locks nothing: what must be locked before it is not known yet."""
        return await self._one(key, locking=False)

    async def need(self, key: str) -> Value:
        """As `get`; raises `NotFound` with a sentence where there is none."""
        found = await self.get(key)
        if found is None:
            raise NotFound(f"There is no {self.noun} {key}: {self.found_by}.")
        return found

    async def first(self, *where: ColumnElement[bool]) -> Value | None:
        """The one value that fits, locked in a write unit."""
        query = select(self.table).where(*where).limit(1)
        if self.locking:
            query = query.with_for_update()
        row = (await self.connection.execute(query)).mappings().first()
        return self.read(row) if row else None

    async def where(self, *where: ColumnElement[bool], **options: Any) -> tuple[Value, ...]:
        """All values that fit, in ``order`` and at most ``limit`` where given."""
        return await self.all(self._ordered(select(self.table).where(*where), **options))

    async def all(self, query: Select[Any]) -> tuple[Value, ...]:
        """The values of a query over the table."""
        rows = (await self.connection.execute(query)).mappings()
        return tuple(self.read(row) for row in rows)

    async def add(self, value: Value) -> Value:
        """Store a new value."""
        await self.connection.execute(insert(self.table), self.write(value))
        return value

    async def add_all(self, values: Iterable[Value]) -> None:
        """Store many new values in one statement."""
        if rows := [self.write(value) for value in values]:
            await self.connection.execute(insert(self.table), rows)

    async def save(self, value: Value) -> Value:
        """Store a changed value by its ``id``."""
        row = self.write(value)
        changed = await self.connection.execute(by_id_set(self.table), row | {"wanted": row["id"]})
        if changed.rowcount != 1:
            raise Stale(f"{self.noun} {row['id']} has gone: look again.")
        return value

    async def save_all(self, values: Iterable[Value]) -> None:
        """Store many changed values in one statement."""
        if rows := [self.write(value) for value in values]:
            changed = [row | {"wanted": row["id"]} for row in rows]
            await self.connection.execute(by_id_set(self.table), changed)

    def read(self, row: RowMapping) -> Value:
        """A row as a value."""
        return self.model.model_validate(dict(row))

    def write(self, value: Value) -> dict[str, Any]:
        """A value as a row."""
        return to_row(value, self.table)

    async def _one(self, key: str, *, locking: bool) -> Value | None:
        query = _by_id(self.table, locking=locking)
        row = (await self.connection.execute(query, {"wanted": key})).mappings().first()
        return self.read(row) if row else None

    @staticmethod
    def _ordered(query: Select[Any], order: Any = None, limit: int | None = None) -> Select[Any]:
        if order is not None:
            query = query.order_by(order)
        return query if limit is None else query.limit(limit)


class Documents(Rows[Value]):
    """Values kept whole in a JSON column ``doc`` beside their ``id``."""

    def read(self, row: RowMapping) -> Value:
        """The document as a value."""
        return self.model.model_validate(row["doc"])

    def write(self, value: Value) -> dict[str, Any]:
        """A value as its document."""
        doc = value.model_dump(mode="json")
        return {"id": doc["id"], "doc": doc}

    async def put(self, value: Value) -> Value:
        """Store a value, new or not."""
        if await self.get(self.write(value)["id"]) is None:
            return await self.add(value)
        return await self.save(value)

    async def present(self) -> dict[str, tuple[Value, str | None]]:
        """Everything by id, each with the file that manages it, where one does."""
        rows = (await self.connection.execute(select(self.table))).mappings()
        return {row["id"]: (self.read(row), row["managed_by"]) for row in rows}

    async def declare(self, value: Value, file: str) -> None:
        """Store a value that a file manages from now on."""
        await self.put(value)
        mine = self.table.c.id == self.write(value)["id"]
        await self.connection.execute(update(self.table).where(mine).values(managed_by=file))

    async def drop(self, key: str) -> None:
        """Remove a value."""
        await self.connection.execute(delete(self.table).where(self.table.c.id == key))
