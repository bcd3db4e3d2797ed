"""Schedules answer who is on call, since when, until when and why."""

import sys
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.restriction import WEEK, Restriction
from domain.rotation import Rotation, shift_at
from domain.schedule import (
    Layer,
    Override,
    Schedule,
    final_shifts,
    gaps,
    next_shift,
    on_call,
)
from domain.wall_clock import wall_clock

untraced = pytest.mark.skipif(
    sys.gettrace() is not None, reason="lines are being traced: times mean nothing"
)
QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NIGHT = {"starts": "22:00", "ends": "06:00"}
OFFICE = {"weekdays": ("mon", "tue", "wed", "thu", "fri"), "starts": "09:00", "ends": "17:00"}


def utc(text: str) -> datetime:
    """An instant written without its zone."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def layer(name: str, *people: str, kind="weekly", zone="UTC", **given) -> Layer:
    """A layer of people taking turns from Monday midnight, one at a time."""
    rotation = {
        "kind": kind,
        "start": "2026-03-02T00:00",
        "timezone": zone,
        "participants": tuple(tuple(slot.split("+")) for slot in people),
    }
    return Layer.model_validate({"name": name, "rotation": rotation, **given})


def override(user: str, starts: str, ends: str, **given) -> Override:
    """Somebody on call in [starts, ends)."""
    fields = {"id": "o1", "user": user, "starts": utc(starts), "ends": utc(ends), **given}
    return Override.model_validate(fields)


def schedule(*layers: Layer, overrides: tuple[Override, ...] = ()) -> Schedule:
    """A schedule of the data platform's team."""
    fields = {"id": "s1", "name": "Data platform", "team": "data", "timezone": "Europe/Berlin"}
    return Schedule.model_validate({**fields, "layers": layers, "overrides": overrides})


def shown(found) -> list[str]:
    """Shifts as short text."""
    return [f"{one.user} {one.starts:%a %d %H:%M} - {one.ends:%a %d %H:%M}" for one in found]


def week(plan: Schedule) -> list[str]:
    """The final shifts of the first week."""
    return shown(final_shifts(plan, MONDAY, MONDAY + 7 * DAY))


def test_a_rotation_says_who_since_when_and_until_when():
    """The plain answer: the person, the bounds of their shift, and the layer it comes from."""
    [answer] = on_call(schedule(layer("weekly", "bob", "carol")), utc("2026-03-11T12:00"))
    assert (answer.user, answer.layer, answer.override) == ("carol", "weekly", None)
    assert (answer.since, answer.until) == (utc("2026-03-09T00:00"), utc("2026-03-16T00:00"))
    assert answer.reason == "on call for Data platform, layer weekly"


def test_several_people_share_a_shift():
    """Everybody in the slot is on call, in the slot's order, each once."""
    answers = on_call(schedule(layer("pairs", "bob+carol+bob")), MONDAY)
    assert [answer.user for answer in answers] == ["bob", "carol"]


def test_a_later_layer_wins_where_it_says_somebody():
    """At night the night layer is on call, by day the layer below it."""
    plan = schedule(layer("all", "bob"), layer("night", "carol", restrictions=(NIGHT,)))
    found = final_shifts(plan, MONDAY, MONDAY + DAY)
    assert shown(found) == [
        "carol Mon 02 00:00 - Mon 02 06:00",
        "bob Mon 02 06:00 - Mon 02 22:00",
        "carol Mon 02 22:00 - Tue 03 00:00",
    ]
    assert [one.layer for one in found] == ["night", "all", "night"]


def test_a_layer_lasts_from_its_start_to_its_end():
    """Outside its own dates a layer says nobody."""
    plan = schedule(
        layer("l", "bob", starts=utc("2026-03-03T10:00"), ends=utc("2026-03-05T10:00")),
        layer("past", "carol", ends=utc("2026-03-01T00:00")),
    )
    assert week(plan) == ["bob Tue 03 10:00 - Thu 05 10:00"]
    assert on_call(plan, utc("2026-03-06T00:00")) == ()


def test_an_override_takes_the_whole_post():
    """Without a person to replace, the override alone is on call, gaps included."""
    plan = schedule(
        layer("office", "bob+carol", restrictions=(OFFICE,)),
        overrides=(override("dana", "2026-03-02T16:00", "2026-03-02T20:00"),),
    )
    assert shown(final_shifts(plan, MONDAY, MONDAY + DAY)) == [
        "bob Mon 02 09:00 - Mon 02 16:00",
        "carol Mon 02 09:00 - Mon 02 16:00",
        "dana Mon 02 16:00 - Mon 02 20:00",
    ]


