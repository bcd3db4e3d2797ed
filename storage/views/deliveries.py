"""Deliveries that somebody should look at: in an unknown shape, or with alerts left out."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.engine import RowMapping

from domain.base import Frozen
from storage.alerts import raw
from storage.scope import Scope
from storage.tables.alerts import deliveries

LOOKED_AT = 500
SHOWN = 10
EXCERPT = 2000


class OddDelivery(Frozen):
    """``body`` is the beginning of a body that was not understood, "" once it was forgotten;
    ``truncated`` how many alerts the sender left out."""

    id: str
    source: str
    integration: str
    received_at: datetime
    understood: bool
    truncated: int
    body: str


async def odd(scope: Scope) -> tuple[OddDelivery, ...]:
    """The odd ones among the last few hundred, the newest first: whoever sends them sends more."""
    columns = [deliveries.c[name] for name in OddDelivery.model_fields]
    newest = select(*columns).order_by(deliveries.c.id.desc()).limit(LOOKED_AT).subquery()
    wanted = or_(~newest.c.understood, newest.c.truncated > 0)
    query = select(newest).where(wanted).order_by(newest.c.id.desc()).limit(SHOWN)
    rows = (await scope.connection.execute(query)).mappings()
    return tuple(OddDelivery.model_validate(dict(row) | {"body": _excerpt(row)}) for row in rows)


def _excerpt(row: RowMapping) -> str:
    body = raw(row["body"]) if not row["understood"] else None
    return (body or b"")[:EXCERPT].decode("utf-8", "replace")
