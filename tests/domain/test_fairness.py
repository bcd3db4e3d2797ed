"""How load is shared, and what a schedule's quality is made of."""

from datetime import UTC, datetime, time, timedelta

import pytest

from domain.fairness import Load, loads, quality
from domain.restriction import Restriction
from domain.rotation import Rotation
from domain.schedule import Layer, Override, Schedule

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
ON_THE_CLOCK = MONDAY.replace(tzinfo=None)
WEEK = timedelta(weeks=1)


def schedule(*slots: tuple[str, ...], restrictions: tuple[Restriction, ...] = ()) -> Schedule:
    """A schedule of one layer that changes at midnight on Mondays, in UTC."""
    rotation = Rotation(kind="weekly", start=ON_THE_CLOCK, timezone="UTC", participants=slots)
    made = Layer(name="first", rotation=rotation, restrictions=restrictions)
    return Schedule(id="s", name="S", team="t", timezone="UTC", layers=(made,))


def test_a_week_has_seven_nights_and_one_weekend():
    found = loads(schedule(("bob",), ("carol",)), MONDAY, MONDAY + 2 * WEEK)
    whole = {"hours": 168, "nights": 56, "weekends": 48, "turns": 1}
    assert found == (Load(user="bob", **whole), Load(user="carol", **whole))


def test_the_load_follows_whoever_stands_in():
    covered = Override(
        id="o", user="carol", starts=MONDAY + timedelta(hours=20), ends=MONDAY + timedelta(hours=30)
    )
    plain = schedule(("bob",), ("carol",))
    moved = plain.model_copy(update={"overrides": (covered,)})
    by_user = {one.user: one for one in loads(moved, MONDAY, MONDAY + WEEK)}
    assert (by_user["bob"].hours, by_user["bob"].nights, by_user["bob"].turns) == (158, 48, 2)
    assert (by_user["carol"].hours, by_user["carol"].nights) == (10, 8)


def test_who_has_no_turn_is_listed_with_nothing():
    found = loads(schedule(("bob",), ("carol",)), MONDAY, MONDAY + WEEK)
    assert found[-1] == Load(user="carol", hours=0, nights=0, weekends=0, turns=0)


def test_a_night_is_as_long_as_the_clock_makes_it():
    """In Berlin the clock goes forward on 29 March 2026: that night lasts seven hours."""
    rotation = Rotation(
        kind="weekly",
        start=ON_THE_CLOCK,
        timezone="Europe/Berlin",
        participants=(("bob",),),
    )
    berlin = Schedule(
        id="s",
        name="S",
        team="t",
        timezone="Europe/Berlin",
        layers=(Layer(name="first", rotation=rotation),),
    )
    evening = datetime(2026, 3, 28, 12, tzinfo=UTC)
    (bob,) = loads(berlin, evening, evening + timedelta(days=1))
    assert (bob.hours, bob.nights) == (24, 7)


def test_an_even_schedule_without_holes_is_perfect():
    found = quality(schedule(("bob",), ("carol",)), MONDAY, MONDAY + 2 * WEEK)
    assert (found.score, found.deductions) == (100, ())


@pytest.mark.parametrize(
    ("made", "until", "score", "reason"),
    [
        (schedule(("bob",)), 1, 85, "One person is on call all the time."),
        (
            schedule(("bob",), ("carol",), restrictions=(Restriction(ends=time(23)),)),
            2,
            82,
            "Nobody is on call for 14 h, 14 times.",
        ),
        (
            schedule(("bob",), ("bob",), ("carol",)),
            3,
            82,
            "Somebody is on call for 14 days without a break.",
        ),
        (
            schedule(("bob",), ("carol",)),
            1,
            75,
            "One person has 168 h on call; the average is 84 h.",
        ),
    ],
)
def test_what_costs_points_is_said(made: Schedule, until: int, score: int, reason: str):
    found = quality(made, MONDAY, MONDAY + until * WEEK)
    assert found.score == score
    assert reason in [one.reason for one in found.deductions]


def test_a_schedule_of_nobody_is_worth_little():
    empty = Schedule(id="s", name="S", team="t", timezone="UTC")
    found = quality(empty, MONDAY, MONDAY + WEEK)
    assert found.score == 40
    assert [one.reason for one in found.deductions] == ["Nobody is on call for 7 days, once."]
