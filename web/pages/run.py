"""``/runs/RUN-1``: how far a run is, what each step said, and exactly what it does."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.base import Frozen
from domain.run import Run, stuck_step, undoable
from domain.runbook import class_of
from domain.when import in_words
from storage.views import people, runs
from storage.views.runs import RunStepView, RunView
from web.pages.models import Action
from web.pages.offers import Face, Offers
from web.pages.runbooks import RunRow, run_row
from web.pages.visit import Visit

PATH = "/runs/{run}"
TITLE = "Run"
UNDER = "runbooks"


class StepRow(Frozen):
    """A step; ``took`` in words, ``asks`` what a person is to do."""

    number: int
    name: str
    status: str
    safety: str
    undo: bool
    attempt: int
    started_at: datetime | None
    took: str
    detail: str
    output: str
    asks: str


class RunPage(Frozen):
    """A run, its steps, and what the reader may do about it."""

    run: RunRow
    incident: str | None
    approval: str | None
    detail: str
    plan: str
    steps: tuple[StepRow, ...]
    actions: tuple[Action, ...]


async def page(visit: Visit) -> RunPage:
    """The run as it stands. Raises `NotFound`."""
    run = await runs.entire(visit.scope, visit.viewer, visit.path["run"])
    view = runs.view_of(run)
    return RunPage(
        run=run_row(view, await people.names(visit.scope)),
        incident=view.incident,
        approval=view.approval,
        detail=view.detail,
        plan=view.plan,
        steps=tuple(_steps(run, view)),
        actions=tuple(_actions(run, visit.offers(run.team))),
    )


def _steps(run: Run, view: RunView) -> Iterator[StepRow]:
    names = {"number", "name", "status", "undo", "attempt", "started_at", "detail"}
    for step in view.steps:
        yield StepRow(
            **step.model_dump(include=names),
            safety=class_of(run.action(step.number).action.kind, run.action(step.number).safety),
            took=_took(step),
            output=step.output_tail,
            asks=_asked(run, step),
        )


def _took(step: RunStepView) -> str:
    if step.started_at is None or step.finished_at is None:
        return ""
    return in_words(max(step.finished_at - step.started_at, timedelta()))


def _asked(run: Run, step: RunStepView) -> str:
    planned = run.action(step.number)
    undoing = run.step(step.number).undoing
    action = planned.undo if undoing and planned.undo else planned.action
    return (action.manual or "") if step.status == "asks" else ""


def _actions(run: Run, offers: Offers) -> Iterator[Action]:
    """What its card offers too."""
    if run.closed:
        yield from _back(run, offers)
        return
    if asking := run.first("asks"):
        yield from offers.press("runbook approve", f"{run.id},{asking.number}", DONE)
    if run.status == "paused":
        yield from offers.press("runbook resume", f"{run.id},on", GO_ON)
    elif run.status in ("failed", "unknown"):
        yield from _stuck(run, offers)
    else:
        yield from offers.press("runbook pause", run.id, PAUSE)
    yield from _back(run, offers)
    yield from offers.press("runbook stop", run.id, STOP)


def _stuck(run: Run, offers: Offers) -> Iterator[Action]:
    stuck = stuck_step(run)
    about = f",{stuck.number}" if stuck else ""
    yield from offers.press("runbook resume", f"{run.id},again{about}", AGAIN)
    yield from offers.press("runbook resume", f"{run.id},skip{about}", SKIP)
    if run.status == "unknown":
        yield from offers.press("runbook resume", f"{run.id},done{about}", WAS_DONE)


def _back(run: Run, offers: Offers) -> tuple[Action, ...]:
    if run.undoing or run.first("running", "asks") or not undoable(run):
        return ()
    return offers.press("runbook undo", run.id, UNDO)


DONE = Face(label="Done", icon="check", style="primary")
GO_ON = Face(label="Go on", icon="forward", style="primary")
AGAIN = Face(label="Do it again")
SKIP = Face(label="Skip it")
WAS_DONE = Face(label="It was done", icon="check")
PAUSE = Face(label="Pause")
UNDO = Face(label="Undo", style="danger", confirm="Take back what it did, the last step first?")
STOP = Face(label="Stop", icon="close", style="danger", confirm="End the run here?")
