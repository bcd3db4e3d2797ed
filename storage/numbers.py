"""Numbers people say aloud: INC-1, ALR-7. One sequence for each kind."""

from storage.scope import Scope
from storage.tables.ledger import numbers


class Numbers:
    """Gapless within what commits; the row is locked until then."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def next(self, name: str, count: int = 1) -> int:
        """The first of ``count`` fresh numbers of the kind ``name``."""
        raised = self.scope.upsert(numbers, "name", last=numbers.c.last + count)
        row = {"name": name, "last": count}
        last = await self.scope.connection.execute(raised.returning(numbers.c.last), row)
        return int(last.scalar_one()) - count + 1