def test_a_cover_takes_one_persons_place():
    """Whoever covers somebody stands only where that person would, and says why."""
    cover = override(
        "dana", "2026-03-02T16:00", "2026-03-02T20:00", replaces="carol", reason="dentist"
    )
    plan = schedule(layer("office", "bob+carol", restrictions=(OFFICE,)), overrides=(cover,))
    bob, dana = on_call(plan, utc("2026-03-02T16:30"))
    assert (bob.user, bob.override, bob.until) == ("bob", None, utc("2026-03-02T17:00"))
    assert (dana.user, dana.override, dana.until) == ("dana", "o1", utc("2026-03-02T17:00"))
    assert dana.reason == "on call for Data platform by override: dentist"
    assert on_call(plan, utc("2026-03-02T18:00")) == ()


def test_a_cover_by_somebody_already_there_is_not_counted_twice():
    """Bob covering Carol beside himself is still one person."""
    cover = override("bob", "2026-03-02T00:00", "2026-03-03T00:00", replaces="carol")
    [answer] = on_call(schedule(layer("l", "bob+carol"), overrides=(cover,)), MONDAY)
    assert answer.user == "bob"


def test_a_cover_can_be_covered():
    """A later override finds the people whom the earlier one left."""
    plan = schedule(
        layer("l", "bob"),
        overrides=(
            override("carol", "2026-03-02T00:00", "2026-03-04T00:00", replaces="bob"),
            override("dana", "2026-03-03T00:00", "2026-03-05T00:00", replaces="carol"),
        ),
    )
    assert week(plan) == [
        "carol Mon 02 00:00 - Tue 03 00:00",
        "dana Tue 03 00:00 - Wed 04 00:00",
        "bob Wed 04 00:00 - Mon 09 00:00",
    ]


def test_the_same_person_taking_over_is_no_handover():
    """Until is when the person really hands over, whatever their time is made of."""
    early = override("carol", "2026-03-08T12:00", "2026-03-09T00:00", replaces="bob")
    plan = schedule(layer("l", "bob", "carol"), overrides=(early,))
    [answer] = on_call(plan, utc("2026-03-08T18:00"))
    assert (answer.since, answer.until) == (utc("2026-03-08T12:00"), utc("2026-03-16T00:00"))
    assert answer.override == "o1"


def test_nobody_to_hand_over_to_has_no_end():
    """A person alone on a rotation is on call without an end that could be promised."""
    [answer] = on_call(schedule(layer("l", "bob", kind="daily")), MONDAY)
    assert answer.until is None


def test_a_long_shift_still_has_its_end():
    """A handover five weeks away is found."""
    monthly = layer("l", "bob", "carol", kind="monthly", starts=MONDAY)
    [answer] = on_call(schedule(monthly), utc("2026-03-02T00:00"))
    assert answer.until == utc("2026-04-02T00:00")


def test_a_long_shift_still_has_its_beginning():
    """Somebody who hands over tomorrow may have taken over weeks ago."""
    monthly = layer("l", "bob", "carol", kind="monthly")
    [answer] = on_call(schedule(monthly), utc("2026-04-01T12:00"))
    assert (answer.since, answer.until) == (MONDAY, utc("2026-04-02T00:00"))


def test_touching_shifts_of_one_source_are_one():
    """Two days running of the same person are one shift."""
    assert week(schedule(layer("l", "bob", "bob", "carol", kind="daily")))[:2] == [
        "bob Mon 02 00:00 - Wed 04 00:00",
        "carol Wed 04 00:00 - Thu 05 00:00",
    ]


def test_sources_stay_apart():
    """Carol covering right before her own shift has two shifts, each with its source."""
    early = override("carol", "2026-03-08T12:00", "2026-03-09T00:00", replaces="bob")
    plan = schedule(layer("l", "bob", "carol"), overrides=(early,))
    found = final_shifts(plan, utc("2026-03-08T12:00"), utc("2026-03-10T00:00"))
    assert [(one.user, one.layer, one.override) for one in found] == [
        ("carol", None, "o1"),
        ("carol", "l", None),
    ]


