"""``/admin/ai``: every call to a language model, word for word as it left (rules.md 12)."""

from domain.actor import Role
from domain.base import Frozen
from storage.views import models
from storage.views.listing import Cut
from storage.views.models import ModelCallFilter, ModelCallView, ModelTotals
from web.pages.models import Facet
from web.pages.rows import options
from web.pages.visit import Visit

PATH = "/admin/ai"
TITLE = "Model calls"
UNDER = "now"
ROLE = Role.ADMIN


class Query(Frozen):
    """What the address may ask for."""

    incident: str | None = None
    purpose: str | None = None
    outcome: str | None = None
    cursor: str | None = None


class AiPage(Frozen):
    """``allowed`` is what a model may be used for, nothing where none is set up; ``totals`` are
    those of all calls that fit, not of this part of them."""

    rows: tuple[ModelCallView, ...]
    totals: ModelTotals
    incident: str
    facets: tuple[Facet, ...]
    filtered: bool
    next: str | None
    allowed: tuple[str, ...]


async def page(visit: Visit) -> AiPage:
    """The calls that fit, newest first."""
    asked, scope = visit.wanted(Query), visit.scope
    wanted = _filter(asked)
    found = await models.listed(scope, visit.viewer, wanted, Cut(cursor=asked.cursor))
    return AiPage(
        rows=found.items,
        totals=await models.totals(scope, visit.viewer, wanted),
        incident=wanted.incident or "",
        facets=_facets(wanted, await models.purposes(scope, visit.viewer)),
        filtered=asked != Query(),
        next=visit.elsewhere(cursor=found.next) if found.next else None,
        allowed=tuple(sorted(scope.installation.model_purposes)),
    )


def _filter(asked: Query) -> ModelCallFilter:
    incident = asked.incident and asked.incident.strip().upper()
    return ModelCallFilter(incident=incident, purpose=asked.purpose, outcome=asked.outcome)


def _facets(wanted: ModelCallFilter, purposes: tuple[str, ...]) -> tuple[Facet, ...]:
    choices = (
        ("purpose", "Purpose", wanted.purpose, options(*purposes)),
        ("outcome", "Outcome", wanted.outcome, options("answered", "failed")),
    )
    return tuple(
        Facet(name=name, label=label, value=value or "", options=choice)
        for name, label, value, choice in choices
    )
