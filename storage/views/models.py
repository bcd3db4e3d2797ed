"""Calls to language models for an admin: what left, where to, what came back, what it cost."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from domain.base import Frozen
from storage.scope import Scope
from storage.tables.models import model_calls
from storage.views.listing import FIRST, Cut, Listing, Order, equal, part
from storage.views.visible import with_incident


class ModelCallView(Frozen):
    """One call. ``request`` is the redacted text as it was sent; ``answer`` what came back, or
    why nothing did."""

    id: str
    at: datetime
    purpose: str
    prompt: str
    model: str
    address: str
    incident: str | None
    request: str
    sent_bytes: int
    input_tokens: int
    output_tokens: int
    cost_usd: float
    outcome: str
    answer: str | None


class ModelCallFilter(Frozen):
    """Which calls: every field that is set must fit."""

    purpose: str | None = None
    incident: str | None = None
    outcome: str | None = None


class ModelTotals(Frozen):
    """What the calls that fit come to."""

    calls: int
    sent_bytes: int
    cost_usd: float


EVERY = ModelCallFilter()
COLUMNS = ("purpose", "incident", "outcome")


async def listed(
    scope: Scope, viewer: str | None, wanted: ModelCallFilter = EVERY, cut: Cut = FIRST
) -> Listing[ModelCallView]:
    """The calls that fit, newest first; none about an incident that the reader may not know."""
    columns = (model_calls.c[name] for name in ModelCallView.model_fields)
    query = select(*columns).where(*_clauses(viewer, wanted))
    found = await part(scope, query, Order(model_calls.c.id), cut)
    items = tuple(ModelCallView.model_validate(dict(row)) for row in found.rows)
    return Listing(items=items, next=found.next)


async def totals(scope: Scope, viewer: str | None, wanted: ModelCallFilter = EVERY) -> ModelTotals:
    """Their number, bytes and cost together."""
    sums = (func.sum(model_calls.c.sent_bytes), func.sum(model_calls.c.cost_usd))
    query = select(func.count(), *sums).where(*_clauses(viewer, wanted))
    calls, sent, cost = (await scope.connection.execute(query)).one()
    return ModelTotals(calls=int(calls), sent_bytes=int(sent or 0), cost_usd=float(cost or 0))


async def purposes(scope: Scope, viewer: str | None) -> tuple[str, ...]:
    """What models were asked for, by name."""
    query = select(model_calls.c.purpose).where(*_clauses(viewer, EVERY)).distinct()
    return tuple(sorted((await scope.connection.execute(query)).scalars()))


def _clauses(viewer: str | None, wanted: ModelCallFilter) -> Iterable[ColumnElement[bool]]:
    yield with_incident(model_calls.c.incident, viewer)
    yield from equal(model_calls, wanted, COLUMNS)
