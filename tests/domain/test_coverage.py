"""What would hurt in the coming days is named once, by what it is."""

from datetime import datetime, timedelta

from domain.coverage import People, coverage_notice, risks
from domain.escalation import EscalationPolicy, Step, Target
from domain.plain import plain
from domain.rotation import Rotation
from domain.schedule import Layer, Override, Schedule

NOW = datetime.fromisoformat("2026-11-21T12:00Z")
DAY = timedelta(days=1)


def schedule(name: str, *people: str, ends: datetime | None = None) -> Schedule:
    """A week each, in turn."""
    rotation = Rotation.model_validate(
        {
            "kind": "weekly",
            "start": "2026-11-18T09:00",
            "timezone": "UTC",
            "participants": [(one,) for one in people],
        }
    )
    layer = Layer(name="weekly", rotation=rotation, ends=ends)
    return Schedule(id=name, name=name, team="web", timezone="UTC", layers=(layer,))


def policy(*targets: Target) -> EscalationPolicy:
    """One step for each target."""
    steps = tuple(Step(targets=(one,)) for one in targets)
    return EscalationPolicy(id="web", name="Web", team="web", steps=steps)


def on(name: str) -> Target:
    """Who is on call there."""
    return Target(kind="schedule", id=name)


PEOPLE = People(
    active={"bob": "web", "carol": None},
    asleep={"carol": "not wakeable: chat alone"},
    names={"bob": "Bob", "carol": "Carol", "dora": "Dora"},
)


def test_everything_that_would_hurt_is_named_with_its_time() -> None:
    """A gap, somebody who has left, and somebody who would sleep on."""
    web = schedule("web", "bob", "carol", "dora", ends=NOW + 13 * DAY)
    found = risks((web,), (policy(on("web")),), PEOPLE, NOW)
    assert [one.text for one in found] == [
        "web: nobody from Fri 04 Dec 12:00 to Sat 05 Dec 12:00 UTC",
        "web: Carol is not wakeable: chat alone, and is on call from Wed 25 Nov 09:00 UTC",
        "web: Dora has left, and is on call from Wed 02 Dec 09:00 UTC",
    ]
    assert {one.team for one in found} == {"web"}
    assert plain(coverage_notice(found)).count("•") == 3
    assert len(plain(coverage_notice(found * 5)).splitlines()) == 12


def test_what_no_policy_rings_may_be_as_it_is() -> None:
    """A schedule for holidays is nobody's pager."""
    web = schedule("web", "carol", ends=NOW + DAY)
    assert risks((web,), (policy(Target(kind="user", id="bob")),), PEOPLE, NOW) == ()


def test_a_stand_in_counts_as_whoever_they_stand_in_for() -> None:
    """Bob covers carol's week: nothing hurts."""
    over = Override(id="o", user="bob", starts=NOW, ends=NOW + 20 * DAY)
    web = schedule("web", "carol").model_copy(update={"overrides": (over,)})
    assert risks((web,), (policy(on("web")),), PEOPLE, NOW) == ()


def test_steps_that_ring_nobody_are_counted_from_one() -> None:
    """A team without members, somebody who has left, a schedule that is gone; a step that only
    tells a channel says so itself."""
    gone = (Target(kind="team", id="ops"), Target(kind="user", id="dora"), on("gone"))
    asks = Target(kind="channel", id="ops")
    found = risks((), (policy(Target(kind="team", id="web"), *gone, asks),), PEOPLE, NOW)
    assert [one.text for one in found] == [
        "Web: step 2 rings nobody", "Web: step 3 rings nobody", "Web: step 4 rings nobody",
    ]  # fmt: skip


def test_the_same_hole_stays_the_same_while_time_passes() -> None:
    """Also one that has begun: it is not told anew each hour."""
    web = schedule("web", "bob", ends=NOW + DAY)
    keys = {
        risks((web,), (policy(on("web")),), PEOPLE, NOW + hours)[0].key
        for hours in (timedelta(0), timedelta(hours=5), timedelta(hours=23))
    }
    assert len(keys) == 1
