"""Statements are compiled once for each process, not once for each engine.

SQLAlchemy keeps what it has compiled by dialect, and every engine has a dialect of its own. Those
that speak to the same version of the same server compile alike: here such dialects are equal, and
what was compiled for one engine serves the next, whether it reads or writes.
"""

from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL

from storage.types import JSON_TEXT

LIMIT = 2_000
SQLITE, POSTGRESQL = "sqlite+tocsin", "postgresql+tocsin"


class Alike(Dialect):
    """Equal to every dialect of its class that has found the same version of the server."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.server_version_info == (
            other.server_version_info
        )

    def __hash__(self) -> int:
        return hash(type(self))


class Sqlite(Alike, SQLiteDialect_pysqlite):
    """SQLite through the standard library."""

    supports_statement_cache = True


class Psycopg(Alike, PGDialectAsync_psycopg):
    """PostgreSQL through psycopg, for an event loop."""

    supports_statement_cache = True

    @classmethod
    def get_async_dialect_cls(cls, _url: URL) -> type[Dialect]:
        """Itself: what it inherits names the class that it extends."""
        return cls


class Compiled(dict[Any, Any]):
    """Begins anew when it is full, so that statements of ever new shapes do not fill the memory."""

    def __setitem__(self, key: Any, value: Any) -> None:
        if len(self) >= LIMIT:
            self.clear()
        super().__setitem__(key, value)


OPTIONS = {
    "compiled_cache": Compiled(),
    # Rows are read by name or by place, so what a statement named its columns need not be mapped
    # anew for each execution, which takes longer than the statement itself. SQLAlchemy's ORM asks
    # for the same; a version that knew this no more would be slower and nothing else.
    "_result_disable_adapt_to_context": True,
}
# What engines are made with. All of it must be the same for all: it is part of what is compiled.
ALIKE: dict[str, Any] = {**JSON_TEXT, "execution_options": OPTIONS}

registry.register("sqlite.tocsin", __name__, Sqlite.__name__)
registry.register("postgresql.tocsin", __name__, Psycopg.__name__)
