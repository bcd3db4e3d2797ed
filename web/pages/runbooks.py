"""``/runbooks``: what can be done about things, and what is being done."""

from datetime import datetime

from domain.base import Frozen
from storage.views import people, runbooks, runs
from storage.views.listing import Cut
from storage.views.runbooks import RunbookView
from storage.views.runs import RunView
from web.pages.discovery import Menu
from web.pages.models import Action, Person
from web.pages.offers import Face
from web.pages.rows import Names, person
from web.pages.visit import Visit

PATH = "/runbooks"
TITLE = "Runbooks"
MENU = Menu(place=6, icon="runbook")
WHOLE = Cut(limit=500)
NEWEST = Cut(limit=10)


class RunRow(Frozen):
    """A run in the list; ``at`` is the step it has come to."""

    id: str
    title: str
    status: str
    target: str
    by: Person
    started_at: datetime
    at: str


class RunbookRow(Frozen):
    """A runbook in the list; ``told`` are its parameters in words."""

    id: str
    title: str
    service: str | None
    environment: str
    version: str
    managed_by: str | None
    body: str
    steps: tuple[str, ...]
    told: tuple[str, ...]
    actions: tuple[Action, ...]


class RunbooksPage(Frozen):
    """The newest runs, and every runbook."""

    runs: tuple[RunRow, ...]
    runbooks: tuple[RunbookRow, ...]


async def page(visit: Visit) -> RunbooksPage:
    """What the reader may know of."""
    names = await people.names(visit.scope)
    newest = await runs.listed(visit.scope, visit.viewer, cut=NEWEST)
    found = await runbooks.listed(visit.scope, WHOLE)
    return RunbooksPage(
        runs=tuple(run_row(one, names) for one in newest.items),
        runbooks=tuple(_row(one, visit) for one in found.items),
    )


def run_row(one: RunView, names: Names) -> RunRow:
    """A run as a row."""
    done = sum(step.status not in ("waiting", "running", "asks") for step in one.steps)
    return RunRow(
        id=one.id,
        title=one.title,
        status=one.status,
        target=one.target,
        by=person(one.asked_by, names),
        started_at=one.started_at,
        at=f"{done} of {len(one.steps)}",
    )


def _row(one: RunbookView, visit: Visit) -> RunbookRow:
    names = {"id", "title", "service", "environment", "version", "managed_by", "body"}
    runs_it = visit.offers().ask("runbook run", one.id, RUN) if one.steps else ()
    return RunbookRow(
        **one.model_dump(include=names),
        steps=tuple(f"{step.name} ({step.kind}, {step.safety})" for step in one.steps),
        told=tuple(f"{each.name}: {each.description or each.type}" for each in one.parameters),
        actions=runs_it,
    )


RUN = Face(label="Run…", icon="forward")
