"""``/runbooks/disk-full``: what a runbook does step by step, where it is from, and how it went."""

from datetime import datetime

from domain.base import Frozen
from domain.runbook import Parameter
from domain.runbook_card import STEP_FENCE
from storage.views import people, runbooks, runs
from storage.views.listing import Cut
from storage.views.runbooks import RunbookView, StepView
from storage.views.runs import RunFilter
from web.pages.models import Action
from web.pages.offers import Face, Offers
from web.pages.runbooks import RunRow, run_row
from web.pages.visit import Visit

PATH = "/runbooks/{runbook}"
TITLE = "Runbook"
UNDER = "runbooks"
NEWEST = Cut(limit=10)
# What fits into a button.
MOST_URL = 75


class Origin(Frozen):
    """Where it is from: a page, with the hash of what stood there, or a file that is applied."""

    file: str = ""
    url: str = ""
    link: bool = False
    at: datetime | None = None
    sha256: str = ""


class Asked(Frozen):
    """A parameter: what it takes, in words."""

    name: str
    takes: str
    default: str | None
    description: str


class RunbookPage(Frozen):
    """A runbook, its last runs, and what the reader may do with it."""

    id: str
    title: str
    service: str | None
    environment: str
    version: str
    origin: Origin
    body: str
    steps: tuple[StepView, ...]
    asked: tuple[Asked, ...]
    runs: tuple[RunRow, ...]
    actions: tuple[Action, ...]


async def page(visit: Visit) -> RunbookPage:
    """The runbook as it is now. Raises `NotFound`."""
    found = await runbooks.shown(visit.scope, visit.path["runbook"])
    names = await people.names(visit.scope)
    wanted = RunFilter(runbook=found.id)
    last = await runs.listed(visit.scope, visit.viewer, wanted, NEWEST)
    kept = {"id", "title", "service", "environment", "version"}
    return RunbookPage(
        **found.model_dump(include=kept),
        origin=_origin(found),
        body=STEP_FENCE.sub("", found.body).strip(),
        steps=found.steps,
        asked=tuple(map(_asked, found.parameters)),
        runs=tuple(run_row(one, names) for one in last.items),
        actions=_actions(found, visit.offers()),
    )


def _origin(found: RunbookView) -> Origin:
    source = found.source
    if source is None:
        return Origin(file=found.managed_by or "")
    link = source.url.startswith(("https://", "http://"))
    return Origin(url=source.url, link=link, at=source.at, sha256=source.sha256[:12])


def _asked(one: Parameter) -> Asked:
    takes = " or ".join(one.choices) or one.pattern or one.type
    return Asked(name=one.name, takes=takes, default=one.default, description=one.description)


def _actions(found: RunbookView, offers: Offers) -> tuple[Action, ...]:
    """Running it shows the plan first; only looking at the plan is a button of its own."""
    made: tuple[Action, ...] = ()
    if found.steps:
        made += offers.ask("runbook run", found.id, RUN)
    if found.steps and found.parameters:
        made += offers.ask("runbook show", found.id, LOOK)
    if found.source and _origin(found).link and len(found.source.url) <= MOST_URL:
        made += offers.press("runbook import", found.source.url, AGAIN)
    return made


RUN = Face(label="Run…", icon="forward", style="primary")
LOOK = Face(label="What it would do…")
AGAIN = Face(label="Read the page again")
