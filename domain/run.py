"""A run of a runbook: the plan as it was when it began, and how far it has come.

Every step is written down before it is done and after; a step whose end nobody saw is
``unknown`` until a person says what to do.
"""

from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from domain.base import Frozen
from domain.errors import Invalid
from domain.guard import Approver, Guard
from domain.place import Place
from domain.plan import Danger
from domain.redaction import redact
from domain.run_output import MOST_OUTPUT, Heard, deaf, tail
from domain.runbook import Action, Automatic
from domain.runbook_plan import PlannedStep, RunPlan
from domain.server import Server

RunStatus = Literal["planned", "running", "paused", "succeeded", "failed", "unknown", "undone"]
StepStatus = Literal[
    "waiting", "running", "asks", "succeeded", "failed", "skipped", "unknown", "undone"
]
OPEN: tuple[RunStatus, ...] = ("planned", "running", "paused", "failed", "unknown")
BUSY: tuple[StepStatus, ...] = ("running", "asks")
STUCK: tuple[StepStatus, ...] = ("failed", "unknown")
WORDS: dict[StepStatus, str] = {"waiting": "not begun", "asks": "waits for a person"}
ACTING = ("http", "wait", "command", "sql")
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
    ``automatic`` is by which rule it was begun without anybody asking, ``helped`` whether its
    alerts were quiet afterwards, None as long as nobody knows.

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
    automatic: Automatic | None = None
    helped: bool | None = None
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
    def over(self) -> bool:
        """Closed, and what was being done when it was stopped has come to its end."""
        return self.closed and self.first("running") is None

    @property
    def target(self) -> str:
        """What no two runs may work on at a time."""
        return target_of(self.plan)

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
    over, none for Tocsin's own machine. ``heard`` is told what it says while it is done."""

    key: str
    action: Action
    timeout: timedelta
    route: tuple[Server, ...] = ()
    heard: Heard = deaf


class Performer(Protocol):
    """Does steps of one kind, within their time. `Permanent` says that nothing was done; an
    outcome that is not known has ``ok`` None, and after anything else nobody knows either."""

    async def perform(self, order: StepOrder) -> StepOutcome:
        """Do it once."""


def target_of(plan: RunPlan) -> str:
    """What no two runs may work on at a time."""
    return f"{plan.service or plan.runbook} {plan.environment}"


def begun(plan: RunPlan) -> tuple[RunStep, ...]:
    """Its steps before anything was done."""
    return tuple(RunStep(number=one.number, name=one.name) for one in plan.steps)


def following(run: Run) -> tuple[int, ...]:
    """The steps to begin now; none where the run stands, is busy, or is through.

    It goes forward together where its plan says so, and back one by one.
    """
    if run.status != "running":
        return ()
    if run.undoing:
        return () if run.first(*BUSY) else undoable(run)[:1]
    waiting = run.first("waiting")
    if waiting is None or run.first(*STUCK):
        return ()
    beside = {one.number for one in run.plan.beside(run.action(waiting.number))}
    if any(one.status in BUSY and one.number not in beside for one in run.steps):
        return ()
    return tuple(
        one.number for one in run.steps if one.number in beside and one.status == "waiting"
    )


def undoable(run: Run) -> tuple[int, ...]:
    """The steps that an undo would take back, the last first."""
    return tuple(one.number for one in reversed(run.steps) if _undoable(run, one))


def ended(run: Run, number: int, outcome: StepOutcome, now: datetime) -> Run:
    """The run after an attempt at a step ended."""
    step, planned = run.step(number), run.action(number)
    told = {
        "detail": redact(outcome.detail).text[:MOST_OUTPUT],
        "output_tail": tail(outcome.output),
        "exit_code": outcome.exit_code,
        "finished_at": now,
    }
    if outcome.held:
        begin: StepStatus = "skipped" if run.closed else "waiting"
        back: StepStatus = "succeeded" if step.undoing else begin
        held = run.having(number, status=back, undoing=False)
        return held.being("paused", outcome.held) if run.status == "running" else standing(held)
    if outcome.ok:
        done: StepStatus = "undone" if step.undoing else "succeeded"
        return standing(run.having(number, status=done, **told))
    if outcome.ok is False and not step.undoing and step.attempt <= planned.retries:
        return standing(run.having(number, **told | {"status": "waiting"}))
    status: Literal["unknown", "failed"] = "unknown" if outcome.ok is None else "failed"
    return standing(run.having(number, status=status, **told))


def standing(run: Run) -> Run:
    """With the state and the words of a run in which a step is stuck; as it was where none is."""
    stuck = [one for one in run.steps if is_stuck(run, one)]
    if run.closed or not stuck:
        return run
    status: RunStatus = "unknown" if any(one.status == "unknown" for one in stuck) else "failed"
    return run.being(status, "; ".join(_stands(run, one) for one in stuck))


def _stands(run: Run, step: RunStep) -> str:
    """Which step it is, and what became of those beside it."""
    told = f"step {step.number}, {step.name}" + (", while undoing" if step.undoing else "")
    others = [run.step(one.number) for one in run.plan.beside(run.action(step.number))]
    states = [f"{one.number} {WORDS.get(one.status, one.status)}" for one in others if one != step]
    return f"{told} (beside it: {', '.join(states)})" if states else told


def through(run: Run, now: datetime) -> Run:
    """The run once nothing is left to do."""
    status: RunStatus = "undone" if run.undoing else "succeeded"
    return run.being(status, run.detail if run.undoing else "", finished_at=now, closed=True)


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


def stuck_step(run: Run) -> RunStep | None:
    """The first step that somebody has to decide on."""
    return next((one for one in run.steps if is_stuck(run, one)), None)


def is_stuck(run: Run, step: RunStep) -> bool:
    """Whether somebody has to decide on the step before the run goes on."""
    return step.status in STUCK and step.undoing == run.undoing


def _undoable(run: Run, step: RunStep) -> bool:
    # one that is to be tried again may have done half of it
    again = step.status == "waiting" and step.finished_at is not None
    done = again or step.status in ("succeeded", "unknown", "failed")
    return (
        done and step.attempt > 0 and run.action(step.number).undo is not None and not step.undoing
    )
