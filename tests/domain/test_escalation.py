"""Escalation keeps to its grid: no outage moves, skips or endlessly repeats a step."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.escalation import EscalationPolicy, Step, Target, advance, describe, round_at

SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=n) for n in (1, 60, 3600, 86400))
DUE = datetime(2026, 3, 2, 2, 7, tzinfo=UTC)


def user(name: str) -> Target:
    """A person as a target."""
    return Target(kind="user", id=name)


def policy(*delays: int, **given) -> EscalationPolicy:
    """A policy whose steps ring bob, carol, dana …, with delays in minutes."""
    names = ("bob", "carol", "dana", "erin", "frank")
    steps = tuple(
        Step(targets=(user(name),), delay=delay * MINUTE)
        for name, delay in zip(names, delays, strict=False)
    )
    return EscalationPolicy(id="p1", name="dp-default", team="data", steps=steps, **given)


THREE = policy(5, 10, 5)


def short(advanced) -> list[tuple[int, int | None, int]]:
    """Each round as number, step and minutes after the first due time."""
    return [(one.n, one.step_index, (one.due - DUE) // MINUTE) for one in advanced.rounds]


@pytest.mark.parametrize(
    ("late", "rounds", "next_n", "next_in"),
    [
        (0 * SECOND, [(0, 0, 0)], 1, 5),
        (1 * SECOND, [(0, 0, 0)], 1, 5),
        (1 * MINUTE, [(0, 0, 0)], 1, 5),
        (5 * MINUTE - SECOND, [(0, 0, 0)], 1, 5),
        (5 * MINUTE, [(0, 0, 0), (1, 1, 5)], 2, 15),
        (17 * MINUTE, [(0, 0, 0), (1, 1, 5), (2, 2, 15)], 3, 20),
        (20 * MINUTE, [(0, 0, 0), (1, 1, 5), (2, 2, 15), (3, None, 20)], 4, 25),
        (1 * HOUR, [(0, 0, 0), (1, 1, 5), (2, 2, 15), (11, None, 60)], 12, 65),
        (1 * DAY, [(0, 0, 0), (1, 1, 5), (2, 2, 15), (287, None, 1440)], 288, 1445),
    ],
)
def test_an_outage_makes_steps_late_and_skips_none(late, rounds, next_n, next_in):
    """Each step that came due is rung once, at its own due time; the next stays on the grid."""
    result = advance(THREE, 0, DUE, DUE + late)
    assert short(result) == rounds
    assert (result.next_n, result.next_due) == (next_n, DUE + next_in * MINUTE)
    assert result.late == late
    assert result.exhausted == (rounds[-1][1] is None)


@pytest.mark.parametrize(
    ("n", "late", "rounds"),
    [
        (1, 0, [(1, 1, 0)]),
        (2, 0, [(2, 2, 0)]),
        (2, 5, [(2, 2, 0), (3, 0, 5)]),
        (1, 50, [(1, 1, 0), (2, 2, 10), (3, 0, 15), (9, None, 50)]),
        (4, 15, [(4, 1, 0), (5, 2, 10), (6, None, 15)]),
        (6, 0, [(6, None, 0)]),
        (6, 31, [(12, None, 30)]),
    ],
)
def test_repeats_are_folded_into_one_pass(n, late, rounds):
    """Over repeats, everybody is rung once, and of the last resort only the newest round."""
    twice = policy(5, 10, 5, repeats=1)
    assert short(advance(twice, n, DUE, DUE + late * MINUTE)) == rounds


def test_the_first_step_names_its_targets_and_its_reason():
    """A round carries whom to ring and which step that is, in words."""
    result = advance(THREE, 0, DUE, DUE)
    [first] = result.rounds
    assert first.targets == (user("bob"),)
    assert (first.reason, result.reason) == ("step 1 of 3", "due: step 1 of 3")


def test_a_long_outage_is_explained():
    """The reason lists what came due and counts what was folded."""
    result = advance(THREE, 1, DUE, DUE + HOUR)
    assert result.reason == (
        "due: step 2 of 3; step 3 of 3; last resort, round 10"
        " (with 9 more rounds to the same people)"
    )


def test_the_last_resort_never_stops():
    """After the last step the last resort is rung at its own pace for as long as it takes."""
    resort = policy(5, last_resort=(user("lead"), user("boss")), repeat_every=2 * MINUTE)
    n, due = 1, DUE
    for rung in range(500):
        result = advance(resort, n, due, due)
        [last] = result.rounds
        assert (last.targets, last.exhausted) == (resort.last_resort, True)
        assert due == DUE + rung * 2 * MINUTE
        n, due = result.next_n, result.next_due


def test_a_policy_without_last_resort_ends_at_its_team():
    """Nobody chose a last resort: the team's members are it."""
    assert round_at(THREE, 3, DUE).targets == (Target(kind="team", id="data"),)


