"""``/postmortems``: what was written, those of the newest incidents first."""

from datetime import datetime

from domain.base import Frozen
from storage.views import people, postmortems
from storage.views.listing import Cut
from storage.views.postmortems import PostmortemView
from web.pages.discovery import Menu
from web.pages.models import Person
from web.pages.rows import Names, somebody
from web.pages.visit import Visit

PATH = "/postmortems"
TITLE = "Postmortems"
MENU = Menu(place=5, icon="postmortem")


class Query(Frozen):
    """What the address may ask for."""

    cursor: str | None = None


class PostmortemRow(Frozen):
    """A postmortem in the list."""

    incident: str
    title: str
    severity: str
    status: str
    resolved_at: datetime | None
    written_by: str
    open_actions: int
    owners: tuple[Person, ...]


class PostmortemsPage(Frozen):
    """A part of the list; ``next`` is the address of the rest."""

    rows: tuple[PostmortemRow, ...]
    next: str | None


async def page(visit: Visit) -> PostmortemsPage:
    """The postmortems that the reader may know of."""
    names = await people.names(visit.scope)
    cut = Cut(cursor=visit.wanted(Query).cursor)
    found = await postmortems.listed(visit.scope, visit.viewer, cut=cut)
    return PostmortemsPage(
        rows=tuple(_row(one, names) for one in found.items),
        next=visit.elsewhere(cursor=found.next) if found.next else None,
    )


def _row(one: PostmortemView, names: Names) -> PostmortemRow:
    still_open = [item for item in one.action_items if item.status == "open"]
    owners = (somebody(owner, names) for owner in dict.fromkeys(each.owner for each in still_open))
    return PostmortemRow(
        incident=one.incident,
        title=one.title,
        severity=one.severity,
        status=one.status,
        resolved_at=one.resolved_at,
        written_by=one.written_by,
        open_actions=len(still_open),
        owners=tuple(owner for owner in owners if owner),
    )
