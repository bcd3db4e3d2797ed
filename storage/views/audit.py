"""The audit trail for admins: who did what, and what was refused."""

from sqlalchemy import select

from domain.base import Frozen
from domain.errors import NotFound
from storage.audit import AuditRow
from storage.scope import Scope
from storage.tables.ledger import audit
from storage.views.listing import FIRST, Cut, Listing, Order, equal, part
from storage.views.visible import about


class AuditFilter(Frozen):
    """Which rows: every field that is set must fit."""

    by: str | None = None
    action: str | None = None
    subject: str | None = None
    outcome: str | None = None
    correlation_id: str | None = None


ANY = AuditFilter()


async def listed(
    scope: Scope, viewer: str | None, wanted: AuditFilter = ANY, cut: Cut = FIRST
) -> Listing[AuditRow]:
    """The rows that fit, newest first; an admin sees nothing of others' private incidents."""
    clauses = equal(audit, wanted, AuditFilter.model_fields)
    query = select(audit).where(about(audit.c.subject, viewer), *clauses)
    found = await part(scope, query, Order(audit.c.id), cut)
    items = tuple(AuditRow.model_validate(dict(row)) for row in found.rows)
    return Listing(items=items, next=found.next)


async def shown(scope: Scope, viewer: str | None, key: str) -> AuditRow:
    """One row. Raises `NotFound`."""
    query = select(audit).where(audit.c.id == key, about(audit.c.subject, viewer))
    row = (await scope.connection.execute(query)).mappings().first()
    if row is None:
        raise NotFound(f"There is no audit row {key}: see those that there are.")
    return AuditRow.model_validate(dict(row))
