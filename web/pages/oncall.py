"""``/oncall``: who answers now, and the next fourteen days with their gaps."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta

from domain.authorize import leads
from domain.base import Frozen
from domain.escalation import EscalationPolicy, Step, Target
from domain.fairness import Quality
from domain.step_condition import described
from storage.views import catalog, oncall, people
from storage.views.listing import Cut
from storage.views.oncall import Calendar, OnCallView
from web.pages.discovery import Menu
from web.pages.models import Action, OnCallNow, Person
from web.pages.offers import Face
from web.pages.rows import Names, lasting, on_call_now
from web.pages.visit import Visit

PATH = "/oncall"
TITLE = "On-call"
MENU = Menu(place=4, icon="oncall")

DAYS = 14
THOUSAND = 1000
EVERY_POLICY = Cut(limit=200)


class Shift(Frozen):
    """A bar of the calendar strip: ``left`` and ``width`` in thousandths of the window.

    A shift of nobody is a gap.
    """

    person: Person | None
    start: datetime
    end: datetime
    left: int
    width: int
    override: bool


class Gap(Frozen):
    """A time in which nobody answers; ``lasts`` in words."""

    start: datetime
    end: datetime
    lasts: str


class ScheduleCard(Frozen):
    """A schedule; ``why`` says why whoever is on call is. ``asleep`` names, for whoever leads
    the team, those on call in these days whom no page would wake."""

    id: str
    name: str
    team: str
    now: OnCallNow
    why: str
    shifts: tuple[Shift, ...]
    gaps: tuple[Gap, ...]
    asleep: tuple[str, ...]
    quality: str
    actions: tuple[Action, ...]


class PolicyCard(Frozen):
    """An escalation policy, step by step, in words."""

    name: str
    steps: tuple[str, ...]
    actions: tuple[Action, ...]


class Day(Frozen):
    """A midnight of the strip, in thousandths of the window."""

    left: int
    label: str


class OnCallPage(Frozen):
    """Every schedule over the same days."""

    schedules: tuple[ScheduleCard, ...]
    policies: tuple[PolicyCard, ...]
    days: tuple[Day, ...]


async def page(visit: Visit) -> OnCallPage:
    """Who is on call, and who will be."""
    scope = visit.scope
    since = datetime.combine(visit.now.date(), time(), visit.now.tzinfo)
    calendars = await oncall.calendars(scope, since, since + timedelta(days=DAYS))
    now = await oncall.now(scope)
    names = await people.names(scope)
    led = [one for one in calendars if leads(visit.actor, one.team)]
    on_duty = [shift.user for one in led for shift in one.shifts if shift.user]
    asleep = await oncall.asleep(scope, on_duty)
    policies = await catalog.policies(scope, EVERY_POLICY)
    return OnCallPage(
        schedules=tuple(
            _card(visit, view, calendar, asleep if calendar in led else {})
            for view, calendar in zip(now, calendars, strict=True)
        ),
        policies=tuple(_policy(visit, one, names) for one in policies.items),
        days=tuple(_day(since, number) for number in range(DAYS)),
    )


def _card(
    visit: Visit, view: OnCallView, calendar: Calendar, asleep: Mapping[str, str]
) -> ScheduleCard:
    given, offers = {"schedule": view.schedule}, visit.offers(view.team)
    return ScheduleCard(
        id=view.schedule,
        name=view.name,
        team=view.team,
        now=on_call_now(view),
        why=", ".join(dict.fromkeys(one.reason for one in view.on_call)),
        shifts=tuple(_shifts(calendar, visit.now)),
        gaps=tuple(_gaps(calendar, visit.now)),
        asleep=tuple(_asleep(calendar, asleep)),
        quality=_quality(calendar.quality),
        actions=(
            *offers.ask("oncall take", "", TAKE, given),
            *offers.ask("oncall swap", "", SWAP, given),
            *offers.ask("oncall override", "", OVERRIDE, given),
        ),
    )


def _quality(found: Quality) -> str:
    return " ".join((f"Quality {found.score} of 100.", *(one.reason for one in found.deductions)))


def _shifts(calendar: Calendar, now: datetime) -> Iterator[Shift]:
    since = datetime.combine(now.date(), time(), now.tzinfo)
    for one in calendar.shifts:
        left, right = _place(since, one.starts), _place(since, one.ends)
        yield Shift(
            person=Person(id=one.user, name=one.name) if one.user else None,
            start=one.starts,
            end=one.ends,
            left=left,
            width=right - left,
            override=one.override,
        )


def _gaps(calendar: Calendar, now: datetime) -> Iterator[Gap]:
    for one in calendar.shifts:
        if one.user is None and one.ends > now:
            yield Gap(start=one.starts, end=one.ends, lasts=lasting(one.ends - one.starts))


def _asleep(calendar: Calendar, asleep: Mapping[str, str]) -> Iterator[str]:
    on_duty = {one.user: one.name for one in calendar.shifts if one.user}
    told: dict[str, list[str]] = {}
    for user, name in on_duty.items():
        if user in asleep:
            told.setdefault(asleep[user], []).append(name)
    for reason, names in told.items():
        yield f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} {reason}."


def _day(since: datetime, number: int) -> Day:
    at = since + timedelta(days=number)
    return Day(left=_place(since, at), label=f"{at:%a %d}")


def _place(since: datetime, at: datetime) -> int:
    """``at`` on the strip, in thousandths."""
    return round((at - since) / timedelta(days=DAYS) * THOUSAND)


def _policy(visit: Visit, one: EscalationPolicy, names: Names) -> PolicyCard:
    asked = visit.offers(one.team).ask("page whatif", "", SIMULATE, {"target": one.id})
    return PolicyCard(name=one.name, steps=tuple(_steps(one, names)), actions=asked)


def _steps(policy: EscalationPolicy, names: Names) -> Iterator[str]:
    after = timedelta()
    for step in policy.steps:
        yield f"{_when(after)}: {_who(step, names)}"
        after += step.delay
    if policy.repeats:
        yield f"The same {policy.repeats} times more"
        after *= policy.repeats + 1
    last = policy.last_resort or (Target(kind="team", id=policy.team),)
    every = lasting(policy.repeat_every)
    yield f"{_when(after)} and every {every} until somebody acks: {_targets(last, names)}"


def _who(step: Step, names: Names) -> str:
    """Whom it rings, in turn where it is so, for which incidents, and whom else for others."""
    turn = "in turn one of " if step.round_robin else ""
    said = f"{turn}{_targets(step.targets, names)}"
    if step.when is None:
        return said
    other = f"; else {_targets(step.otherwise, names)}" if step.otherwise else ""
    return f"{said}, {described(step.when)}{other}"


def _when(after: timedelta) -> str:
    return f"After {lasting(after)}" if after else "At once"


def _targets(targets: tuple[Target, ...], names: Names) -> str:
    return ", ".join(_target(one, names) for one in targets)


def _target(one: Target, names: Names) -> str:
    if one.kind == "user":
        return names.get(one.id, one.id)
    said = "whoever is on call for" if one.kind == "schedule" else one.kind
    return f"{said} {one.id}"


TAKE = Face(label="Take the pager…", icon="oncall")
SWAP = Face(label="Swap…")
OVERRIDE = Face(label="Override…")
SIMULATE = Face(label="Simulate…")
