"""Steps on databases: one statement, its values bound; what reads cannot write tables."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.errors import error_from_result
from psycopg.generators import fetch, send
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from pydantic import SecretStr

from domain.errors import Permanent
from domain.run import StepOrder, StepOutcome
from domain.runbook import BOUND, Sql

CONNECT_S = 10
LONGEST_CELL = 200
LONGEST_LETTER = 4
WELL = (ExecStatus.SINGLE_TUPLE, ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
NOT_SEEN = "the line was cut at its end; whether it was written is not known"
Line = AsyncConnection[Any]


@dataclass
class _Answer:
    """What is shown of the rows; ``count`` is how many it was about, or more unless ``whole``."""

    names: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    count: int = 0
    whole: bool = True

    @property
    def counted(self) -> str:
        """How many."""
        return "1 row" if self.count == 1 else f"{self.count} rows"


@dataclass(frozen=True)
class SqlSteps:
    """``databases`` are addresses of PostgreSQL, by the name that runbooks use."""

    databases: Mapping[str, SecretStr]

    async def perform(self, order: StepOrder) -> StepOutcome:
        """Ask once, within the time of the step. Whatever comes before the end of the transaction
        means that it was taken back."""
        sql = order.action.sql
        if sql is None:
            raise Permanent("this is no statement")
        asked = _bound(sql)
        line = await self._connected(sql.connection)
        seconds = order.timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                await _begin(line, sql, seconds)
                answer = await _answered(line, asked, sql.most_rows)
            return _read(answer, sql) if sql.read else await _written(line, answer, sql)
        except TimeoutError:
            return _failed(sql, "it took too long")
        except psycopg.Error as error:
            return _failed(sql, _why(error))
        finally:
            await line.close()

    async def _connected(self, name: str) -> Line:
        """Raises `Permanent`: nothing was asked."""
        address = self.databases.get(name)
        if address is None:
            raise Permanent(f"an admin names the database {name} in TOCSIN_RUNBOOK_DATABASES first")
        try:
            return await AsyncConnection.connect(
                address.get_secret_value(),
                connect_timeout=CONNECT_S,
                application_name="tocsin runbook",
                client_encoding="utf8",
            )
        except psycopg.Error as error:
            raise Permanent(f"{name} was not reached: {type(error).__name__}") from error


async def _begin(line: Line, sql: Sql, seconds: float) -> None:
    """A transaction whose statement has so long. Said in it, and not while connecting: that would
    take the place of an admin's own options, and a pooler of connections takes none."""
    if sql.read:
        await line.set_read_only(True)
    limit = f"{round(seconds * 1000)}ms"
    await line.execute("SELECT set_config('statement_timeout', %s, true)", [limit])


def _bound(sql: Sql) -> tuple[bytes, list[bytes]]:
    """The statement as the server takes it, and its values. Raises `Permanent`."""
    if any("\0" in one for one in (sql.statement, *sql.values.values())):
        raise Permanent("PostgreSQL takes no text with a zero byte in it")
    places = {name: f"${number}" for number, name in enumerate(sql.values, 1)}
    statement = BOUND.sub(lambda hole: places[hole[1]], sql.statement)
    return statement.encode(), [one.encode() for one in sql.values.values()]


async def _answered(line: Line, asked: tuple[bytes, list[bytes]], most: int) -> _Answer:
    """The first rows, each cut as soon as it is here, and no row after them."""
    answer = _Answer()
    async with aclosing(_results(line, asked)) as results:
        async for result in results:
            columns = range(result.nfields)
            answer.names = answer.names or [(result.fname(n) or b"").decode() for n in columns]
            if result.status != ExecStatus.SINGLE_TUPLE:
                answer.count = result.command_tuples or 0
            elif len(answer.rows) < most:
                answer.rows.append([_cell(result.get_value(0, n)) for n in columns])
            else:
                answer.count, answer.whole = most + 1, False
                break
    return answer


async def _results(line: Line, asked: tuple[bytes, list[bytes]]) -> AsyncGenerator[PGresult]:
    """Each row as it comes, then the end. The driver's cursors keep all rows of what may also give
    none. It is one statement, for the extended protocol takes no other."""
    line.pgconn.send_query_params(*asked)
    line.pgconn.set_single_row_mode()
    await line.wait(send(line.pgconn))
    while result := await line.wait(fetch(line.pgconn)):
        if result.status not in WELL:
            raise error_from_result(result)
        yield result


def _read(answer: _Answer, sql: Sql) -> StepOutcome:
    told = answer.counted if answer.whole else f"{sql.most_rows} rows and more"
    return StepOutcome(ok=True, detail=told, output=_table(answer))


async def _written(line: Line, answer: _Answer, sql: Sql) -> StepOutcome:
    """The transaction ends: the one moment after which nobody may know."""
    if answer.count > sql.most_rows:
        more = "" if answer.whole else " and more"
        return _failed(sql, f"it would be {answer.counted}{more}, at most {sql.most_rows}")
    outcome = StepOutcome(ok=True, detail=f"{answer.counted} written", output=_table(answer))
    try:
        async with asyncio.timeout(CONNECT_S):
            await line.commit()
    except (psycopg.OperationalError, TimeoutError):
        return outcome.model_copy(update={"ok": None, "detail": NOT_SEEN})
    return outcome


def _failed(sql: Sql, why: str) -> StepOutcome:
    """What a function or a program did that the statement called is not known, and not taken
    back."""
    return StepOutcome(ok=False, detail=why if sql.read else f"taken back: {why}")


def _table(answer: _Answer) -> str:
    lines = [answer.names, *answer.rows] if answer.names else []
    return "".join("\t".join(line) + "\n" for line in lines)


def _cell(value: bytes | None) -> str:
    """Its beginning, as the server writes it."""
    start = b"NULL" if value is None else value[: LONGEST_CELL * LONGEST_LETTER]
    return " ".join(start.decode(errors="replace")[:LONGEST_CELL].split())


def _why(error: psycopg.Error) -> str:
    """What the server said, in a line."""
    return " ".join((error.diag.message_primary or type(error).__name__).split())[:LONGEST_CELL]
