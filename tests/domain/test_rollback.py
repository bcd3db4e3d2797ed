"""Which version a rollback goes back to, what its plan says, and when it is late."""

from datetime import timedelta
from typing import Any

import pytest

from domain.deploy_event import DeployEvent
from domain.deployment import Deployment
from domain.errors import Invalid, NotFound, Stale
from domain.pipeline import Pipeline
from domain.rollback import (
    USUAL,
    Rollback,
    Way,
    choose,
    deadline,
    need_current,
    outdated,
    plan_of,
    words_of,
)
from domain.server import Server
from tests.domain.test_deploy_event import event
from tests.fakes.conditions import MINUTE
from tests.fakes.stores import NOON


def deployed(number: int, version: str, status: str = "success", service: str = "trino"):
    at = NOON + timedelta(hours=number)
    return Deployment.model_validate(
        {
            "id": f"DEP-{number}", "number": number, "service": service, "environment": "prod",
            "version": version, "status": status, "started_at": at, "finished_at": at,
            "source": "ci",
        }
    )  # fmt: skip


THREE = (deployed(1, "v1"), deployed(2, "v2"), deployed(3, "v3"))
CHOICES = [
    (THREE, None, "v2"),
    (THREE, "v1", "v1"),
    ((*THREE, deployed(4, "v3")), None, "v2"),
    ((deployed(1, "v1"), deployed(2, "v2", "failure"), deployed(3, "v3")), None, "v1"),
    ((deployed(1, "v1"), deployed(2, "v2", "rolled_back"), deployed(3, "v3")), None, "v1"),
    ((deployed(1, "v1"), deployed(2, "v2", "rolled_back"), deployed(3, "v1")), "v2", "v2"),
    ((*THREE, deployed(4, "v9", service="kafka")), None, "v2"),
]


@pytest.mark.parametrize(("known", "to", "expected"), CHOICES)
def test_the_target_is_the_last_good_one(
    known: tuple[Deployment, ...], to: str | None, expected: str
) -> None:
    """The newest success of another version before, or the one that was named."""
    assert choose(known, "trino", "prod", to).target.version == expected


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_one_at_a_time(status: str) -> None:
    """While a deployment or rollback is under way there the answer is to wait."""
    with pytest.raises(Stale, match=r"DEP-4 .* is under way on trino prod: wait"):
        choose((*THREE, deployed(4, "v4", status)), "trino", "prod", None)


@pytest.mark.parametrize(
    ("known", "to"),
    [((), None), ((deployed(1, "v1"),), None), (THREE, "v9"), (THREE, "v3"),
     ((deployed(1, "v1", "failure"), deployed(2, "v2")), "v1")],
)  # fmt: skip
def test_where_there_is_nothing_to_go_back_to(
    known: tuple[Deployment, ...], to: str | None
) -> None:
    """Nothing runs, nothing was before, no such version, the same one, one that failed."""
    with pytest.raises(NotFound):
        choose(known, "trino", "prod", to)


def test_the_plan_tells_what_it_undoes_and_what_came_since() -> None:
    """And its class with the reason."""
    known = (*THREE, deployed(4, "v9", service="kafka"))
    plan = plan_of(choose(known, "trino", "prod", "v1"), "INC-1", "data")
    assert plan.title == "roll back trino prod v3 → v1"
    assert plan.text.splitlines() == [
        "Roll back trino in prod",
        "from v3 (DEP-3, 2026-11-21 15:00 UTC, by ci)",
        "to   v1 (DEP-1, 2026-11-21 13:00 UTC, by ci)",
        "This undoes: v2 (DEP-2), v3 (DEP-3)",
        "Deployed in prod since then: kafka v9 (DEP-4)",
        "Class disruptive: v1 is not the last good version.",
    ]
    assert (plan.service, plan.incident, plan.team) == ("trino", "INC-1", "data")


