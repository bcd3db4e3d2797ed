"""Which steps an incident gets: by severity, service, hours and turn, settled when it begins."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.escalation import Condition, EscalationPolicy, Step, Target
from domain.restriction import Restriction
from domain.severity import Severity
from domain.step_condition import Matter, left_out, settled

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
