"""Approvals for a reader."""

from datetime import datetime

from sqlalchemy import Select, select

from domain.approval import Approval, ApprovalGrant, ApprovalStatus
from domain.base import Frozen
from domain.errors import NotFound
from domain.plan import Danger
from storage.scope import Scope
from storage.tables.approvals import approvals
from storage.views.listing import FIRST, Cut, Listing, Order, equal, part
from storage.views.visible import with_incident


class ApprovalView(Frozen):
    """An approval as the contract shows it; ``plan`` is the whole text that was agreed to.

    ``line`` is the call as people type it, ``title`` the plan in one line; ``paged`` counts the
    approvers who were rung.
    """

    id: str
    command: str
    line: str
    title: str
    plan: str
    plan_hash: str
    danger: Danger
    incident: str | None
    asked_by: str
    asked_at: datetime
    approvers: tuple[str, ...]
    needs: int
    grants: tuple[ApprovalGrant, ...]
    status: ApprovalStatus
    reason: str
    expires_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    paged: int


class ApprovalFilter(Frozen):
    """Which approvals: every field that is set must fit."""

    status: ApprovalStatus | None = None
    incident: str | None = None


ANY = ApprovalFilter()


async def listed(
    scope: Scope, viewer: str | None, wanted: ApprovalFilter = ANY, cut: Cut = FIRST
) -> Listing[ApprovalView]:
    """The approvals that fit, newest first."""
    clauses = equal(approvals, wanted, ApprovalFilter.model_fields)
    found = await part(scope, _all(viewer).where(*clauses), Order(approvals.c.number), cut)
    items = tuple(view_of(Approval.model_validate(dict(row))) for row in found.rows)
    return Listing(items=items, next=found.next)


async def shown(scope: Scope, viewer: str | None, key: str) -> ApprovalView:
    """One approval. Raises `NotFound`."""
    query = _all(viewer).where(approvals.c.id == key)
    row = (await scope.connection.execute(query)).mappings().first()
    if row is None:
        raise NotFound(f"There is no approval {key}: see /approval list.")
    return view_of(Approval.model_validate(dict(row)))


def view_of(approval: Approval) -> ApprovalView:
    """The approval in the contract's shape."""
    told = approval.model_dump() | {
        "command": approval.held.command,
        "title": approval.plan.title,
        "plan": approval.plan.text,
        "danger": approval.guard.danger,
        "asked_by": approval.asked_by,
        "approvers": tuple(map(str, approval.guard.approvers)),
        "needs": approval.guard.needs,
        "paged": len(approval.paged),
    }
    return ApprovalView.model_validate({name: told[name] for name in ApprovalView.model_fields})


def _all(viewer: str | None) -> Select[tuple[object, ...]]:
    return select(approvals).where(with_incident(approvals.c.incident, viewer))
