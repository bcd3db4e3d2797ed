"""Runs of runbooks for a reader: those of an incident that is hidden do not exist."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from domain.base import Frozen
from domain.errors import NotFound
from domain.run import Run, RunStatus, StepStatus
from storage.scope import Scope
from storage.tables.runs import runs
from storage.views.listing import FIRST, Cut, Listing, Order, equal, part
from storage.views.visible import with_incident


class RunStepView(Frozen):
    """A step of a run as the contract shows it; ``undo`` where it can be taken back."""

    number: int
    name: str
    status: StepStatus
    safety: str
    undo: bool
    attempt: int
    started_at: datetime | None
    finished_at: datetime | None
    exit_code: int | None
    detail: str
    output_tail: str


class RunView(Frozen):
    """A run as the contract shows it; ``plan`` is what it does, to the letter."""

    id: str
    runbook: str
    title: str
    version: str
    status: RunStatus
    detail: str
    closed: bool
    target: str
    values: dict[str, str]
    incident: str | None
    approval: str | None
    asked_by: str
    started_at: datetime
    finished_at: datetime | None
    steps: tuple[RunStepView, ...]
    plan: str


class RunFilter(Frozen):
    """Which runs: every field that is set must fit."""

    status: RunStatus | None = None
    runbook: str | None = None
    incident: str | None = None


ANY = RunFilter()


async def listed(
    scope: Scope, viewer: str | None, wanted: RunFilter = ANY, cut: Cut = FIRST
) -> Listing[RunView]:
    """The runs that fit, newest first."""
    clauses = equal(runs, wanted, RunFilter.model_fields)
    found = await part(scope, _all(viewer).where(*clauses), Order(runs.c.number), cut)
    return Listing(items=tuple(_of_row(row) for row in found.rows), next=found.next)


async def open_ones(scope: Scope, viewer: str | None) -> tuple[RunView, ...]:
    """Those that are not over, oldest first."""
    query = _all(viewer).where(runs.c.closed.is_(False)).order_by(runs.c.number)
    rows = (await scope.connection.execute(query)).mappings()
    return tuple(_of_row(row) for row in rows)


async def shown(scope: Scope, viewer: str | None, key: str) -> RunView:
    """One run. Raises `NotFound`."""
    return view_of(await entire(scope, viewer, key))


async def entire(scope: Scope, viewer: str | None, key: str) -> Run:
    """One run, with all that is known of it. Raises `NotFound`."""
    query = _all(viewer).where(runs.c.id == key)
    row = (await scope.connection.execute(query)).mappings().first()
    if row is None:
        raise NotFound(f"There is no run {key}: see /runbook status.")
    return Run.model_validate(row["doc"])


def view_of(run: Run) -> RunView:
    """The run in the contract's shape."""
    names = {"id", "runbook", "status", "detail", "closed", "incident", "approval"}
    times = {"started_at", "finished_at"}
    return RunView(
        **run.model_dump(include=names | times),
        title=run.plan.title,
        version=run.plan.versions[run.runbook],
        target=run.target,
        values=run.plan.values,
        asked_by=run.by,
        steps=tuple(_step(run, number) for number in range(1, len(run.steps) + 1)),
        plan=run.plan.text,
    )


def _step(run: Run, number: int) -> RunStepView:
    step, planned = run.step(number), run.action(number)
    told = step.model_dump(exclude={"undoing"})
    return RunStepView(**told, safety=planned.safety, undo=planned.undo is not None)


def _all(viewer: str | None) -> Select[tuple[object, ...]]:
    return select(runs).where(with_incident(runs.c.incident, viewer))


def _of_row(row: Any) -> RunView:
    return view_of(Run.model_validate(row["doc"]))
