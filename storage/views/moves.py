"""Where incidents were handed to before, for a reader."""

from datetime import timedelta

from sqlalchemy import select

from domain.handover import Move
from domain.ids import first_id
from domain.paging import NotOurs
from storage.scope import Scope
from storage.tables.ledger import facts
from storage.views.visible import about

REMEMBERED = timedelta(days=180)
MOST = 500


async def moves(scope: Scope, viewer: str | None) -> tuple[Move, ...]:
    """The last moves of half a year; none of incidents that the reader may not know of."""
    query = select(facts.c.payload).where(
        facts.c.id >= first_id(scope.now - REMEMBERED),
        facts.c.kind == NotOurs.kind,
        about(facts.c.subject, viewer),
    )
    newest = query.order_by(facts.c.id.desc()).limit(MOST)
    rows = (await scope.connection.execute(newest)).scalars()
    return tuple(_move(NotOurs.model_validate(payload)) for payload in rows)


def _move(fact: NotOurs) -> Move:
    return Move(team=fact.new, service=fact.service, alerts=frozenset(fact.alerts))
