"""What changed before an incident, for whoever may read it."""

from sqlalchemy import select

from domain.incident import Incident
from domain.suspects import Suspect
from storage.scope import Scope
from storage.suspects import Suspects
from storage.tables import incidents as tables
from storage.views.incidents import shown


async def of(scope: Scope, viewer: str | None, key: str) -> tuple[Suspect, ...]:
    """The changes before it, the nearest first. Raises `NotFound` where it is hidden."""
    seen = await shown(scope, viewer, key)
    query = select(tables.incidents).where(tables.incidents.c.id == seen.id)
    row = (await scope.connection.execute(query)).mappings().one()
    return await Suspects(scope).of(Incident.model_validate(dict(row)))
