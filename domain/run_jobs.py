"""What a run owes, and what can happen to it."""

from datetime import timedelta
from typing import ClassVar, Literal

from domain.facts import Fact
from domain.job import Job, Lane
from domain.place import Place


class AdvanceRun(Job):
    """Begin what comes next, or end the run."""

    kind: ClassVar[str] = "advance_run"
    priority: ClassVar[int] = 20
    run: str


class CarryOutStep(Job):
    """Do one step, at most once: what nobody saw the end of, a person looks into."""

    kind: ClassVar[str] = "carry_out_step"
    lane: ClassVar[Lane] = "run"
    lease: ClassVar[timedelta] = timedelta(seconds=15)
    delivery: ClassVar[Literal["at_least_once", "at_most_once"]] = "at_most_once"
    max_attempts: ClassVar[int] = 1
    run: str
    step: int
    attempt: int


class ProbeStep(Job):
    """Look whether what a step waits for holds; it reads, so it may look twice."""

    kind: ClassVar[str] = "probe_step"
    lane: ClassVar[Lane] = "run"
    run: str
    step: int
    attempt: int


class ShowRun(Job):
    """Redraw the run's card where it stands, and post it where it is missing."""

    kind: ClassVar[str] = "show_run"
    priority: ClassVar[int] = 40
    run: str


class ShowRunIn(Job):
    """Post or redraw the card in one room."""

    kind: ClassVar[str] = "show_run_in"
    priority: ClassVar[int] = 40
    run: str
    place: Place


class ShowRunTo(Job):
    """Post or redraw the card in somebody's direct room; ``tried`` are chats that said no."""

    kind: ClassVar[str] = "show_run_to"
    priority: ClassVar[int] = 40
    run: str
    user: str
    tried: tuple[str, ...] = ()


class RunStarted(Fact):
    """A runbook was released to be run."""

    kind: ClassVar[str] = "run_started"
    template: ClassVar[str] = "{by} runs {runbook} as {run}, version {hash}"
    run: str
    runbook: str
    hash: str
    approval: str | None = None


class StepBegun(Fact):
    """A step is about to be done; the words are exactly what."""

    kind: ClassVar[str] = "run_step_begun"
    template: ClassVar[str] = "{run} step {step}, try {attempt}: {text}"
    run: str
    step: int
    attempt: int


class StepEnded(Fact):
    """A step came to an end, or to one that nobody saw; ``took_s`` in seconds."""

    kind: ClassVar[str] = "run_step_ended"
    template: ClassVar[str] = "{run} step {step} {status} {detail}"
    run: str
    step: int
    attempt: int
    status: str
    exit_code: int | None = None
    took_s: float = 0.0
    detail: str = ""


class RunMoved(Fact):
    """A person decided something about a run."""

    kind: ClassVar[str] = "run_moved"
    template: ClassVar[str] = "{by}: {move} {run}"
    run: str
    move: str


class RunEnded(Fact):
    """A run is over."""

    kind: ClassVar[str] = "run_ended"
    template: ClassVar[str] = "{run} of {runbook}: {status} {detail}"
    run: str
    runbook: str
    status: str
    detail: str = ""