CHANGED: dict[str, object] = {"migration": True}
UNCHANGED: dict[str, object] = {"migration": False}
CLASSES: list[tuple[tuple[dict[str, object], ...], str | None, str, str]] = [
    (({}, UNCHANGED, UNCHANGED), None, "reversible", "v3 changed no database"),
    (({}, CHANGED, UNCHANGED), None, "reversible", "v3 changed no database"),
    (({}, UNCHANGED, UNCHANGED), "v2", "reversible", "v3 changed no database"),
    (({}, UNCHANGED, UNCHANGED), "v1", "disruptive", "v1 is not the last good version"),
    (({}, UNCHANGED, CHANGED), None, "destructive", "v3 changed a database"),
    (({}, UNCHANGED, {}), None, "destructive", "whether v3 changed a database is not known"),
    (
        ({}, CHANGED | {"status": "failure"}, UNCHANGED), None,
        "destructive", "v2 changed a database",
    ),
    (
        ({}, {"status": "rolled_back"}, UNCHANGED), None,
        "destructive", "whether v2 changed a database is not known",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "to", "danger", "because"), CLASSES)
def test_a_plans_class_comes_from_what_is_known(
    changes: tuple[dict[str, object], ...], to: str | None, danger: str, because: str
) -> None:
    """Reversible is the last good version alone, and only where nothing since changed a database,
    not even a version that failed; what nobody has said counts as the worst."""
    known = [one.model_copy(update=more) for one, more in zip(THREE, changes, strict=True)]
    plan = plan_of(choose(known, "trino", "prod", to), None, None)
    assert (plan.danger, plan.because) == (danger, because)
    assert f"Class {danger}: {because}." in plan.text


def test_late_is_measured_by_the_target_itself() -> None:
    """1.5 × the p95 of what it took before; two minutes where nothing is known."""
    assert deadline([]) == USUAL
    minutes = [timedelta(minutes=number) for number in range(1, 21)]
    assert deadline(minutes) == timedelta(minutes=19) * 1.5
    assert deadline([timedelta(minutes=4)]) == timedelta(minutes=6)


GITHUB = Pipeline(source="github", name="acme/trino", rollback="rollback.yml")
OURS = {"names": ("acme/trino/9", "acme/trino/run/31"), "complete": True}
EVENTS = [
    # while it runs, and its names are known: by these, whatever the version
    ({}, OURS, event("success", 1, key="acme/trino/9"), True),
    ({}, OURS, event("success", 1, run="acme/trino/run/31"), True),
    ({}, OURS, event("success", 1, version="v247"), False),
    # while they are not: nobody can say yet, but for what began before
    ({}, {"names": ("acme/trino/9",)}, event("success", 1), None),
    ({}, None, event("success", 1), None),
    ({}, None, event("success", -1), False),
    # another sender is known by the version
    ({}, None, event("success", 1, source="jenkins"), False),
    ({}, OURS, event("success", 1, source="jenkins", version="v247"), True),
    # it has ended, and nobody learned its names: what began while it ran
    ({"state": "unknown", "ended_at": NOON + 2 * MINUTE}, None, event("success", 1), True),
    ({"state": "done", "ended_at": NOON + 2 * MINUTE}, None, event("success", 3), False),
    ({"state": "done", "ended_at": NOON + 2 * MINUTE}, OURS, event("success", 9), False),
    # its echo comes late, and not hours later
    ({"state": "done", "ended_at": NOON}, None, event("success", 3, version="v247"), True),
    ({"state": "done", "ended_at": NOON}, None, event("success", 30, version="v247"), False),
]


@pytest.mark.parametrize(("state", "asked", "told", "expected"), EVENTS)
def test_what_pipelines_tell_of_it_is_known(
    state: dict[str, Any], asked: dict[str, Any] | None, told: DeployEvent, expected: bool | None
) -> None:
    """By the names under which the pipeline that was asked knows it; others by the version."""
    made = rolling(**{"state": "running", "asked": asked, "way": {"pipeline": GITHUB}} | state)
    assert made.brings(told) is expected


def rolling(**told: Any) -> Rollback:
    """A rollback of trino from v248 to v247, which was released at noon."""
    usual = {
        "id": "DEP-14", "replaces": "DEP-13", "service": "trino", "environment": "prod",
        "bad": "v248", "good": "v247", "by": "bob", "released_at": NOON,
    }  # fmt: skip
    return Rollback.model_validate(usual | told)


