"""Remedies: runbooks that are run without anybody asking, and why one is not."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from domain.facts import Fact
from domain.guard import Guard
from domain.job import Job
from domain.matcher import fits, parse_matchers
from domain.run import Run
from domain.runbook import Automatic, Runbook
from domain.runbook_plan import RunPlan

HOUR = timedelta(hours=1)
GENTLE = ("read", "reversible")
WRONG = ("failed", "unknown", "undone")
COMMAND = "runbook run"


class Remediate(Job):
    """An alert opened an incident: run what its runbook's author has meant for it."""

    kind: ClassVar[str] = "remediate"
    incident: str
    traits: dict[str, str]


class LookAfterRemedy(Job):
    """See whether a run that nobody asked for has helped the alert of that fingerprint."""

    kind: ClassVar[str] = "look_after_remedy"
    run: str
    fingerprint: str = ""


class RemedyBegun(Fact):
    """A runbook is run without anybody asking."""

    kind: ClassVar[str] = "remedy_begun"
    template: ClassVar[str] = "{runbook} is run by itself as {run} ({safety}), as its author says"
    run: str
    runbook: str
    safety: str


class RemedyHeld(Fact):
    """A runbook would have been run, and was not."""

    kind: ClassVar[str] = "remedy_held"
    template: ClassVar[str] = "{runbook} was not run by itself: {why}"
    runbook: str
    why: str


class RemedyLooked(Fact):
    """What became of it."""

    kind: ClassVar[str] = "remedy_looked"
    template: ClassVar[str] = "{run} of {runbook} has helped: its alerts are quiet"
    run: str
    runbook: str


class RemedyStopped(Fact):
    """It went wrong or did not help: it is not run by itself any more."""

    kind: ClassVar[str] = "remedy_stopped"
    template: ClassVar[str] = (
        "{run} {why}. {runbook} is not run by itself any more: /runbook rearm {runbook}"
    )
    run: str
    runbook: str
    why: str


class RemedyRearmed(Fact):
    """Somebody lets it run by itself again."""

    kind: ClassVar[str] = "remedy_rearmed"
    template: ClassVar[str] = "{by}: {runbook} may run by itself again"
    runbook: str


def meant_for(
    runbooks: Sequence[Runbook], traits: Mapping[str, str]
) -> tuple[Runbook, Automatic] | None:
    """The first runbook whose author has meant it for such an alert, and how."""
    found = ((one, one.automatic) for one in runbooks if one.automatic)
    return next(((one, rule) for one, rule in found if _fits(rule, traits)), None)


def _fits(rule: Automatic, traits: Mapping[str, str]) -> bool:
    return fits(parse_matchers(rule.match), traits)


def speaks_of(rule: Automatic, fingerprint: str, traits: Mapping[str, str]) -> bool:
    """Whether an alert is the one that it is run for, or one that its author has meant.

    What an alert says of itself may have changed since: routing gives it another service.
    """
    return traits["fingerprint"] == fingerprint or _fits(rule, traits)


def told_by(rule: Automatic, traits: Mapping[str, str]) -> dict[str, str]:
    """What its parameters are; a label that is missing gives nothing."""
    found = {name: traits.get(label, "") for name, label in rule.from_labels.items()}
    return rule.given | {name: value for name, value in found.items() if value}


def too_dangerous(plan: RunPlan, guards: Sequence[Guard]) -> str:
    """Why a person has to run it; empty where nobody has to."""
    if plan.safety not in GENTLE:
        return f"its most dangerous step is {plan.safety}, so a person runs it"
    lasting = (one for one in plan.steps if one.safety != "read" and one.undo is None)
    if one := next(lasting, None):
        return f"nothing takes back step {one.number}, {one.name}, so a person runs it"
    if any(one.command == COMMAND for one in guards):
        return f"a guard stands before /{COMMAND}, so a person runs it"
    return ""


def held_back(
    rule: Automatic, earlier: Sequence[Run], rearmed: datetime | None, now: datetime
) -> str:
    """Why it is not run now; empty where it is. ``earlier`` are its own runs, the newest first."""
    if wrong := next((one for one in earlier if _went_wrong(one, rearmed)), None):
        return f"{wrong.id} {why_wrong(wrong)}, so it stopped: /runbook rearm {wrong.runbook}"
    if not earlier:
        return ""
    last = earlier[0]
    if not last.closed or last.helped is None:
        return f"{last.id} is not over yet"
    if now - last.started_at < rule.cool_down:
        return f"it ran as {last.id}, and cools down until {last.started_at + rule.cool_down:%H:%M}"
    recent = sum(now - one.started_at < HOUR for one in earlier)
    return f"it ran {recent} times within an hour" if recent >= rule.most_per_hour else ""


def _went_wrong(run: Run, rearmed: datetime | None) -> bool:
    if run.status not in WRONG and run.helped is not False:
        return False
    return rearmed is None or _known_at(run) > rearmed


def _known_at(run: Run) -> datetime:
    """When it showed: at the end of its last step, or once its alerts should have been quiet."""
    ends = [one.finished_at for one in run.steps if one.finished_at]
    ended = max(ends, default=run.finished_at or run.started_at)
    rule = run.automatic if run.status == "succeeded" else None
    return ended + rule.within if rule else ended


def why_wrong(run: Run) -> str:
    """In a few words."""
    return "did not help" if run.helped is False else f"is {run.status}"


def next_look(run: Run, rule: Automatic, now: datetime) -> datetime | None:
    """When to look again; None where it is known now what became of it."""
    if run.status in WRONG:
        return None
    if run.finished_at is None:
        return now + timedelta(minutes=1)
    quiet_at = run.finished_at + rule.within
    return quiet_at if now < quiet_at else None
