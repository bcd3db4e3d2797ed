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
    """Twelve weeks are no multiple of five turns: somebody being one ahead costs nothing."""
    for people in ((("bob",), ("carol",)), tuple((name,) for name in "abcde")):
        found = quality(schedule(*people), MONDAY)
        assert (found.score, found.deductions) == (100, ())


@pytest.mark.parametrize(
    ("made", "score", "reasons"),
    [
        (
            schedule(("bob",)),
            75,
            [
                "One person is on call all the time.",
                "Somebody is on call for 84 days without a break.",
            ],
        ),
        (
            schedule(("bob",), ("carol",), restrictions=(Restriction(ends=time(23)),)),
            82,
            ["Nobody is on call for 3.5 days, 84 times."],
        ),
        (
            schedule(("bob",), ("carol",), restrictions=(Restriction(ends=time(23, 30)),)),
            86,
            ["Nobody is on call for 42 h, 84 times."],
        ),
        (
            schedule(("bob",), ("carol",), restrictions=(Restriction(ends=time(23, 59)),)),
            90,
            ["Nobody is on call for 1 h 24 min, 84 times."],
        ),
        (
            schedule(("bob",), ("bob",), ("bob",), ("carol",)),
            82,
            [
                "One person has 1512 h on call; the average is 1008 h.",
                "Somebody is on call for 21 days without a break.",
            ],
        ),
    ],
)
def test_what_costs_points_is_said(made: Schedule, score: int, reasons: list[str]):
    found = quality(made, MONDAY)
    assert found.score == score
    assert sorted(one.reason for one in found.deductions) == sorted(reasons)


def test_a_schedule_of_nobody_is_worth_little():
    empty = Schedule(id="s", name="S", team="t", timezone="UTC")
    found = quality(empty, MONDAY)
    assert found.score == 40
    assert [one.reason for one in found.deductions] == ["Nobody is on call for 84 days, once."]


def test_who_helped_out_once_is_no_share():
    """Alice takes two hours of a schedule that is not hers: it stays as good as it was."""
    covered = Override(id="o", user="alice", starts=MONDAY, ends=MONDAY + timedelta(hours=2))
    helped = schedule(("bob",), ("carol",)).model_copy(update={"overrides": (covered,)})
    assert quality(helped, MONDAY).score == 100
