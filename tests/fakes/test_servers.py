"""The servers that tests lean on are the real ones."""

from typing import LiteralString

import psycopg
import redis
from psycopg import sql

from tests.fakes.postgres import Postgres, libpq
from tests.fakes.redis_server import empty


def test_postgres_confirms_what_is_written_and_knows_vectors(postgres_url: str) -> None:
    """A test's database is a real one: a commit is in the log, and pgvector can be created."""
    with psycopg.connect(libpq(postgres_url)) as connection:
        connection.execute("CREATE EXTENSION vector")
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
        assert connection.execute("SELECT '[1,2]'::vector <-> '[1,2]'").fetchone() == (0.0,)


def test_database_is_a_copy_of_its_template(postgres_server: Postgres) -> None:
    """What was in the template is in the copy, and the copy's changes stay in the copy."""
    with postgres_server.database() as template:
        run(template, "CREATE TABLE bells (name text)")
        with postgres_server.database(template) as copy:
            run(copy, "INSERT INTO bells VALUES ('tocsin')")
        with psycopg.connect(libpq(template)) as connection:
            assert connection.execute("SELECT count(*) FROM bells").fetchone() == (0,)


def test_redis_is_emptied_between_tests(redis_url: str) -> None:
    """Redis has streams, and emptying it leaves nothing for the next test."""
    with redis.Redis.from_url(redis_url) as client:
        client.xadd("alerts", {"name": "DiskFull"})
        assert client.xlen("alerts") == 1
        empty(redis_url)
        assert client.dbsize() == 0


def run(url: str, statement: LiteralString) -> None:
    with psycopg.connect(libpq(url)) as connection:
        connection.execute(sql.SQL(statement))
