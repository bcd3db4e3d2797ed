"""What people write in files becomes items, and items become what people would write."""

from datetime import UTC, date, datetime, timedelta

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo import world
from domain.actor import Role
from domain.declared.items import Item
from domain.declared.schema import schema
from domain.declared.written import read, write
from domain.errors import Invalid
from domain.escalation import AlertRate, Condition, EscalationPolicy, Step, Target
from domain.group import Group, GroupRole
from domain.guard import Approver, Guard
from domain.rotation import Rotation
from domain.schedule import FixedShift, Layer, Schedule
from domain.server import Server

COMPANY: dict[str, tuple[Item, ...]] = {
    "teams": world.TEAMS,
    "groups": (
        Group(
            id="leads",
            name="leads",
            members=("bob", "team:web"),
            roles=(GroupRole(role=Role.VIEWER), GroupRole(role=Role.COMMANDER, team="web")),
        ),
    ),
    "schedules": world.schedules(date(2026, 11, 21)),
    "policies": world.policies(),
    "services": world.services(),
    "guards": world.guards(),
    "servers": (
        Server(
            id="db-3",
            host="10.0.0.3",
            user="ops",
            host_keys=("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",),
            platform={"os": "debian 12"},
        ),
    ),
    "runbooks": world.runbooks(),
}
VALIDATOR = jsonschema_rs.validator_for(schema())
NAMES = st.sampled_from(["web", "bob", "data-platform"])
SPANS = st.integers(min_value=1, max_value=86_400).map(lambda seconds: timedelta(seconds=seconds))
KINDS = st.sampled_from(["user", "schedule", "team", "channel", "webhook"])
TARGETS = st.builds(Target, kind=KINDS, id=NAMES)
RATES = st.builds(AlertRate, at_least=st.integers(min_value=1, max_value=99), within=SPANS)
STEPS = st.builds(
    Step,
    targets=st.lists(TARGETS, min_size=1, max_size=3).map(tuple),
    delay=SPANS,
    when=st.none() | RATES.map(lambda rate: Condition(alerts=rate)),
)
POLICIES = st.builds(
    EscalationPolicy,
    id=NAMES,
    name=NAMES,
    team=NAMES,
    steps=st.lists(STEPS, min_size=1, max_size=3).map(tuple),
    repeats=st.integers(min_value=0, max_value=9),
    last_resort=st.lists(TARGETS, max_size=2).map(tuple),
    repeat_every=SPANS,
)


def test_a_schedule_is_written_short():
    """One person a turn, by the schedule's own clock."""
    rotation = {"kind": "weekly", "start": "2026-03-02T09:00", "participants": ["bob", ["a", "b"]]}
    layers = [{"name": "weekly", "rotation": rotation}]
    made = read(
        "schedules", {"id": "web", "team": "web", "timezone": "Europe/Berlin"} | {"layers": layers}
    )
    assert made == Schedule(
        id="web",
        name="web",
        team="web",
        timezone="Europe/Berlin",
        layers=(
            Layer(
                name="weekly",
                rotation=Rotation(
                    kind="weekly",
                    start=datetime(2026, 3, 2, 9),  # noqa: DTZ001 - a local clock's reading
                    timezone="Europe/Berlin",
                    participants=(("bob",), ("a", "b")),
                ),
            ),
        ),
    )


def test_a_guard_is_written_short():
    """Approvers as people type them in the chat."""
    written = {"id": "g", "command": "rollback start", "approvers": ["@alice", "team:web"]}
    assert read("guards", written | {"expires": "15m"}) == Guard(
        id="g",
        command="rollback start",
        approvers=(Approver(kind="person", id="alice"), Approver(kind="team", id="web")),
        expires=timedelta(minutes=15),
    )


@given(POLICIES)
def test_a_policy_comes_back_as_it_was(policy):
    """However it is made up, and the schema takes it."""
    written = write("policies", policy)
    assert read("policies", written) == policy
    VALIDATOR.validate({"policies": [written]})


