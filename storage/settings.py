"""Small values kept with the data: the demo's clock offset, what the database was used for."""

from typing import Any

from sqlalchemy import insert, select, update

from storage.scope import Scope
from storage.tables.ledger import settings


class Settings:
    """Named JSON values."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def get(self, name: str) -> Any:
        """The value, or None."""
        query = select(settings.c.value).where(settings.c.name == name)
        return (await self.scope.connection.execute(query)).scalar()

    async def put(self, name: str, value: Any) -> None:
        """Set the value."""
        changed = update(settings).where(settings.c.name == name).values(value=value)
        if not (await self.scope.connection.execute(changed)).rowcount:
            await self.scope.connection.execute(insert(settings).values(name=name, value=value))
