"""Schedules: who is on call, by layers of rotations with overrides on top.

A later layer wins over an earlier one wherever it says somebody. Overrides win over all layers,
later ones over earlier ones: one that replaces a person takes that person's place while they
stand there, one that replaces nobody in particular takes the whole post, holes included.
"""

from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from operator import attrgetter
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AwareDatetime, Field, model_validator

from domain.base import Frozen
from domain.restriction import Restriction, windows
from domain.rotation import Rotation, shifts_between
from domain.spans import Post, Span, inside, outside, overlay, within
from domain.wall_clock import Instant, ZoneName

# How far to look for the bounds of someone's time; most are found in the first reach.
REACHES = (timedelta(days=9), timedelta(days=60))
HORIZON = timedelta(days=400)


class FixedShift(Frozen):
    """Somebody's time [starts, ends), as a calendar says it."""

    user: str
    starts: Instant
    ends: Instant


class Layer(Frozen):
    """A rotation, or the shifts of a ``calendar`` (a file or an address), with an optional
    beginning, end and hours of the week.

    Restrictions are read on the clock of the rotation's own time zone, else of the schedule's.
    ``shifts`` are those that were read from the calendar last.
    """

    name: str
    rotation: Rotation | None = None
    calendar: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    shifts: tuple[FixedShift, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    starts: Instant | None = None
    ends: Instant | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.starts and self.ends and self.ends <= self.starts:
            raise ValueError(f"layer {self.name} ends before it starts")
        return self

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        if (self.rotation is None) is (self.calendar is None):
            raise ValueError(f"layer {self.name} needs a rotation or a calendar, and not both")
        return self

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody in it, in their order."""
        slots = self.rotation.participants if self.rotation else ()
        turns = (one for slot in slots for one in slot)
        return tuple(dict.fromkeys((*turns, *(one.user for one in self.shifts))))


class Override(Frozen):
    """``user`` is on call in [starts, ends), for ``replaces`` or for everybody."""

    id: str
    user: str
    starts: Instant
    ends: Instant
    replaces: str | None = None
    reason: str = ""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.ends <= self.starts:
            raise ValueError("the override ends before it starts")
        if self.user == self.replaces:
            raise ValueError("nobody can stand in for themselves")
        return self


class Schedule(Frozen):
    """Layers, lowest first, and overrides, oldest first; ``timezone`` is for showing it.

    ``groups`` name, by platform, a user group of Slack or a role of Discord that holds whoever is
    on call.
    """

    id: str
    name: str
    team: str
    timezone: ZoneName
    layers: tuple[Layer, ...] = ()
    groups: dict[Literal["slack", "discord"], str] = {}
    overrides: tuple[Override, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody in a layer, in their order."""
        return tuple(dict.fromkeys(one for layer in self.layers for one in layer.people))


class OnCall(Frozen):
    """One person on call at an instant, and why.

    ``since`` and ``until`` bound their unbroken time, whatever layers or overrides it is made of.
    ``until`` is None where no handover comes within 60 days; ``since`` looks back no further.
    """

    user: str
    since: AwareDatetime
    until: AwareDatetime | None
    layer: str | None
    override: str | None
    reason: str


class FinalShift(NamedTuple):
    """One person's unbroken time [starts, ends) from one source: a layer, or an override's id.

    A plain tuple, because a year of hourly handoffs has 8,760.
    """

    user: str
    layer: str | None
    override: str | None
    reason: str
    starts: datetime
    ends: datetime


class Gap(Frozen):
    """A time in which nobody is on call."""

    starts: AwareDatetime
    ends: AwareDatetime


def on_call(schedule: Schedule, at: datetime) -> tuple[OnCall, ...]:
    """Who is on call at the instant ``at``; empty in a gap."""
    for reach in REACHES:
        people = _on_call_within(schedule, at, reach)
        if all(person.until and at - reach < person.since for person in people):
            break
    return people


def final_shifts(schedule: Schedule, since: datetime, until: datetime) -> tuple[FinalShift, ...]:
    """Everybody's shifts in [since, until), cut at its edges, by their start."""
    return tuple(_joined(_timeline(schedule, since, until), tuple))


def gaps(schedule: Schedule, since: datetime, until: datetime) -> tuple[Gap, ...]:
    """When nobody is on call in [since, until)."""
    whole = Span(since.astimezone(UTC), until.astimezone(UTC))
    free = outside([whole], _timeline(schedule, since, until))
    return tuple(Gap(starts=span.starts, ends=span.ends) for span in free)


def next_shift(schedule: Schedule, user: str, after: datetime) -> FinalShift | None:
    """The first time that ``user`` goes on call after the instant ``after``, until they leave.

    None where that does not happen within 400 days; the source is that of its beginning.
    """
    for reach in (REACHES[-1], HORIZON):
        times = _times(_timeline(schedule, after, after + reach), user)
        first = next((time for time in times if time.starts > after), None)
        if first and first.ends < after + reach:
            break
    return first


def _on_call_within(schedule: Schedule, at: datetime, reach: timedelta) -> tuple[OnCall, ...]:
    timeline = _timeline(schedule, at - reach, at + reach)
    posts = next((span.posts for span in timeline if span.starts <= at < span.ends), ())
    return tuple(_on_call(post, timeline, at, at + reach) for post in posts)


def _on_call(post: Post, timeline: list[Span], at: datetime, seen: datetime) -> OnCall:
    time = next(time for time in _times(timeline, post.user) if time.starts <= at < time.ends)
    until = time.ends if time.ends < seen else None
    return OnCall(**post._asdict(), since=time.starts, until=until)


def _times(timeline: list[Span], user: str) -> list[FinalShift]:
    """One person's unbroken times, from whatever layers and overrides."""
    mine = (
        Span(span.starts, span.ends, tuple(post for post in span.posts if post.user == user))
        for span in timeline
    )
    return _joined(mine, attrgetter("user"))


def _joined(spans: Iterable[Span], same: Callable[[Post], Hashable]) -> list[FinalShift]:
    """Posts of touching spans as one shift where ``same`` gives equal keys, by their start."""
    shifts: list[FinalShift] = []
    latest: dict[Hashable, int] = {}
    for span in spans:
        for post in span.posts:
            at = latest.get(key := same(post))
            if at is not None and shifts[at].ends == span.starts:
                shifts[at] = shifts[at]._replace(ends=span.ends)
            else:
                latest[key] = len(shifts)
                shifts.append(FinalShift(*post, span.starts, span.ends))
    return shifts


def _timeline(schedule: Schedule, since: datetime, until: datetime) -> list[Span]:
    """Who is on call in [since, until), layer over layer, then override over override."""
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    timeline: list[Span] = []
    for layer in schedule.layers:
        timeline = overlay(timeline, _layer_spans(schedule, layer, since, until))
    near = (one for one in schedule.overrides if one.starts < until and since < one.ends)
    for override in near:
        changed = _overridden(schedule, override, timeline)
        timeline = overlay(timeline, within(changed, since, until))
    return timeline


def _layer_spans(schedule: Schedule, layer: Layer, since: datetime, until: datetime) -> list[Span]:
    since, until = max(since, layer.starts or since), min(until, layer.ends or until)
    shifts = _turns(schedule, layer, since, until)
    if not layer.restrictions:
        return within(shifts, since, until)
    zone = layer.rotation.timezone if layer.rotation else schedule.timezone
    return list(inside(shifts, windows(layer.restrictions, zone, since, until)))


def _turns(schedule: Schedule, layer: Layer, since: datetime, until: datetime) -> list[Span]:
    """A layer's timeline, whatever hours of the week it has."""
    if layer.rotation is None:
        return _fixed_spans(schedule, layer, since, until)
    slots = [_slot_posts(schedule, layer, slot) for slot in layer.rotation.participants]
    return [
        Span(shift.starts, shift.ends, slots[shift.number % len(slots)])
        for shift in shifts_between(layer.rotation, since, until)
    ]


def _fixed_spans(schedule: Schedule, layer: Layer, since: datetime, until: datetime) -> list[Span]:
    """The shifts of a calendar as a timeline: where several meet, all of them are on call."""
    near = [one for one in layer.shifts if one.starts < until and since < one.ends]
    edges = sorted({edge for one in near for edge in (one.starts, one.ends)})
    spans = (
        Span(starts, ends, _slot_posts(schedule, layer, _there(near, starts)))
        for starts, ends in pairwise(edges)
    )
    return [one for one in spans if one.posts]


def _there(shifts: Iterable[FixedShift], at: datetime) -> tuple[str, ...]:
    return tuple(one.user for one in shifts if one.starts <= at < one.ends)


def _slot_posts(schedule: Schedule, layer: Layer, slot: tuple[str, ...]) -> tuple[Post, ...]:
    reason = f"on call for {schedule.name}, layer {layer.name}"
    return tuple(Post(user, layer.name, None, reason) for user in dict.fromkeys(slot))


def _overridden(schedule: Schedule, override: Override, timeline: list[Span]) -> list[Span]:
    """What the override puts on top of the timeline that it finds."""
    why = f": {override.reason}" if override.reason else ""
    reason = f"on call for {schedule.name} by override{why}"
    post = Post(override.user, None, override.id, reason)
    if override.replaces is None:
        return [Span(override.starts, override.ends, (post,))]
    there = within(timeline, override.starts, override.ends)
    return [_replaced(span, override.replaces, post) for span in there]


def _replaced(span: Span, user: str, stand_in: Post) -> Span:
    """The span with the stand-in at the user's place, never the same person twice."""
    posts = (stand_in if post.user == user else post for post in span.posts)
    unique = {post.user: post for post in posts}
    return Span(span.starts, span.ends, tuple(unique.values()))
