"""Files that do not hold together are refused with the place and the reason."""

from datetime import UTC, datetime
from typing import Any

import pytest

from commands.discovery import registry
from domain.declared.changes import Present, changes
from domain.declared.check import Known, check
from domain.declared.items import KINDS, Declared
from domain.declared.written import read

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
WEEKLY = {"kind": "weekly", "start": "2026-03-02T09:00", "participants": ["bob"]}


def declared(**kinds: Any) -> list[Declared]:
    """Items as a file says them, one line each."""
    return [
        Declared(kind=kind, value=read(kind, item), file="a.yaml", origin=f"a.yaml:{kind}{number}")
        for kind, items in kinds.items()
        for number, item in enumerate(items)
    ]


def schedule(**more: Any) -> dict[str, Any]:
    """Bob, every week, for ever."""
    return {"id": "web", "team": "web", "layers": [{"name": "weekly", "rotation": WEEKLY} | more]}


def told_too(target: str, **more: Any) -> dict[str, Any]:
    """A policy that rings bob and tells something else."""
    return {"id": "p", "team": "web", "steps": [{"targets": ["@bob", target]}]} | more


POLICY = {"id": "p", "team": "web"}
WEB = {"teams": [{"id": "web"}]}
SERVER = {"id": "db-3", "host": "10.0.0.3", "user": "ops", "host_keys": ["ssh-ed25519 AAAA"]}


def problems(*, warnings: bool = False, **kinds: Any) -> list[str]:
    """What is wrong with them, where bob is everybody there is and in team web."""
    items = declared(**kinds)
    ids = {kind: frozenset(one.value.id for one in items if one.kind == kind) for kind in KINDS}
    known = Known(ids=ids, people={"bob": "web"}, webhooks=frozenset({"bridge"}))
    found = check(items, known, registry(), NOW)
    return [str(one) for one in found if one.warning is warnings]


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        (
            {"teams": [{"id": "web", "lead": "bbo"}]},
            "there is no person bbo. Did you mean bob?",
        ),
        (
            {"teams": [{"id": "web", "lead": "zoe"}]},
            "no person zoe. Add them: tocsin user",
        ),
        ({"services": [{"id": "a", "team": "x"}]}, "team: there is no team x."),
        ({"services": [{"id": "a", "depends_on": ["b"]}]}, "depends_on: there is no service b."),
        ({"services": [{"id": "a", "depends_on": ["a"]}]}, "depends on itself: a → a"),
        ({"teams": [{"id": "web"}, {"id": "web"}]}, "declared in a.yaml:teams0 already"),
        (
            WEB | {"schedules": [schedule(ends="2026-04-01T00:00Z")]},
            "has nobody on call in",
        ),
        (WEB | {"schedules": [{"id": "web", "team": "web"}]}, "has nobody on call in"),
        (
            WEB
            | {"policies": [{"id": "p", "team": "web", "steps": [{"targets": ["schedule:w"]}]}]},
            "targets: there is no schedule w.",
        ),
        (
            WEB | {"policies": [told_too("webhook:briidge")]},
            "there is no webhook briidge: an admin names it in paging_webhooks.named",
        ),
        (
            WEB | {"policies": [told_too("channel:ops", last_resort=["channel:ops"])]},
            "last_resort reaches nobody: channels and webhooks are told beside people",
        ),
        ({"routes": [{"id": "r", "policy": "p"}]}, "policy: there is no policy p."),
        (
            {"guards": [{"id": "g", "command": "rolback start"}]},
            "There is no command rolback",
        ),
        (
            {"guards": [{"id": "g", "command": "rollback start", "approvers": ["@zoe"]}]},
            "approvers: there is no person zoe.",
        ),
        ({"runbooks": [{"id": "r", "title": "R", "body": "1.", "service": "x"}]}, "no service x."),
        ({"servers": [SERVER | {"team": "x"}]}, "team: there is no team x."),
        ({"servers": [SERVER | {"jump": "gate"}]}, "jump: there is no server gate."),
    ],
)
def test_what_does_not_hold_is_named(kinds, told):
    """One sentence, at its place."""
    (found,) = problems(**kinds)
    assert told in found
    assert found.startswith("a.yaml:")


def test_what_a_calendar_says_that_is_not_read_yet_is_no_hole():
    """Whether somebody is on call is known once it was read."""
    rota = {"id": "web", "team": "web", "layers": [{"name": "rota", "calendar": "https://c.x/a"}]}
    kinds: dict[str, Any] = WEB | {"schedules": [rota]}
    assert problems(**kinds) == []
    assert problems(warnings=True, **kinds) == []


def test_a_circle_is_shown_the_whole_way_round():
    """From each service in it."""
    chain = [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]
    services = [{"id": name, "depends_on": [needs]} for name, needs in chain]
    assert [one.partition("itself: ")[2] for one in problems(services=services)] == [
        "a → b → c → a",
        "b → c → a → b",
        "c → a → b → c",
    ]


def test_what_is_doubtful_is_only_said():
    """A gap, a team without people, a guard that nobody can lift."""
    office = {"weekdays": ["mon"], "starts": "09:00", "ends": "17:00"}
    policy = POLICY | {"steps": [{"targets": ["team:ops"]}]}
    kinds: dict[str, Any] = {
        "teams": [{"id": "web"}, {"id": "ops"}],
        "schedules": [schedule(restrictions=[office])],
        "policies": [policy],
        "guards": [{"id": "g", "command": "rollback start"}],
    }
    assert problems(**kinds) == []
    said = problems(warnings=True, **kinds)
    assert [
        ("nobody from" in one, "nobody is in it" in one, "no approver" in one) for one in said
    ] == [
        (True, False, False),
        (True, False, False),
        (True, False, False),
        (False, False, True),
        (False, True, False),
    ]


def test_only_what_a_file_declared_is_ever_removed():
    """In the other order, and only where it is asked for."""
    was = declared(teams=[{"id": "web"}, {"id": "ops"}], services=[{"id": "shop", "tier": 1}])
    present = {one.key: Present(value=one.value, managed_by="a.yaml") for one in was}
    present["teams", "hand"] = Present(value=read("teams", {"id": "hand"}))
    wanted = declared(teams=[{"id": "web", "lead": "bob"}, {"id": "new"}])

    def told(*, prune: bool) -> list[tuple[str, str, tuple[str, ...]]]:
        return [(one.action, one.id, one.fields) for one in changes(wanted, present, prune=prune)]

    first = [("change", "web", ("lead",)), ("create", "new", ())]
    assert told(prune=False) == first
    assert told(prune=True) == [*first, ("remove", "shop", ()), ("remove", "ops", ())]


def test_a_calendar_that_was_not_read_yet_is_no_hole():
    """What it says is not known before; once it was read, its gaps are said as any."""
    layer = {"name": "kept", "calendar": "https://cal.example/a.ics"}
    made = {"id": "web", "team": "web", "layers": [layer]}
    kinds: dict[str, Any] = WEB | {"schedules": [made]}
    assert problems(**kinds) == []
    assert problems(warnings=True, **kinds) == []
