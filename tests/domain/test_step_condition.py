"""Which steps an incident gets: by severity, service, hours and turn, settled when it begins."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.escalation import AlertRate, Condition, EscalationPolicy, Step, Target
from domain.restriction import Restriction
from domain.severity import Severity
from domain.step_condition import Matter, described, left_out, longest_count, settled

BOB, CAROL, DAVE = (Target(kind="user", id=one) for one in ("bob", "carol", "dave"))
OFFICE = Restriction.model_validate(
    {"weekdays": ("mon", "tue", "wed", "thu", "fri"), "starts": "09:00", "ends": "17:00"}
)
WEDNESDAY = datetime(2026, 11, 25, 8, 57, tzinfo=UTC)
SEV3 = Matter(severity=Severity.SEV3, service="trino")


def policy(*steps: Step) -> EscalationPolicy:
    """One with these steps, ending at its team."""
    return EscalationPolicy(id="web", name="web", team="web", steps=steps)


def rung(made: EscalationPolicy) -> list[list[str]]:
    """Whom each step rings."""
    return [[target.id for target in step.targets] for step in made.steps]


@pytest.mark.parametrize(
    ("condition", "matter", "holds"),
    [
        (Condition(), SEV3, True),
        (Condition(severity=Severity.SEV3), SEV3, True),
        (Condition(severity=Severity.SEV4), SEV3, True),
        (Condition(severity=Severity.SEV2), SEV3, False),
        (Condition(services=("kafka", "trino")), SEV3, True),
        (Condition(services=("kafka",)), SEV3, False),
        (Condition(services=("kafka",)), Matter(severity=Severity.SEV1), False),
        (Condition(severity=Severity.SEV3, services=("kafka",)), SEV3, False),
    ],
)
def test_a_step_is_left_out_where_its_condition_does_not_hold(condition, matter, holds):
    """All that is said has to hold; the step after it takes its place in time."""
    made = policy(Step(targets=(BOB,), when=condition), Step(targets=(CAROL,)))
    assert rung(settled(made, matter, WEDNESDAY)) == ([["bob"]] if holds else []) + [["carol"]]
    assert bool(left_out(made, matter, WEDNESDAY)) is not holds


def test_otherwise_rings_others_in_its_place():
    """If and else; what is frozen has no condition any more."""
    step = Step(targets=(BOB,), when=Condition(severity=Severity.SEV1), otherwise=(CAROL, DAVE))
    made = settled(policy(step), SEV3, WEDNESDAY)
    assert rung(made) == [["carol", "dave"]]
    assert made.steps[0].when is None
    assert left_out(policy(step), SEV3, WEDNESDAY) == ("step 1: only for SEV1 and worse",)


def test_hours_are_those_at_which_the_step_is_due():
    """At 8:57 in London the first is too early; five minutes later it is nine."""
    hours = Condition(hours=(OFFICE,), timezone="Europe/London")
    step = Step(targets=(BOB,), when=hours, otherwise=(CAROL,))
    both = settled(policy(step, step), SEV3, WEDNESDAY)
    assert rung(both) == [["carol"], ["bob"]]
    weekend = settled(policy(step, step), SEV3, WEDNESDAY + timedelta(days=3))
    assert rung(weekend) == [["carol"], ["carol"]]


RATE = Condition(alerts=AlertRate(at_least=3, within=timedelta(minutes=10)))


@pytest.mark.parametrize(
    ("minutes", "holds"), [((1, 2, 10), True), ((1, 2, 11), False), ((), False), ((0,) * 9, True)]
)
def test_a_step_for_a_storm_needs_so_many_alerts(minutes, holds):
    """Counted from when the policy was triggered, whatever time the step itself is planned for."""
    times = tuple(WEDNESDAY - timedelta(minutes=one) for one in minutes)
    counted = SEV3.model_copy(update={"alerts": times, "since": WEDNESDAY})
    made = policy(Step(targets=(DAVE,)), Step(targets=(BOB,), when=RATE, otherwise=(CAROL,)))
    assert rung(settled(made, counted, WEDNESDAY)) == [["dave"], ["bob" if holds else "carol"]]
    told = f"step 2: only with 3 alerts in 10 m, and there were {len(minutes) - (11 in minutes)}"
    assert left_out(made, counted, WEDNESDAY) == (() if holds else (told,))
    assert described(RATE) == "only with 3 alerts in 10 m"
    assert longest_count(made) == timedelta(minutes=10)


def test_what_is_not_counted_yet_is_settled_later():
    """All else is frozen at once: its turn, its severity; then the count alone is left."""
    both = RATE.model_copy(update={"severity": Severity.SEV3})
    step = Step(targets=(BOB, CAROL), round_robin=True, when=both, otherwise=(DAVE,))
    worse = Step(targets=(BOB,), when=both.model_copy(update={"severity": Severity.SEV1}))
    first = settled(policy(step, worse), SEV3.model_copy(update={"turn": 2}), WEDNESDAY)
    assert rung(first) == [["carol"]]
    assert first.steps[0].when == RATE
    few = settled(first, SEV3.model_copy(update={"alerts": (WEDNESDAY,)}), WEDNESDAY)
    many = settled(first, SEV3.model_copy(update={"alerts": (WEDNESDAY,) * 3}), WEDNESDAY)
    assert (rung(few), rung(many)) == ([["dave"]], [["carol"]])
    assert longest_count(few) is None
    one = Condition(alerts=AlertRate(at_least=1, within=timedelta(hours=1)))
    assert described(one) == "only with 1 alert in 1 h"


def test_where_no_step_applies_the_last_resort_comes_at_once():
    """Somebody is always rung."""
    only = Step(targets=(BOB,), when=Condition(severity=Severity.SEV1))
    made = settled(policy(only), SEV3, WEDNESDAY)
    assert [target.kind for step in made.steps for target in step.targets] == ["team"]


def test_turns_go_round():
    """One is rung, the next with each incident, and all the same often."""
    made = policy(Step(targets=(BOB, CAROL, DAVE), round_robin=True))
    order = [
        rung(settled(made, SEV3.model_copy(update={"turn": turn}), WEDNESDAY))[0][0]
        for turn in range(1, 7)
    ]
    assert order == ["bob", "carol", "dave"] * 2


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (Condition(), "always"),
        (Condition(severity=Severity.SEV2), "only SEV2 and worse"),
        (Condition(services=("shop", "trino")), "only of shop, trino"),
        (Condition(hours=(OFFICE,), timezone="Europe/London"), "only in its hours (Europe/London)"),
        (
            Condition(
                severity=Severity.SEV2, services=("shop",), hours=(OFFICE,), alerts=RATE.alerts
            ),
            "only SEV2 and worse, of shop, in its hours (UTC), with 3 alerts in 10 m",
        ),
    ],
)
def test_whoever_reads_the_policy_is_told_for_which_incidents_a_step_is(condition, told):
    """All that has to hold, in one line."""
    assert described(condition) == told
