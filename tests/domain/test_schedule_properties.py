"""Any schedule gives what a slow, obvious rule says instant by instant, over clock changes too."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.restriction import WEEK, Restriction
from domain.rotation import Rotation, shift_at
from domain.schedule import Layer, Override, Schedule, final_shifts, gaps, on_call
from domain.wall_clock import wall_clock

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
# Weeks in which these zones change their clocks, and a quiet one.
BEGINNINGS = [
    datetime(2026, 3, 27, tzinfo=UTC),
    datetime(2026, 4, 3, tzinfo=UTC),
    datetime(2026, 10, 23, tzinfo=UTC),
    datetime(2026, 3, 2, tzinfo=UTC),
]
ZONES = ["Europe/Berlin", "Australia/Lord_Howe", "Antarctica/Troll", "UTC"]
USERS = st.sampled_from(["bob", "carol", "dana", "erin"])
QUARTERS = st.integers(0, 6 * 96)
CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
RESTRICTIONS = st.builds(
    Restriction,
    weekdays=st.sets(st.sampled_from(WEEK), min_size=1).map(tuple),
    starts=CLOCKS,
    ends=CLOCKS,
)


@st.composite
def layers(draw, begin: datetime) -> Layer:
    """Any layer, its rotation starting on the quarter of an hour."""
    start = begin.replace(tzinfo=None) - draw(st.integers(-400, 4000)) * QUARTER
    rotation = Rotation(
        kind=draw(st.sampled_from(["hourly", "daily", "weekly"])),
        length=draw(st.integers(1, 5)),
        start=start,
        timezone=draw(st.sampled_from(ZONES)),
        participants=draw(
            st.lists(
                st.lists(USERS, min_size=1, max_size=2).map(tuple), min_size=1, max_size=3
            ).map(tuple)
        ),
    )
    bounds = sorted(draw(st.sets(QUARTERS, min_size=2, max_size=2)))
    starts, ends = (draw(st.sampled_from([None, begin + n * QUARTER])) for n in bounds)
    restrictions = tuple(draw(st.lists(RESTRICTIONS, max_size=2)))
    return Layer(
        name="layer", rotation=rotation, restrictions=restrictions, starts=starts, ends=ends
    )


@st.composite
def overrides(draw, begin: datetime) -> Override:
    """Any override that begins in the week."""
    user, replaces = draw(st.permutations(["bob", "carol", "dana", "erin"]))[:2]
    starts = begin + draw(QUARTERS) * QUARTER
    return Override(
        id=draw(st.sampled_from(["o1", "o2"])),
        user=user,
        starts=starts,
        ends=starts + draw(st.integers(1, 200)) * QUARTER,
        replaces=draw(st.sampled_from([None, replaces])),
    )


@st.composite
def schedules(draw) -> tuple[Schedule, datetime]:
    """Any schedule, and a day at which to begin looking at it."""
    begin = draw(st.sampled_from(BEGINNINGS))
    plan = Schedule(
        id="s1",
        name="Data platform",
        team="data",
        timezone="Europe/Berlin",
        layers=tuple(draw(st.lists(layers(begin), max_size=3))),
        overrides=tuple(draw(st.lists(overrides(begin), max_size=4))),
    )
    return plan, begin


def obviously_on_call(plan: Schedule, at: datetime) -> tuple[str, ...]:
    """The slow rule for one instant: the last layer that says somebody, then each override."""
    people: tuple[str, ...] = ()
    for one in plan.layers:
        people = said_by(one, at) or people
    for change in plan.overrides:
        if change.starts <= at < change.ends:
            if change.replaces is None:
                people = (change.user,)
            people = tuple(change.user if user == change.replaces else user for user in people)
    return tuple(dict.fromkeys(people))


def said_by(one: Layer, at: datetime) -> tuple[str, ...]:
    """Whom one layer puts on call at an instant."""
    if (one.starts and at < one.starts) or (one.ends and at >= one.ends):
        return ()
    assert one.rotation
    zone = one.rotation.timezone
    latest = max(wall_clock(at - n * QUARTER, zone).replace(tzinfo=None) for n in range(12))
    if one.restrictions and not any(met(rule, latest) for rule in one.restrictions):
        return ()
    return shift_at(one.rotation, at).users


def met(rule: Restriction, shown: datetime) -> bool:
    """Whether the local time lies in a window that starts today or yesterday."""
    return any(lies_in(rule, shown, shown.date() - days * DAY) for days in (0, 1))


def lies_in(rule: Restriction, shown: datetime, day: date) -> bool:
    """Whether the local time lies in the window that starts on ``day``."""
    ends_on = day if rule.starts < rule.ends else day + DAY
    window = datetime.combine(day, rule.starts), datetime.combine(ends_on, rule.ends)
    return WEEK[day.weekday()] in rule.weekdays and window[0] <= shown < window[1]


@given(schedules())
@settings(deadline=None, max_examples=60)
def test_any_schedule_is_what_the_obvious_rule_says(case):
    """At every quarter of an hour the shifts, the gaps and the rule for one instant agree."""
    plan, since = case
    until = since + 5 * DAY
    shifts, holes = final_shifts(plan, since, until), gaps(plan, since, until)
    for number in range(5 * 96):
        at = since + number * QUARTER
        there = [one.user for one in shifts if one.starts <= at < one.ends]
        assert sorted(there) == sorted(obviously_on_call(plan, at))
        assert (not there) == any(hole.starts <= at < hole.ends for hole in holes)


@given(schedules(), QUARTERS)
@settings(deadline=None, max_examples=60)
def test_the_answer_for_an_instant_agrees_with_the_plan(case, quarters):
    """Who is on call stays so from since to until, and not a moment longer."""
    plan, since = case
    at = since + quarters * QUARTER
    answers = on_call(plan, at)
    assert tuple(answer.user for answer in answers) == obviously_on_call(plan, at)
    for answer in answers:
        assert answer.since <= at
        assert answer.user in obviously_on_call(plan, answer.since)
        if answer.until:
            assert at < answer.until
            assert answer.user in obviously_on_call(plan, answer.until - QUARTER)
            assert answer.user not in obviously_on_call(plan, answer.until)


@given(schedules())
@settings(deadline=None, max_examples=60)
def test_shifts_of_one_source_never_touch(case):
    """Neighbours of one person and source are joined; all are in order, inside the window."""
    plan, since = case
    shifts = final_shifts(plan, since, since + 5 * DAY)
    assert [one.starts for one in shifts] == sorted(one.starts for one in shifts)
    assert all(since <= one.starts < one.ends <= since + 5 * DAY for one in shifts)
    for user in {one.user for one in shifts}:
        mine = [one for one in shifts if one.user == user]
        assert all(one.ends <= two.starts for one, two in pairwise(mine))
        assert not any(one.ends == two.starts and one[:4] == two[:4] for one, two in pairwise(mine))