def test_when_it_is_late() -> None:
    """Counted from when the pipeline was asked."""
    assert not rolling().is_late(NOON + timedelta(hours=1))
    assert not rolling(began_at=NOON).is_late(NOON + USUAL)
    assert rolling(began_at=NOON).is_late(NOON + USUAL + timedelta(seconds=1))
    assert rolling().subject == "deployment:DEP-14"
    assert rolling(incident="INC-13").subject == "incident:INC-13"


def test_what_is_taken_back_has_to_be_what_runs() -> None:
    """Or it would take back what somebody else deployed since."""
    choice = choose(THREE, "trino", "prod", "v2")
    need_current(THREE, rolling(id="DEP-3"))
    with pytest.raises(Stale, match=r"Since DEP-14 v3 \(DEP-3\) runs there"):
        need_current(THREE, rolling())
    with pytest.raises(Stale, match="nothing that is known runs there"):
        need_current((), rolling())
    assert "This takes back the rollback DEP-3." in plan_of(choice, None, None, undoes="DEP-3").text


OUTDATED = [
    ((), 10, ""),
    ((), 11, "it was released 11 min ago: type /rollback and look"),
    ((deployed(4, "v4"),), 1, "v4 (DEP-4) runs there since"),
    ((deployed(4, "v4", "in_progress"),), 1, "v4 (DEP-4) is under way there"),
    ((deployed(-4, "v0", "in_progress"),), 1, ""),
    ((deployed(14, "v2", "queued"), deployed(4, "v4", service="kafka")), 1, ""),
]


@pytest.mark.parametrize(("more", "minutes", "why"), OUTDATED)
def test_what_was_agreed_to_stands_for_a_while_and_for_what_runs(
    more: tuple[Deployment, ...], minutes: int, why: str
) -> None:
    """Not hours later, nor over what somebody else deployed, or is about to."""
    released = NOON + timedelta(hours=4)
    made = rolling(replaces="DEP-3", released_at=released)
    assert outdated((*THREE, *more), made, released + minutes * MINUTE) == why
    gone = rolling(replaces="DEP-3", released_at=released)
    assert outdated((), gone, released) == "nothing that is known runs there since"


@pytest.mark.parametrize(
    ("source", "told", "words"),
    [
        ("github", {"theirs": "production"}, "v2, environment production."),
        ("gitlab", {"reference": "acme/trino/job/796"}, "deployed v2: acme/trino/job/796."),
        ("kubernetes", {"cluster": "eu"}, "whose image is v2, context eu."),
        ("argocd", {"cluster": "eu"}, "the sync of v2."),
        ("github", {}, "with version v2."),
        ("gitlab", {}, "deployed v2."),
        ("kubernetes", {}, "whose image is v2."),
    ],
)
def test_whatever_is_sent_is_agreed_to(source: str, told: dict[str, str], words: str) -> None:
    """And what decides where it arrives: the plan's hash covers it."""
    name = "data/deployment/trino" if source == "kubernetes" else "acme/trino"
    made = Pipeline.model_validate({"source": source, "name": name})
    way = Way.model_validate({"pipeline": made} | told)
    plan = plan_of(choose(THREE, "trino", "prod", None), None, None, way)
    assert plan.text.endswith(words)


COMMAND = Pipeline(
    source="command", name="back", rollback="run", command=("back", "to=${version}", "$${x}")
)


def test_a_command_is_filled_in_once_and_shown_word_by_word() -> None:
    """What a program could take for an option is refused; nothing is evaluated."""
    told = {"service": "trino", "environment": "prod", "version": "v2", "commit": ""}
    assert words_of(COMMAND, told) == ("back", "to=v2", "${x}")
    for odd in ("-rf", "v2; rm -rf /", "$(id)", "v2\n", ""):
        with pytest.raises(Invalid, match="version"):
            words_of(COMMAND, told | {"version": odd})
    server = Server(id="door", host="10.0.0.7", user="ops", host_keys=("ssh-ed25519 AAAAC3Nz",))
    way = Way(pipeline=COMMAND, argv=("back", "to=v2"), route=(server,))
    first, second = way.asked("v2", None)
    assert first == 'Asked: on door (ops@10.0.0.7:22): run ["back", "to=v2"].'
    assert second.startswith("Server door has to answer with SHA256:")
    assert way.model_copy(update={"route": ()}).asked("v2", None) == (
        'Asked: on Tocsin\'s own machine: run ["back", "to=v2"].',
    )
