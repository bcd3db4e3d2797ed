"""Steps on databases, against a real PostgreSQL: what reads writes no table, values stay values."""

import json
import re
import tracemalloc
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from domain.errors import Permanent
from domain.run import StepOrder, StepOutcome
from domain.runbook import Action, Sql
from integrations.infra.sql import SqlSteps

pytestmark = pytest.mark.postgres
HOSTILE = Path(__file__).parents[4] / "shared" / "data" / "hostile" / "hostile_strings.jsonl"
CHECKED_LATE = (
    "CREATE TABLE one (id int PRIMARY KEY);"
    "CREATE TABLE two (id int REFERENCES one DEFERRABLE INITIALLY DEFERRED)"
)


def order(seconds: int = 20, **told: Any) -> StepOrder:
    """An order of one statement."""
    action = Action(sql=Sql.model_validate({"connection": "main", **told}))
    return StepOrder(key="k", action=action, timeout=timedelta(seconds=seconds))


@pytest.fixture
def plain_url(postgres_url: str) -> str:
    """The address of an empty database with one table of five rows."""
    url = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url) as line:
        line.execute("CREATE TABLE jobs AS SELECT n AS id, 'job ' || n AS name"
                     " FROM generate_series(1, 5) AS n")  # fmt: skip
    return url


@pytest.fixture
def steps(plain_url: str) -> SqlSteps:
    """As an admin has named it."""
    return SqlSteps({"main": SecretStr(plain_url)})


async def test_what_reads(steps: SqlSteps):
    """The first rows, as text; a value of any type fits its column."""
    read = "SELECT id, name, NULL::text AS more FROM jobs WHERE id >= :least ORDER BY id"
    done = await steps.perform(order(read=read, values={"least": "2"}, most_rows=2))
    assert (done.ok, done.detail) == (True, "2 rows and more")
    assert done.output == "id\tname\tmore\n2\tjob 2\tNULL\n3\tjob 3\tNULL\n"
    one = await steps.perform(order(read="SELECT count(*) FROM jobs WHERE name LIKE 'job%'"))
    assert (one.detail, one.output) == ("1 row", "count\n5\n")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("EXPLAIN ANALYZE DELETE FROM jobs", "cannot execute DELETE in a read-only transaction"),
        ("SELECT 1/0 FROM (SELECT pg_notify('a', 'b')) AS told", "^division by zero"),
        ("WITH gone AS (DELETE FROM jobs RETURNING id) SELECT * FROM gone", "read-only"),
        ("SELECT 1; DELETE FROM jobs", "multiple commands"),
        ("SELECT 1; COMMIT; DELETE FROM jobs", "multiple commands"),
        ("SELECT pg_sleep(30)", "statement timeout|too long"),
        ("SELECT nothing", "does not exist"),
    ],
)
async def test_what_reads_cannot_write_tables(
    steps: SqlSteps, plain_url: str, statement: str, told: str
):
    """By no statement, nor by a second one behind it; it has no more than its time."""
    done = await steps.perform(order(1, read=statement))
    assert done.ok is False
    assert re.search(told, done.detail)
    assert rows(plain_url) == 5


async def test_what_writes_is_written_or_not_at_all(steps: SqlSteps, plain_url: str):
    """More rows than its author allows, and none is."""
    moved: dict[str, Any] = {
        "write": "DELETE FROM jobs WHERE id < :most RETURNING id",
        "values": {"most": "4"},
    }
    done = await steps.perform(order(**moved, most_rows=2))
    assert (done.ok, done.detail) == (
        False, "taken back: it would be 3 rows and more, at most 2",
    )  # fmt: skip
    done = await steps.perform(order(write="DELETE FROM jobs", most_rows=2))
    assert done.detail == "taken back: it would be 5 rows, at most 2"
    assert rows(plain_url) == 5
    done = await steps.perform(order(**moved, most_rows=3))
    assert (done.ok, done.detail, done.output) == (True, "3 rows written", "id\n1\n2\n3\n")
    assert rows(plain_url) == 2
    twice = await steps.perform(order(write="DELETE FROM jobs; DELETE FROM jobs"))
    assert (twice.ok, rows(plain_url)) == (False, 2)
    with psycopg.connect(plain_url) as line:
        line.execute(CHECKED_LATE)
    late = await steps.perform(order(write="INSERT INTO two VALUES (7)"))
    assert late == StepOutcome(ok=False, detail=late.detail)
    assert "taken back: insert or update" in late.detail
    copied = await steps.perform(order(write="COPY jobs TO STDOUT"))
    assert copied.ok is False
    assert copied.detail.startswith("taken back: ")
    made = await steps.perform(order(write="CREATE TABLE three (id int)"))
    assert (made.ok, made.detail) == (True, "0 rows written")


