"""Schedules answer who is on call, since when, until when and why."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from domain.schedule import (
    Layer,
    Override,
    Schedule,
    final_shifts,
    gaps,
    next_shift,
    on_call,
)

DAY = timedelta(days=1)
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
