"""The views of runbooks, holding any text."""

from collections.abc import Iterator

from domain.message import Message
from domain.runbook import Action, Parameter, Runbook, RunbookStep
from domain.runbook_card import plan_message, runbook_card
from domain.runbook_plan import PlannedStep, RunPlan


def runbooks(said: str) -> Iterator[tuple[str, Message]]:
    """Every view of a runbook, with ``said`` wherever somebody's words can stand."""
    yield "runbook", runbook_card(_runbook(said), said[:60])
    yield "plan of a run", plan_message(plan(said))


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