@pytest.mark.parametrize(
    "told",
    [
        {"read": "SELECT n, repeat('é', 2000000) FROM generate_series(1, 20) AS n"},
        {"write": "INSERT INTO jobs SELECT n FROM generate_series(1, 20) AS n"
                  " RETURNING id, repeat('é', 2000000)"},
    ],
)  # fmt: skip
async def test_a_row_is_cut_before_the_next_is_taken(steps: SqlSteps, told: dict[str, Any]):
    """However many there are, one cell is here at a time."""
    tracemalloc.start()
    try:
        done = await steps.perform(order(**told))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert done.ok, done.detail
    assert f"1\t{'é' * 200}" in done.output
    assert most < 20_000_000


async def test_an_admin_says_how_to_connect(plain_url: str):
    """And the step's time is kept beside it."""
    more = "&" if "?" in plain_url else "?"
    steps = SqlSteps(
        {"main": SecretStr(f"{plain_url}{more}options=-c%20default_transaction_read_only%3Don")}
    )
    done = await steps.perform(order(write="DELETE FROM jobs"))
    assert done.detail == "taken back: cannot execute DELETE in a read-only transaction"
    read = "SELECT current_setting('statement_timeout') AS told, true AS well, ARRAY[1, 2] AS two"
    done = await steps.perform(order(3, read=read))
    assert done.output == "told\twell\ttwo\n3s\tt\t{1,2}\n"


async def test_what_nobody_has_named():
    """Nor reaches: nothing was asked."""
    steps = SqlSteps({"main": SecretStr("postgresql://me:secret@127.0.0.1:1/none")})
    with pytest.raises(Permanent, match="main was not reached") as found:
        await steps.perform(order(read="SELECT 1"))
    assert "secret" not in str(found.value)
    with pytest.raises(Permanent, match="an admin names the database main"):
        await SqlSteps({}).perform(order(read="SELECT 1"))
    with pytest.raises(Permanent, match="zero byte"):
        await steps.perform(order(read="SELECT :a::text", values={"a": "b\0c"}))


@pytest.mark.skipif(not HOSTILE.exists(), reason="the hostile strings are not here")
async def test_hostile_values_stay_values(steps: SqlSteps, plain_url: str):
    """A thousand at once, byte for byte, and the table is as it was."""
    lines = HOSTILE.read_text(encoding="utf-8").splitlines()
    values = [json.loads(line)["s"] for line in lines]
    values = [one for one in values if "\0" not in one and one.encode(errors="ignore")][::4]
    named = {f"v{n}": one for n, one in enumerate(values)}
    read = "SELECT md5(array_to_string(ARRAY[" + ", ".join(f":{name}::text" for name in named)
    read += "], '|'))"
    with psycopg.connect(plain_url) as line:
        asked = "SELECT md5(array_to_string(%s::text[], '|'))"
        (whole,) = line.execute(asked, [values]).fetchone() or ("",)
    sql = Sql.model_construct(connection="main", read=read, values=named, most_rows=1)
    given = order(read="SELECT 1").model_copy(update={"action": Action.model_construct(sql=sql)})
    done = await steps.perform(given)
    assert done.detail == "1 row"
    assert done.output == f"md5\n{whole}\n"
    assert rows(plain_url) == 5


def rows(url: str) -> int:
    """How many there are."""
    with psycopg.connect(url) as line:
        (count,) = line.execute("SELECT count(*) FROM jobs").fetchone() or (0,)
    return int(count)
