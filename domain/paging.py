"""A page: one person asked to look at one incident, with a state of its own beside it."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from domain.base import Frozen
from domain.facts import Fact
from domain.job import Job, Lane

PageState = Literal["sent", "acked", "passed", "expired"]
HAND_ON = timedelta(minutes=5)
WORKING_HOURS = (time(9), time(18))


class Page(Frozen):
    """``escalation`` is None for a direct page; ``next`` is who is paged at ``next_at`` without
    an ack; ``late_s`` is how long after its due time the page was made, in seconds; ``bundle`` is
    what it rings together with, where it does not ring by itself.

    ``dm_only`` says that it rings by direct message alone while its person says they are awake.
    """

    id: str
    incident: str
    user: str
    escalation: str | None
    step: int
    state: PageState = "sent"
    urgency: Literal["high", "low"]
    why: str
    next: str | None = None
    next_at: datetime | None = None
    late_s: int = 0
    bundle: str | None = None
    created_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    dm_only: bool = False


class Reason(Frozen):
    """What somebody wrote when they paged a person; kept where it can be redacted.

    ``asked`` where a person asked for the page: then it waits for no others.
    """

    text: str = ""
    on_card: bool = True
    asked: bool = False


class Cause(Frozen):
    """Why a policy starts, in words; whether a person ``asked`` for it, and what they ``said``."""

    text: str
    asked: bool = False
    said: str = ""


class Ring(Frozen):
    """One attempt to reach a person for a page; ``ref`` is the message where there is one, which
    the pages of a ``bundle`` share.

    ``receipt`` is the provider's own name of what it took, ``told`` what it said came of it.
    """

    key: str
    page: str
    k: int
    method: str
    result: Literal["sent", "failed"]
    ref: dict[str, Any] = {}
    bundle: str | None = None
    at: datetime
    receipt: str | None = None
    told: str | None = None
    told_at: datetime | None = None

    @property
    def outcome(self) -> str:
        """In a word what is known of it: accepted is not delivered."""
        return self.told or ("accepted" if self.result == "sent" else "refused")


class Escalation(Frozen):
    """A policy at work on an incident: the policy as it was at the trigger, and the next step.

    ``n`` counts on through repeats; ``due`` is when step ``n`` is rung. It is paused while all
    alerts are resolved and nobody has taken the incident.
    """

    id: str
    incident: str
    policy: dict[str, Any]
    n: int = 0
    due: datetime | None
    state: Literal["running", "paused", "exhausted", "stopped"] = "running"
    cause: str
    created_at: datetime


class Escalate(Job):
    """Ring step ``n`` of an escalation; ``asked`` where a person asked for it now."""

    kind: ClassVar[str] = "escalate"
    lane: ClassVar[Lane] = "page"
    priority: ClassVar[int] = 0
    incident: str
    escalation: str
    n: int
    asked: bool = False


class RingPage(Job):
    """Make the ``k``-th ring of a page by one method; ``tried`` are the ways that refused it."""

    kind: ClassVar[str] = "ring_page"
    lane: ClassVar[Lane] = "page"
    priority: ClassVar[int] = 10
    max_attempts: ClassVar[int] = 3
    incident: str
    page: str
    k: int
    method: str
    tried: tuple[str, ...] = ()


class ShowPage(Job):
    """Redraw the cards of a page where they were posted."""

    kind: ClassVar[str] = "show_page"
    page: str


class WatchAcknowledgement(Job):
    """Ring again where nobody has done anything since the acknowledgement (rules.md 6)."""

    kind: ClassVar[str] = "watch_acknowledgement"
    lane: ClassVar[Lane] = "page"
    incident: str
    user: str


class RingSnoozed(Job):
    """Ring whoever asked to be rung again at this time."""

    kind: ClassVar[str] = "ring_snoozed"
    lane: ClassVar[Lane] = "page"
    incident: str
    user: str


class PageLow(Job):
    """Tell who is on call about something that can wait for working hours."""

    kind: ClassVar[str] = "page_low"
    lane: ClassVar[Lane] = "page"
    priority: ClassVar[int] = 60
    incident: str


ESCALATING = (Escalate, WatchAcknowledgement, RingSnoozed, PageLow)


class PageSent(Fact):
    """Somebody was paged; what was written to them is the text."""

    kind: ClassVar[str] = "page_sent"
    template: ClassVar[str] = "{person} paged ({why}) {text}"
    page: str
    person: str
    why: str
    late_s: int = 0


class PageAcked(Fact):
    """Somebody answered a page."""

    kind: ClassVar[str] = "page_acked"
    template: ClassVar[str] = "{by} answered the page to {person}"
    page: str
    person: str


class PagePassed(Fact):
    """Somebody could not take it; the reason is the text."""

    kind: ClassVar[str] = "page_passed"
    template: ClassVar[str] = "{person} passed the page on {text}"
    page: str
    person: str


class PageSnoozed(Fact):
    """Somebody took it and asked to be rung again later."""

    kind: ClassVar[str] = "page_snoozed"
    template: ClassVar[str] = "{person} asked to be rung again at {until}"
    person: str
    until: datetime


class PageCancelled(Fact):
    """Somebody took back a page to a person by name."""

    kind: ClassVar[str] = "page_cancelled"
    template: ClassVar[str] = "{by} took back the page to {person}"
    page: str
    person: str


class NotOurs(Fact):
    """The incident was handed to another team; the reason is the text.

    ``rule`` is what alerts like it match, in brackets, empty where no alert was behind it.
    ``service`` and ``alerts`` (their names) are what it was about when it was handed over.
    """

    kind: ClassVar[str] = "not_ours"
    template: ClassVar[str] = "{by} handed it from {old} to {new}{rule} {text}"
    old: str
    new: str
    rule: str = ""
    service: str | None = None
    alerts: tuple[str, ...] = ()


class EscalationStarted(Fact):
    """A policy began to page people; what was written to them is the text."""

    kind: ClassVar[str] = "escalation_started"
    template: ClassVar[str] = "Escalation by {policy} started: {cause} {text}"
    escalation: str
    policy: str
    cause: str


class EscalationStepped(Fact):
    """Nobody answered in time; the next step was rung."""

    kind: ClassVar[str] = "escalation_stepped"
    template: ClassVar[str] = "No answer; {step} of {policy} rung"
    escalation: str
    policy: str
    step: str


class EscalationExhausted(Fact):
    """The last step had no answer; the last resort is rung until somebody acknowledges."""

    kind: ClassVar[str] = "escalation_exhausted"
    template: ClassVar[str] = "Nobody has answered; the last resort is rung until somebody does"
    escalation: str


class EscalationStopped(Fact):
    """An escalation ended without an answer being needed any more."""

    kind: ClassVar[str] = "escalation_stopped"
    template: ClassVar[str] = "Escalation stopped: {reason}"
    escalation: str
    reason: str


class PersonUnreached(Fact):
    """No way to somebody took the page, so the next step was rung; what each said is the text."""

    kind: ClassVar[str] = "person_unreached"
    template: ClassVar[str] = "No way reaches {person}; nobody waits for them {text}"
    page: str
    person: str


class NobodyToPage(Fact):
    """A step had nobody on call."""

    kind: ClassVar[str] = "nobody_to_page"
    template: ClassVar[str] = "Nobody to page at {step}: {reason}"
    step: str
    reason: str


def working_time(now: datetime, zone: str) -> datetime:
    """The first instant from ``now`` on that lies in working hours (Mon–Fri 9–18) in ``zone``."""
    local = now.astimezone(ZoneInfo(zone))
    opens, closes = WORKING_HOURS
    if local.weekday() < 5 and opens <= local.time() < closes:
        return now
    day = local.date() if local.time() < opens else local.date() + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return datetime.combine(day, opens, local.tzinfo).astimezone(UTC)
