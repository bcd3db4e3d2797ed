"""What repositories need of a connection, whichever database it leads to."""

from typing import Any, Protocol, TypeVarTuple, overload

from sqlalchemy import CursorResult, Dialect, Executable
from sqlalchemy.sql.selectable import TypedReturnsRows

Columns = TypeVarTuple("Columns")


class Connection(Protocol):
    """One transaction at a database."""

    @property
    def dialect(self) -> Dialect:
        """How the database wants to be spoken to."""

    @overload
    async def execute(
        self, statement: TypedReturnsRows[*Columns], parameters: Any = None
    ) -> CursorResult[*Columns]: ...

    @overload
    async def execute(
        self, statement: Executable, parameters: Any = None
    ) -> CursorResult[*tuple[Any, ...]]: ...

    async def execute(self, statement: Any, parameters: Any = None) -> CursorResult[Any]:
        """Carry out a statement, once for each of ``parameters`` where they are a list."""