def test_a_calendar_is_a_layer_without_what_it_says():
    """In place of a rotation; its shifts are not the file's to say."""
    shift = FixedShift(user="bob", starts=datetime(2026, 11, 21, tzinfo=UTC),
                       ends=datetime(2026, 11, 22, tzinfo=UTC))  # fmt: skip
    layer = Layer(name="rota", calendar="rota.ics")
    web = Schedule(id="web", name="web", team="web", timezone="UTC", layers=(layer,))
    said = web.model_copy(update={"layers": (layer.model_copy(update={"shifts": (shift,)}),)})
    written = write("schedules", said)
    assert written["layers"] == [{"name": "rota", "calendar": "rota.ics"}]
    assert read("schedules", written) == web
    VALIDATOR.validate({"schedules": [written]})


@pytest.mark.parametrize("kind", COMPANY)
def test_the_demos_company_comes_back_as_it_was(kind):
    """All of it, and the schema takes what is written."""
    for value in COMPANY[kind]:
        written = write(kind, value)
        assert read(kind, written) == value
        VALIDATOR.validate({kind: [written]})


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("teams", "web"),
        ("teams", {"name": "no id"}),
        ("services", {"id": "trino", "teem": "web"}),
        ("policies", {"id": "p", "team": "web", "steps": []}),
        ("policies", {"id": "p", "team": "web", "steps": [{"targets": ["bob"]}]}),
        ("policies", {"id": "p", "team": "web", "steps": ["@bob"]}),
        ("policies", {"id": "p", "team": "web", "steps": [{"targets": [7]}]}),
        ("policies", {"id": "p", "team": "w", "steps": [{"targets": ["@bob"], "delay": "soon"}]}),
        ("schedules", {"id": "s", "team": "web", "layers": [{"name": "l", "rotation": 3}]}),
        ("schedules", {"id": "s", "team": "web", "timezone": "Mars"}),
        ("guards", {"id": "g", "command": "rollback start", "approvers": ["somebody:x"]}),
    ],
)
def test_what_does_not_fit_is_refused(kind, written):
    """Never taken for something else."""
    with pytest.raises((ValueError, Invalid)):
        read(kind, written)


@pytest.mark.parametrize(
    ("kind", "written", "short"),
    [
        # a layer of another zone keeps it; the others have the schedule's
        (
            "schedules",
            {
                "id": "s",
                "name": "s",
                "team": "web",
                "timezone": "UTC",
                "layers": [
                    {
                        "name": "l",
                        "rotation": {
                            "kind": "daily",
                            "start": "2026-03-02T09:00:00",
                            "timezone": "Asia/Tokyo",
                            "participants": ["bob"],
                        },
                    }
                ],
            },
            "layers",
        ),
        # a calendar kept elsewhere has no turns
        (
            "schedules",
            {
                "id": "s",
                "name": "s",
                "team": "web",
                "timezone": "UTC",
                "layers": [{"name": "l", "calendar": "https://cal.example/a.ics"}],
            },
            "layers",
        ),
        # whom a step rings where its condition does not hold
        (
            "policies",
            {
                "id": "p",
                "name": "p",
                "team": "web",
                "steps": [
                    {
                        "targets": ["@bob"],
                        "when": {"severity": "SEV1", "alerts": {"at_least": 3, "within": "10m"}},
                        "otherwise": ["team:web", "schedule:s"],
                        "delay": "1h30m",
                    }
                ],
            },
            "steps",
        ),
        # limits of a runbook that may run by itself, a step that waits, a gate and steps together
        (
            "runbooks",
            {
                "id": "r",
                "title": "R",
                "automatic": {"match": "alertname=Stuck", "cool_down": "2h", "within": "1m30s"},
                "steps": [
                    {
                        "name": "Look",
                        "wait": {"url": "https://a.example/", "every": "5s"},
                        "timeout": "1d",
                    },
                    {
                        "name": "Go",
                        "command": ["a"],
                        "for_each": "workers",
                        "gate": {
                            "wait": {"url": "https://a.example/", "every": "20s"},
                            "timeout": "2m",
                        },
                    },
                    {
                        "name": "Both",
                        "parallel": [
                            {"name": "x", "manual": "a", "timeout": "3m"},
                            {"name": "y", "message": "b"},
                        ],
                    },
                ],
            },
            "steps",
        ),
    ],
)
def test_what_is_written_short_stays_short(kind, written, short):
    """Read and written again it is the same text, to the letter."""
    made = write(kind, read(kind, written))
    assert made[short] == written[short]
    assert read(kind, made) == read(kind, written)
    if "automatic" in written:
        assert made["automatic"] == written["automatic"]
