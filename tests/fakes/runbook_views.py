"""The views of runbooks, holding any text."""

from collections.abc import Iterator
from datetime import UTC, datetime

from domain.message import Message
from domain.run import Run, begun
from domain.run_card import run_card
from domain.runbook import Action, Parameter, Runbook, RunbookStep
from domain.runbook_card import plan_message, runbook_card
from domain.runbook_plan import PlannedStep, RunPlan

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def runbooks(said: str) -> Iterator[tuple[str, Message]]:
    """Every view of a runbook, with ``said`` wherever somebody's words can stand."""
    yield "runbook", runbook_card(_runbook(said), said[:60])
    yield "plan of a run", plan_message(plan(said))
    for status in ("running", "paused", "failed", "unknown", "succeeded"):
        yield f"run {status}", run_card(_run(said, status), {"bob": said[:60]})


def plan(said: str) -> RunPlan:
    """A plan of several kinds of steps."""
    words = said[:1900] or "x"
    return RunPlan(
        runbook="restart",
        title=said,
        service="trino",
        environment="prod",
        versions={"restart": "0123456789ab"},
        values={"host": said},
        steps=tuple(
            PlannedStep(
                number=number,
                name=said[:60] or "x",
                runbook="restart",
                action=action,
                safety="reversible",
                timeout=RunbookStep.model_fields["timeout"].default,
                undo=action,
            )
            for number, action in enumerate(
                (Action(manual=words), Action(message=words), Action(command=("a", said))), 1
            )
        ),
    )


def _run(said: str, status: str) -> Run:
    whole = plan(said)
    stuck = {"running": "asks"}.get(status, status if status in ("failed", "unknown") else "failed")
    steps = tuple(
        one.model_copy(
            update={
                "status": stuck if one.number == 1 else "waiting",
                "attempt": 2,
                "detail": said,
                "output_tail": said,
                "finished_at": AT,
            }
        )
        for one in begun(whole)
    )
    told = {"id": "RUN-1", "number": 1, "runbook": "restart", "plan": whole, "team": None}
    more = {"by": "bob", "status": status, "detail": said, "steps": steps, "started_at": AT}
    return Run.model_validate(told | more)


def _runbook(said: str) -> Runbook:
    words = said[:1900] or "x"
    return Runbook(
        id="restart",
        title=said,
        service="trino",
        body=said,
        parameters=(Parameter(name="host", description=said, pattern=said, default=said),),
        steps=tuple(RunbookStep(name=said[:60] or "x", manual=words) for _ in range(9)),
    )
