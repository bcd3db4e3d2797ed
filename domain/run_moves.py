"""What a person does with a run: pause it, end it, let it go on, take it back."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from domain.errors import Invalid, Stale
from domain.run import (
    BUSY,
    Run,
    RunStatus,
    RunStep,
    StepStatus,
    is_stuck,
    standing,
    stuck_step,
    undoable,
)

How = Literal["on", "again", "skip", "done", "from"]
DONE: tuple[StepStatus, ...] = ("succeeded", "skipped")


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
    if number is None and sum(one.status == "asks" for one in run.steps) > 1:
        raise Stale(f"{run.id} asks for several things: name a step, /runbook approve {run.id} 3.")
    asking = run.first("asks") if number is None else run.step(number)
    if asking is None or asking.status != "asks":
        raise Stale(f"{run.id} asks for nothing there: see /runbook status {run.id}.")
    status: StepStatus = "undone" if asking.undoing else "succeeded"
    done = run.having(asking.number, status=status, detail=f"done by {by}", finished_at=now)
    return standing(done)


def resumed(run: Run, how: How, by: str, number: int | None = None) -> Run:
    """It goes on: as it was, with a step again, without it, or from a step on. Raises `Stale`."""
    need_open(run)
    if how == "on":
        if run.status != "paused":
            raise Stale(f"{run.id} is {run.status}: see /runbook status {run.id}.")
        return run.being("running")
    if how == "from":
        return _from(run, number, by)
    stuck = run.step(number) if number else stuck_step(run)
    if stuck is None or not is_stuck(run, stuck):
        raise Stale(f"No step of {run.id} has failed there: see /runbook status {run.id}.")
    if how == "done" and stuck.status != "unknown":
        raise Stale("It is known that it failed: choose again or skip instead.")
    return standing(run.having(stuck.number, **_decided(stuck, how, by)).being("running"))


def _from(run: Run, number: int | None, by: str) -> Run:
    """On with a step: what stands before it and is not done is left out. What only looked is done
    again, and what failed; what changed something was agreed to once. Raises `Invalid`, `Stale`."""
    if number is None:
        raise Invalid("Say which step it goes on with: /runbook resume RUN-1 from 3.", field="step")
    run.step(number)
    if run.undoing or run.first(*BUSY) or run.status == "running":
        raise Stale(f"{run.id} is at work: /runbook pause {run.id} first.")
    _need_once(run, run.steps[number - 1 :])
    for one in run.steps[number - 1 :]:
        run = run.having(one.number, status="waiting", undoing=False)
    for one in run.steps[: number - 1]:
        if one.status not in DONE:
            run = run.having(one.number, status="skipped", detail=f"left out by {by}")
    return run.being("running", f"from step {number}, says {by}")


def _need_once(run: Run, steps: Iterable[RunStep]) -> None:
    """Raises `Stale` where one of them was done and changed something."""
    for one in steps:
        if one.status == "succeeded" and run.action(one.number).safety != "read":
            raise Stale(
                f"Step {one.number} was done, and was agreed to once: start a run of its own with"
                f" /runbook run {run.runbook}."
            )


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