def test_gaps_are_when_nobody_is_on_call():
    """Outside office hours an office layer leaves gaps, cut at the window."""
    plan = schedule(layer("office", "bob", zone="Europe/Berlin", restrictions=(OFFICE,)))
    found = gaps(plan, utc("2026-03-06T12:00"), utc("2026-03-09T12:00"))
    assert [(one.starts, one.ends) for one in found] == [
        (utc("2026-03-06T16:00"), utc("2026-03-09T08:00")),
    ]
    assert gaps(schedule(layer("l", "bob")), MONDAY, MONDAY + 7 * DAY) == ()


def test_a_schedule_without_layers_is_one_gap():
    """Nothing planned is reported, not hidden."""
    [gap] = gaps(schedule(), MONDAY, MONDAY + DAY)
    assert (gap.starts, gap.ends) == (MONDAY, MONDAY + DAY)


@pytest.mark.parametrize(
    ("user", "after", "expected"),
    [
        ("carol", "2026-03-02T00:00", ["carol Mon 09 00:00 - Mon 16 00:00"]),
        ("carol", "2026-03-09T00:00", ["carol Mon 23 00:00 - Mon 30 00:00"]),
        ("carol", "2026-03-08T23:59", ["carol Mon 09 00:00 - Mon 16 00:00"]),
        ("erin", "2026-03-02T00:00", ["erin Thu 01 00:00 - Fri 02 00:00"]),
        ("nobody", "2026-03-02T00:00", []),
    ],
)
def test_the_next_shift_begins_later(user, after, expected):
    """The next shift is the first that begins after the moment, however far within 400 days."""
    far = override("erin", "2026-10-01T00:00", "2026-10-02T00:00")
    found = next_shift(schedule(layer("l", "bob", "carol"), overrides=(far,)), user, utc(after))
    assert shown([found] if found else []) == expected


def test_the_next_shift_has_its_real_end():
    """A shift that begins within 60 days and ends later is not cut short."""
    long = override("erin", "2026-04-20T00:00", "2026-06-20T00:00")
    found = next_shift(schedule(layer("l", "bob"), overrides=(long,)), "erin", MONDAY)
    assert found
    assert (found.starts, found.ends) == (long.starts, long.ends)


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


# Weeks in which these zones change their clocks, and a quiet one.
BEGINNINGS = [utc("2026-03-27T00:00"), utc("2026-04-03T00:00"), utc("2026-10-23T00:00"), MONDAY]
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
    plan = schedule(
        *draw(st.lists(layers(begin), max_size=3)),
        overrides=tuple(draw(st.lists(overrides(begin), max_size=4))),
    )
    return plan, begin


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


@untraced
def test_a_year_is_fast():
    """A year of three layers, restrictions and weekly covers takes under 50 ms of processor."""
    covers = [
        Override(
            id=f"o{n}",
            user="dana",
            starts=MONDAY + 7 * n * DAY,
            ends=MONDAY + (7 * n + 1) * DAY,
            replaces="bob",
        )
        for n in range(52)
    ]
    plan = schedule(
        layer("weekly", "bob", "carol"),
        layer("office", "carol", "dana", kind="daily", restrictions=(OFFICE,)),
        layer("night", "erin", "bob", kind="daily", zone="Asia/Tokyo", restrictions=(NIGHT,)),
        overrides=tuple(covers),
    )

    def spent() -> float:
        begun = process_time()
        final_shifts(plan, MONDAY, MONDAY + 365 * DAY)
        return process_time() - begun

    assert any(spent() < 0.05 for _ in range(20))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: override("bob", "2026-03-02T10:00", "2026-03-02T10:00"), "ends before it starts"),
        (
            lambda: override("bob", "2026-03-02T10:00", "2026-03-02T11:00", replaces="bob"),
            "nobody can stand in for themselves",
        ),
        (
            lambda: layer("l", "bob", starts=MONDAY, ends=MONDAY - DAY),
            "layer l ends before it starts",
        ),
    ],
)
def test_impossible_times_are_refused(wrong, told):
    """Backwards times and stand-ins for oneself are refused with the reason."""
    with pytest.raises(ValidationError, match=told):
        wrong()


def test_a_schedule_survives_storage():
    """A schedule read back from JSON is the same value."""
    plan = schedule(
        layer("night", "bob", restrictions=(NIGHT,)),
        overrides=(override("carol", "2026-03-02T00:00", "2026-03-03T00:00"),),
    )
    assert Schedule.model_validate_json(plan.model_dump_json()) == plan
