"""Postmortems and what they ask for, for a reader."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.engine import RowMapping

from domain.base import Frozen
from domain.errors import NotFound
from domain.postmortem import ActionItem, Postmortem, PostmortemStatus
from domain.postmortem_file import About, markdown
from domain.severity import Severity
from storage.postmortems import ActionItem as AdoptedItem
from storage.scope import Scope
from storage.tables.incidents import action_items, incidents, postmortems
from storage.views.listing import FIRST, Cut, Listing, Order, equal, part
from storage.views.visible import visible


class PostmortemView(Postmortem):
    """A postmortem as the contract shows it, with what its incident is called."""

    title: str
    severity: Severity
    service: str | None
    resolved_at: datetime | None
    published_at: datetime | None


class PostmortemFilter(Frozen):
    """Which postmortems: every field that is set must fit."""

    status: PostmortemStatus | None = None
    incident: str | None = None


class ActionFilter(Frozen):
    """Which action items: every field that is set must fit."""

    incident: str | None = None
    owner: str | None = None
    status: str | None = None


EVERY = PostmortemFilter()
ANY = ActionFilter()
TOLD = (incidents.c.title, incidents.c.severity, incidents.c.service, incidents.c.resolved_at)


async def listed(
    scope: Scope,
    viewer: str | None,
    wanted: PostmortemFilter = EVERY,
    cut: Cut = FIRST,
) -> Listing[PostmortemView]:
    """The postmortems that fit, those of the newest incidents first."""
    clauses = equal(postmortems, wanted, PostmortemFilter.model_fields)
    query = _postmortems(viewer).where(*clauses)
    found = await part(scope, query, Order(incidents.c.number), cut)
    items = [await _view(scope, row) for row in found.rows]
    return Listing(items=tuple(items), next=found.next)


async def shown(scope: Scope, viewer: str | None, incident: str) -> PostmortemView:
    """The postmortem of one incident. Raises `NotFound`."""
    query = _postmortems(viewer).where(postmortems.c.incident == incident)
    row = (await scope.connection.execute(query)).mappings().first()
    if row is None:
        raise NotFound(f"There is no postmortem of {incident}: type /postmortem draft {incident}.")
    return await _view(scope, row)


def file_of(written: PostmortemView) -> str:
    """It as a Markdown file."""
    about = About(title=written.title, severity=written.severity, service=written.service)
    return markdown(written, about)


async def action_list(
    scope: Scope, viewer: str | None, wanted: ActionFilter = ANY, cut: Cut = FIRST
) -> Listing[AdoptedItem]:
    """The action items that fit, newest first."""
    clauses = equal(action_items, wanted, ActionFilter.model_fields)
    query = _actions(viewer).where(*clauses)
    found = await part(scope, query, Order(action_items.c.number), cut)
    items = tuple(AdoptedItem.model_validate(dict(row)) for row in found.rows)
    return Listing(items=items, next=found.next)


async def action(scope: Scope, viewer: str | None, key: str) -> AdoptedItem:
    """One action item. Raises `NotFound`."""
    query = _actions(viewer).where(action_items.c.id == key)
    row = (await scope.connection.execute(query)).mappings().first()
    if row is None:
        raise NotFound(f"There is no action item {key}: see /postmortem show.")
    return AdoptedItem.model_validate(dict(row))


def _postmortems(viewer: str | None) -> Select[tuple[Any, ...]]:
    columns = (postmortems.c.doc, postmortems.c.published_at, incidents.c.number, *TOLD)
    joined = postmortems.join(incidents, incidents.c.id == postmortems.c.incident)
    return select(*columns).select_from(joined).where(visible(viewer))


def _actions(viewer: str | None) -> Select[tuple[Any, ...]]:
    joined = action_items.join(incidents, incidents.c.id == action_items.c.incident)
    return select(action_items).select_from(joined).where(visible(viewer))


async def _view(scope: Scope, row: RowMapping) -> PostmortemView:
    """The document with its action items as they are now."""
    written = Postmortem.model_validate(row["doc"])
    query = select(action_items).where(action_items.c.incident == written.incident)
    rows = (await scope.connection.execute(query.order_by(action_items.c.number))).mappings()
    adopted = tuple(ActionItem.model_validate(_known(dict(one))) for one in rows)
    suggested = tuple(item for item in written.action_items if item.status == "suggested")
    told = {name: row[name] for name in PostmortemView.model_fields if name in row}
    whole = written.model_dump() | told | {"action_items": (*adopted, *suggested)}
    return PostmortemView.model_validate(whole)


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ActionItem.model_fields}
