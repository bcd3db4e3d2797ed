"""Numbers people say aloud: INC-1, ALR-7. One sequence for each kind."""

from sqlalchemy import update

from storage.scope import Scope
from storage.tables.ledger import numbers


class Numbers:
    """Gapless within what commits; the row is locked until then."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def next(self, name: str, count: int = 1) -> int:
        """The first of ``count`` fresh numbers of the kind ``name``."""
        start = self.scope.insert_new(numbers, "name").values(name=name, last=0)
        await self.scope.connection.execute(start)
        raised = update(numbers).where(numbers.c.name == name)
        raised = raised.values(last=numbers.c.last + count)
        row = await self.scope.connection.execute(raised.returning(numbers.c.last))
        return int(row.scalar_one()) - count + 1
