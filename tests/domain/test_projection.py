"""What a policy will do: the same steps at the same times as it then does them."""

from datetime import datetime, timedelta

from domain.escalation import EscalationPolicy, Step, Target, advance
from domain.projection import Member, Roll, project
from domain.rotation import Rotation
from domain.schedule import Layer, Override, Schedule

NOON = datetime.fromisoformat("2026-11-21T12:00Z")
MINUTE = timedelta(minutes=1)
PEOPLE = {
    "alice": Member(name="Alice", team="data", admin=True),
    "bob": Member(name="Bob", team="data"),
    "carol": Member(name="Carol", team="web"),
}


def user(name: str) -> Target:
    """A person by name."""
    return Target(kind="user", id=name)


def policy(*targets: Target, repeats: int = 0, team: str = "data") -> EscalationPolicy:
    """A step for each target, five minutes apart."""
    steps = tuple(Step(targets=(one,)) for one in targets)
    return EscalationPolicy(id="p", name="P", team=team, steps=steps, repeats=repeats)


def weekly(*people: str) -> Schedule:
    """Bob's week, then carol's."""
    told = {"kind": "weekly", "start": "2026-11-18T09:00", "timezone": "UTC"}
    rotation = Rotation.model_validate(told | {"participants": [(one,) for one in people]})
    layers = (Layer(name="primary", rotation=rotation),)
    return Schedule(id="data", name="Data", team="data", timezone="UTC", layers=layers)


def roll(*schedules: Schedule) -> Roll:
    """Everybody, and these schedules."""
    return Roll(schedules={one.id: one for one in schedules}, people=PEOPLE)


def test_every_step_stands_where_the_escalation_will_be() -> None:
    """Through repeats up to the first round of the last resort."""
    one = policy(user("bob"), user("carol"), repeats=1)
    found = project(one, 0, NOON, roll())
    assert [(step.at - NOON) // MINUTE for step in found] == [0, 5, 10, 15, 20]
    for n, step in enumerate(found):
        due = advance(one, n, step.at, step.at)
        assert (due.rounds[0].reason, due.exhausted) == (step.step, step.exhausted)
    assert [person.name for person in found[-1].rung] == ["Alice", "Bob"]


def test_it_says_which_layer_or_override() -> None:
    """At the time of the step: the override has ended when the second comes."""
    over = Override(id="o", user="carol", starts=NOON, ends=NOON + 4 * MINUTE, reason="dentist")
    data = weekly("bob", "carol").model_copy(update={"overrides": (over,)})
    on = Target(kind="schedule", id="data")
    first, second, _ = project(policy(on, on), 0, NOON, roll(data))
    assert [one.name for one in (*first.rung, *second.rung)] == ["Carol", "Bob"]
    assert "by override: dentist until Sat 12:04 UTC" in first.rung[0].why
    assert "layer primary until Wed 09:00 UTC" in second.rung[0].why


def test_a_step_that_rings_nobody_costs_no_time() -> None:
    """Somebody who has left, an empty schedule; at the end, the admins."""
    found = project(policy(user("dora"), user("bob"), team="nobody"), 0, NOON, roll())
    assert [(step.at - NOON) // MINUTE for step in found] == [0, 0, 5]
    assert [[one.name for one in step.rung] for step in found] == [[], ["Bob"], ["Alice"]]


def test_many_steps_end_somewhere() -> None:
    """A policy that repeats a hundred times is cut."""
    assert len(project(policy(user("bob"), repeats=100), 0, NOON, roll())) == 30


def test_what_is_told_beside_people_is_told_and_reaches_nobody() -> None:
    """A step of channels alone is followed at once by the next."""
    found = project(policy(Target(kind="channel", id="ops"), user("bob")), 0, NOON, roll())
    assert [(one.told, [each.name for each in one.rung]) for one in found[:2]] == [
        (("channel ops",), []), ((), ["Bob"]),
    ]  # fmt: skip
    assert [one.at for one in found[:2]] == [NOON, NOON]
