"""A run of a runbook: the plan as it was when it began, and how far it has come.

Every step is written down before it is done and after; a step whose end nobody saw is
``unknown`` until a person says what to do.
"""

from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from domain.base import Frozen
from domain.errors import Invalid, Stale
from domain.guard import Approver, Guard
from domain.place import Place
from domain.plan import Danger
from domain.redaction import redact
from domain.runbook import Action
from domain.runbook_plan import PlannedStep, RunPlan
from domain.server import Server

RunStatus = Literal["planned", "running", "paused", "succeeded", "failed", "unknown", "undone"]
StepStatus = Literal[
    "waiting", "running", "asks", "succeeded", "failed", "skipped", "unknown", "undone"
]
How = Literal["on", "again", "skip", "done"]
OPEN: tuple[RunStatus, ...] = ("planned", "running", "paused", "failed", "unknown")
BUSY: tuple[StepStatus, ...] = ("running", "asks")
STUCK: tuple[StepStatus, ...] = ("failed", "unknown")
ACTING = ("http", "wait", "command")
MOST_OUTPUT = 2000
PRODUCTION = "prod"


class RunStep(Frozen):
    """A step of a run. ``attempt`` counts how often it was begun; ``undoing`` while it is being
    taken back. ``output_tail`` is the end of what it said, redacted."""

    number: int
    name: str
    status: StepStatus = "waiting"
    attempt: int = 0
    undoing: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int | None = None
    detail: str = ""
    output_tail: str = ""


class Run(Frozen):
    """``detail`` says why it stands still or how it ended. ``undoing`` while it goes back.

    A ``closed`` run is over: nothing of it is done any more.
    """

    id: str
    number: int
    runbook: str
    plan: RunPlan
    team: str | None
    by: str
    approval: str | None = None
    incident: str | None = None
    place: Place | None = None
    status: RunStatus = "planned"
    undoing: bool = False
    closed: bool = False
    detail: str = ""
    steps: tuple[RunStep, ...] = ()
    started_at: datetime
    finished_at: datetime | None = None

    @property
    def subject(self) -> str:
        """Where its facts stand: on the incident's timeline where there is one."""
        return f"incident:{self.incident}" if self.incident else f"run:{self.id}"

    @property
    def target(self) -> str:
        """What no two runs may work on at a time."""
        return f"{self.plan.service or self.runbook} {self.plan.environment}"

    def step(self, number: int) -> RunStep:
        """One of its steps. Raises `Invalid`."""
        if not 1 <= number <= len(self.steps):
            told = f"{self.id} has steps 1 to {len(self.steps)}: type one of them."
            raise Invalid(told, field="step")
        return self.steps[number - 1]

    def action(self, number: int) -> PlannedStep:
        """What a step does."""
        return self.plan.steps[number - 1]

    def first(self, *statuses: StepStatus) -> RunStep | None:
        """The first step in one of these states."""
        return next((one for one in self.steps if one.status in statuses), None)

    def having(self, number: int, **changes: Any) -> "Run":
        """With one step changed."""
        steps = tuple(
            one.model_copy(update=changes) if one.number == number else one for one in self.steps
        )
        return self.model_copy(update={"steps": steps})

    def being(self, status: RunStatus, detail: str = "", **changes: Any) -> "Run":
        """In another state."""
        return self.model_copy(update={"status": status, "detail": detail, **changes})


class StepOutcome(Frozen):
    """How an attempt ended: ``ok`` is None where nobody knows. ``held`` says why it was not
    begun."""

    ok: bool | None = None
    detail: str = ""
    exit_code: int | None = None
    output: str = ""
    held: str = ""


class StepOrder(Frozen):
    """What an adapter is asked for; ``key`` names this one try, ``route`` the servers it goes
    over, none for Tocsin's own machine."""

    key: str
    action: Action
    timeout: timedelta
    route: tuple[Server, ...] = ()


class Performer(Protocol):
    """Does steps of one kind, within their time. `Permanent` says that nothing was done; an
    outcome that is not known has ``ok`` None, and after anything else nobody knows either."""

    async def perform(self, order: StepOrder) -> StepOutcome:
        """Do it once."""


def begun(plan: RunPlan) -> tuple[RunStep, ...]:
    """Its steps before anything was done."""
    return tuple(RunStep(number=one.number, name=one.name) for one in plan.steps)


def following(run: Run) -> int | None:
    """The step to begin now; None where the run stands, is busy, or is through."""
    if run.status != "running" or run.first(*BUSY, *(() if run.undoing else STUCK)):
        return None
    if run.undoing:
        return next((one.number for one in reversed(run.steps) if _undoable(run, one)), None)
    waiting = run.first("waiting")
    return waiting.number if waiting else None


def undoable(run: Run) -> tuple[int, ...]:
    """The steps that an undo would take back, the last first."""
    return tuple(one.number for one in reversed(run.steps) if _undoable(run, one))


