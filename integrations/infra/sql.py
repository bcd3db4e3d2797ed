"""Steps on databases: one statement, its values bound; what reads cannot write."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import AsyncConnection
from pydantic import SecretStr

from domain.errors import Permanent
from domain.run import StepOrder, StepOutcome
from domain.runbook import BOUND, Sql

CONNECT_S = 10
LONGEST_CELL = 200
NOT_SEEN = "the line was cut at its end; whether it was written is not known"
Row = tuple[Any, ...]


@dataclass(frozen=True)
class SqlSteps:
    """``databases`` are addresses of PostgreSQL, by the name that runbooks use."""

    databases: Mapping[str, SecretStr]

    async def perform(self, order: StepOrder) -> StepOutcome:
        """Ask once, within the time of the step. Whatever comes before the end of the transaction
        means that nothing was written."""
        sql = order.action.sql
        if sql is None:
            raise Permanent("this is no statement")
        line = await self._connected(sql.connection, order.timeout.total_seconds())
        try:
            async with asyncio.timeout(order.timeout.total_seconds()):
                outcome = await (_read(line, sql) if sql.read else _to_write(line, sql))
            return await _written(line, outcome) if sql.write and outcome.ok else outcome
        except TimeoutError:
            return StepOutcome(ok=False, detail="it took too long, and nothing was written")
        except psycopg.Error as error:
            return StepOutcome(ok=False, detail=f"nothing was written: {_why(error)}")
        finally:
            await line.close()

    async def _connected(self, name: str, seconds: float) -> AsyncConnection[Row]:
        """Raises `Permanent`: nothing was asked."""
        address = self.databases.get(name)
        if address is None:
            raise Permanent(f"an admin names the database {name} in TOCSIN_RUNBOOK_DATABASES first")
        try:
            return await AsyncConnection.connect(
                address.get_secret_value(),
                connect_timeout=CONNECT_S,
                application_name="tocsin runbook",
                options=f"-c statement_timeout={round(seconds * 1000)}",
            )
        except psycopg.Error as error:
            raise Permanent(f"{name} was not reached: {type(error).__name__}") from error


async def _read(line: AsyncConnection[Row], sql: Sql) -> StepOutcome:
    """The first rows. It is one statement, for the extended protocol takes no other."""
    await line.set_read_only(True)
    rows: list[Row] = []
    async with line.cursor() as cursor:
        async for row in cursor.stream(*_bound(sql)):
            rows.append(row)
            if len(rows) > sql.most_rows:
                break
        names = [one.name for one in cursor.description or ()]
    more = len(rows) > sql.most_rows
    told = f"{sql.most_rows} rows and more" if more else _counted(len(rows))
    return StepOutcome(ok=True, detail=told, output=_table(names, rows[: sql.most_rows]))


async def _to_write(line: AsyncConnection[Row], sql: Sql) -> StepOutcome:
    """What would be written, and is not yet."""
    async with line.cursor() as cursor:
        await cursor.execute(*_bound(sql), prepare=True)
        count = max(cursor.rowcount, 0)
        names = [one.name for one in cursor.description or ()]
        said = _table(names, await cursor.fetchmany(sql.most_rows)) if names else ""
    if count > sql.most_rows:
        told = f"nothing was written: it would be {_counted(count)}, at most {sql.most_rows}"
        return StepOutcome(ok=False, detail=told)
    return StepOutcome(ok=True, detail=f"{_counted(count)} written", output=said)


async def _written(line: AsyncConnection[Row], outcome: StepOutcome) -> StepOutcome:
    """The transaction ends: the one moment after which nobody may know."""
    try:
        async with asyncio.timeout(CONNECT_S):
            await line.commit()
    except (psycopg.OperationalError, TimeoutError):
        return outcome.model_copy(update={"ok": None, "detail": NOT_SEEN})
    return outcome


def _bound(sql: Sql) -> tuple[Any, dict[str, str]]:
    """The statement as the driver writes it, and its values."""
    told = BOUND.sub(r"%(\1)s", sql.statement.replace("%", "%%"))
    return told.encode(), sql.values


def _table(names: Sequence[str], rows: Sequence[Row]) -> str:
    lines = [names, *([_cell(one) for one in row] for row in rows)]
    return "".join("\t".join(line) + "\n" for line in lines)


def _cell(value: Any) -> str:
    return " ".join(str("NULL" if value is None else value)[:LONGEST_CELL].split())


def _counted(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"


def _why(error: psycopg.Error) -> str:
    """What the server said, in a line."""
    return " ".join((error.diag.message_primary or type(error).__name__).split())[:LONGEST_CELL]
