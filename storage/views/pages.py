"""Pages for a reader: those that wait for them, and those of an incident."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Select, select

from domain.base import Frozen
from domain.paging import PageState
from domain.severity import Severity
from storage.scope import Scope
from storage.tables.incidents import incidents
from storage.tables.paging import pages, rings
from storage.views.visible import visible


class PageView(Frozen):
    """A page; ``next`` is who is paged at ``next_at`` without an answer."""

    id: str
    incident: str
    title: str
    severity: Severity
    user: str
    state: PageState
    urgency: Literal["high", "low"]
    why: str
    next: str | None
    next_at: datetime | None
    created_at: datetime
    ended_at: datetime | None
    ended_by: str | None


class RingView(Frozen):
    """One attempt to reach somebody for the page ``page``; ``told`` is what its provider said came
    of it."""

    page: str
    k: int
    method: str
    result: Literal["sent", "failed"]
    told: str | None = None
    at: datetime


async def pending(scope: Scope, viewer: str) -> tuple[PageView, ...]:
    """The reader's own pages that still ring, newest first."""
    mine = _pages(viewer).where(pages.c.user == viewer, pages.c.state == "sent")
    return await _views(scope, mine.order_by(pages.c.id.desc()))


async def ringing(scope: Scope, viewer: str | None) -> tuple[PageView, ...]:
    """Everybody's pages that still ring, oldest first."""
    query = _pages(viewer).where(pages.c.state == "sent")
    return await _views(scope, query.order_by(pages.c.id))


async def of_incident(scope: Scope, viewer: str | None, incident: str) -> tuple[PageView, ...]:
    """Everybody who was paged for an incident, oldest first; none where it is hidden."""
    query = _pages(viewer).where(pages.c.incident == incident)
    return await _views(scope, query.order_by(pages.c.id))


async def rings_of(scope: Scope, viewer: str | None, incident: str) -> tuple[RingView, ...]:
    """Every attempt for every page of an incident, oldest first; none where it is hidden."""
    columns = (rings.c[name] for name in RingView.model_fields)
    query = select(*columns).join(pages, pages.c.id == rings.c.page)
    query = query.join(incidents, incidents.c.id == pages.c.incident)
    query = query.where(pages.c.incident == incident, visible(viewer)).order_by(rings.c.at)
    rows = (await scope.connection.execute(query)).mappings()
    return tuple(RingView.model_validate(dict(row)) for row in rows)


def _pages(viewer: str | None) -> Select[tuple[object, ...]]:
    own = (pages.c[name] for name in PageView.model_fields if name in pages.c)
    joined = pages.join(incidents, incidents.c.id == pages.c.incident)
    query = select(*own, incidents.c.title, incidents.c.severity).select_from(joined)
    return query.where(visible(viewer))


async def _views(scope: Scope, query: Select[tuple[object, ...]]) -> tuple[PageView, ...]:
    rows = (await scope.connection.execute(query)).mappings()
    return tuple(PageView.model_validate(dict(row)) for row in rows)