def ended(run: Run, number: int, outcome: StepOutcome, now: datetime) -> Run:
    """The run after an attempt at a step ended."""
    step, planned = run.step(number), run.action(number)
    told = {
        "detail": redact(outcome.detail).text[:MOST_OUTPUT],
        "output_tail": redact(outcome.output[-MOST_OUTPUT:]).text,
        "exit_code": outcome.exit_code,
        "finished_at": now,
    }
    if outcome.held:
        back: StepStatus = "succeeded" if step.undoing else "waiting"
        held = run.having(number, status=back, undoing=False)
        return held if run.closed else held.being("paused", outcome.held)
    if outcome.ok:
        return run.having(number, status="undone" if step.undoing else "succeeded", **told)
    if outcome.ok is False and not step.undoing and step.attempt <= planned.retries:
        return run.having(number, **told | {"status": "waiting"})
    status: Literal["unknown", "failed"] = "unknown" if outcome.ok is None else "failed"
    left = run.having(number, status=status, **told)
    return left if run.closed else left.being(status, _stands(step))


def _stands(step: RunStep) -> str:
    return f"step {step.number}, {step.name}" + (", while undoing" if step.undoing else "")


def through(run: Run, now: datetime) -> Run:
    """The run once nothing is left to do."""
    status: RunStatus = "undone" if run.undoing else "succeeded"
    return run.being(status, run.detail if run.undoing else "", finished_at=now, closed=True)


def paused(run: Run, by: str) -> Run:
    """Nothing new is begun. Raises `Stale`."""
    if run.closed or run.status != "running":
        raise Stale(f"{run.id} is {run.status}: see /runbook status {run.id}.")
    return run.being("paused", f"by {by}")


def stopped(run: Run, by: str, now: datetime) -> Run:
    """It is over; what is being done at the moment comes to its end. Raises `Stale`."""
    need_open(run)
    rest = [one.number for one in run.steps if one.status in ("waiting", "asks")]
    for number in rest:
        run = run.having(number, status="skipped")
    status: RunStatus = "unknown" if run.first("unknown") else "failed"
    return run.being(status, f"stopped by {by}", closed=True, finished_at=now)


def confirmed(run: Run, number: int | None, by: str, now: datetime) -> Run:
    """A person did what a step asked for. Raises `Stale`."""
    need_open(run)
    asking = run.first("asks") if number is None else run.step(number)
    if asking is None or asking.status != "asks":
        raise Stale(f"{run.id} asks for nothing there: see /runbook status {run.id}.")
    status: StepStatus = "undone" if asking.undoing else "succeeded"
    return run.having(asking.number, status=status, detail=f"done by {by}", finished_at=now)


def resumed(run: Run, how: How, by: str) -> Run:
    """It goes on: as it was, with the same step again, or without it. Raises `Stale`."""
    need_open(run)
    if how == "on":
        if run.status != "paused":
            raise Stale(f"{run.id} is {run.status}: see /runbook status {run.id}.")
        return run.being("running")
    stuck = next((one for one in run.steps if _is_stuck(run, one)), None)
    if stuck is None:
        raise Stale(f"No step of {run.id} has failed: see /runbook status {run.id}.")
    if how == "done" and stuck.status != "unknown":
        raise Stale("It is known that it failed: choose again or skip instead.")
    return run.having(stuck.number, **_decided(stuck, how, by)).being("running")


def _decided(stuck: RunStep, how: How, by: str) -> dict[str, Any]:
    """What a step becomes that somebody decided on."""
    told = f"{'done' if how == 'done' else how}, says {by}"
    if how == "again":
        again: StepStatus = "succeeded" if stuck.undoing else "waiting"
        return {"status": again, "undoing": False, "detail": told}
    if how == "done":
        return {"status": "undone" if stuck.undoing else "succeeded", "detail": told}
    return {"status": "skipped", "detail": told}


def undone(run: Run, by: str) -> Run:
    """It goes back, the last step first. Raises `Stale`."""
    if run.undoing or run.first(*BUSY):
        raise Stale(f"{run.id} is at work: wait, or see /runbook status {run.id}.")
    if not undoable(run):
        raise Stale(f"Nothing of {run.id} can be undone here: see /runbook status {run.id}.")
    going = {"undoing": True, "closed": False, "finished_at": None}
    return run.being("running", f"undone by {by}", **going)


def need_open(run: Run) -> None:
    """Raises `Stale` where it is over."""
    if run.closed:
        raise Stale(f"{run.id} is over: see /runbook status {run.id}.")


def acts_outside(plan: RunPlan) -> bool:
    """Whether anything but people and rooms is asked for."""
    actions = [
        action
        for step in plan.steps
        for action in (step.action, step.undo, step.verify)
        if action is not None
    ]
    return any(one.kind in ACTING for one in actions)


def guard_of(plan: RunPlan) -> Guard | None:
    """What holds a run that no admin has guarded: reading goes, and what can be undone outside of
    production; all else waits for a commander, what destroys in production for two."""
    if plan.danger is None or (plan.danger == "reversible" and plan.environment != PRODUCTION):
        return None
    twice = plan.danger == "destructive" and plan.environment == PRODUCTION
    return _held(plan.danger, 2 if twice else 1)


def _held(danger: Danger, needs: int) -> Guard:
    return Guard(
        id=f"runbook-run-{danger}",
        command="runbook run",
        approvers=(Approver(kind="role", id="commander"),),
        needs=needs,
        danger=danger,
    )


def _is_stuck(run: Run, step: RunStep) -> bool:
    return step.status in STUCK and step.undoing == run.undoing


def _undoable(run: Run, step: RunStep) -> bool:
    done = step.status in ("succeeded", "unknown", "failed") and step.attempt > 0
    return done and run.action(step.number).undo is not None and not step.undoing