def test_a_clock_that_went_back_is_on_time():
    """A step claimed as due is rung even when the clock was set back meanwhile."""
    result = advance(THREE, 0, DUE, DUE - HOUR)
    assert short(result) == [(0, 0, 0)]
    assert (result.late, result.next_due) == (0 * SECOND, DUE + 5 * MINUTE)


def test_delays_are_real_time():
    """Five minutes after 01:58 in a night that skips to 03:00 are five minutes, not an hour."""
    due = datetime(2026, 3, 29, 1, 58, tzinfo=ZoneInfo("Europe/Berlin"))
    assert advance(THREE, 0, due, due).next_due == datetime(2026, 3, 29, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("repeats", "n", "words"),
    [
        (0, 0, "step 1 of 3"),
        (0, 2, "step 3 of 3"),
        (0, 3, "last resort, round 1"),
        (2, 4, "step 2 of 3, repeat 1 of 2"),
        (2, 8, "step 3 of 3, repeat 2 of 2"),
        (2, 10, "last resort, round 2"),
    ],
)
def test_steps_in_words(repeats, n, words):
    """People count from one, and see which repeat they are in."""
    assert describe(policy(5, 5, 5, repeats=repeats), n) == words


POLICIES = st.builds(
    lambda delays, repeats, every: policy(*delays, repeats=repeats, repeat_every=every * MINUTE),
    st.lists(st.integers(1, 20), min_size=1, max_size=5),
    st.integers(0, 3),
    st.integers(1, 10),
)


def delay_after(plan: EscalationPolicy, n: int) -> timedelta:
    """How long a step waits for an ack, read off the policy."""
    last_resort = n >= len(plan.steps) * (plan.repeats + 1)
    return plan.repeat_every if last_resort else plan.steps[n % len(plan.steps)].delay


def walked(plan: EscalationPolicy, n: int, now: datetime) -> dict[int, datetime]:
    """The slow rule: every number that came due by ``now``, and the first that did not."""
    found = {n: DUE}
    while found[n] <= now:
        found[n + 1] = found[n] + delay_after(plan, n)
        n += 1
    return found


@given(POLICIES, st.integers(0, 25), st.integers(0, 1500))
@settings(deadline=None)
def test_any_outage_is_what_a_walk_finds(plan, n, minutes):
    """The next step and each round's due time are those of a step-by-step walk."""
    now = DUE + minutes * MINUTE
    result, expected = advance(plan, n, DUE, now), walked(plan, n, now)
    assert (result.next_n, result.next_due) == max(expected.items())
    assert now < result.next_due
    assert all(one.due == expected[one.n] for one in result.rounds)
    assert result.rounds[0].due == DUE or result.rounds[0].exhausted


@given(POLICIES, st.integers(0, 25), st.integers(0, 1500))
@settings(deadline=None)
def test_everybody_who_came_due_is_rung_once(plan, n, minutes):
    """Each step that came due is in exactly one round, and the result is at most one cycle."""
    now = DUE + minutes * MINUTE
    result = advance(plan, n, DUE, now)
    due = [number for number, at in walked(plan, n, now).items() if at <= now]
    expected = {round_at(plan, number, DUE).step_index for number in due}
    rung = [one.step_index for one in result.rounds]
    assert sorted(rung, key=str) == sorted(expected, key=str)
    assert result.exhausted == (None in expected)


@given(POLICIES, st.integers(0, 25), st.lists(st.integers(0, 90), max_size=6))
@settings(deadline=None)
def test_an_outage_in_parts_ends_on_the_same_grid(plan, n, pauses):
    """Whether Tocsin was down once or many times, the next step is due at the same instant."""
    at, number, due = DUE, n, DUE
    for pause in pauses:
        at += pause * MINUTE
        if at >= due:
            result = advance(plan, number, due, at)
            number, due = result.next_n, result.next_due
    if at >= DUE and number > n:
        once = advance(plan, n, DUE, at)
        assert (number, due) == (once.next_n, once.next_due)


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": ()},
        {"steps": ({"targets": ()},)},
        {"steps": ({"targets": ({"kind": "user", "id": "bob"},), "delay": "PT0S"},)},
        {"repeats": -1},
        {"repeat_every": "PT0S"},
    ],
)
def test_policies_that_would_ring_nobody_or_never_rest_are_refused(wrong):
    """Every step has a target and a pause after it."""
    with pytest.raises(ValidationError):
        EscalationPolicy.model_validate({**THREE.model_dump(), **wrong})


def test_a_snapshot_survives_storage():
    """The policy frozen at the trigger is read back as the same value."""
    plan = policy(5, 10, repeats=2, last_resort=(user("lead"),))
    assert EscalationPolicy.model_validate_json(plan.model_dump_json()) == plan
