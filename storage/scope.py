"""What every repository of a unit knows: the connection, the time, the ids, who acts."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql, sqlite

from domain.call import Surface
from domain.installation import Installation
from domain.ports import Ids, PageCodes
from storage.connection import Connection


@dataclass
class Scope:
    """One transaction: ``topics`` and ``wake`` gather what to tell others after the commit.

    ``due`` is the time by which jobs and facts are dated; leases use the database's own clock.
    """

    connection: Connection
    now: datetime
    ids: Ids
    by: str
    surface: Surface
    correlation_id: str
    locking: bool
    installation: Installation
    codes: PageCodes
    topics: set[str] = field(default_factory=set)
    wake: bool = False

    @property
    def sqlite(self) -> bool:
        """Whether the database is SQLite, where one writer at a time is given."""
        return self.connection.dialect.name == "sqlite"

    async def exclusively(self, name: str) -> None:
        """Let one transaction at a time past this line; SQLite has but one writer anyway."""
        if not self.sqlite:
            statement = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
            await self.connection.execute(statement, {"name": name})

    def insert_new(self, table: Table, *columns: str) -> Any:
        """An insert that leaves a row alone which has the same ``columns`` already.

        Whether it inserted is told by ``returning``; PostgreSQL's driver gives no row count.
        """
        made = _insert(self.connection.dialect.name, table)
        return made.on_conflict_do_nothing(index_elements=list(columns))

    def upsert(self, table: Table, *columns: str, **changes: Any) -> Any:
        """An insert that changes a row which has the same ``columns`` already.

        Without ``changes`` the row is replaced.
        """
        made = _insert(self.connection.dialect.name, table)
        told = {c.name: made.excluded[c.name] for c in table.c if c.name not in columns}
        return made.on_conflict_do_update(index_elements=list(columns), set_=changes or told)


def _insert(dialect: str, table: Table) -> Any:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
