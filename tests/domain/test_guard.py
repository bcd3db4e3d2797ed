"""Guards: which call waits, by whom it is approved, and what can never be guarded."""

import pytest

from domain.actor import Actor, Binding, Role, Scope
from domain.args import Args
from domain.command import Grant, Registry
from domain.errors import Invalid
from domain.guard import (
    Guard,
    check,
    guard_for,
    named,
    parse_approver,
    parse_conditions,
)
from tests.fakes.sample_commands import SAMPLE, Severe, made

WRITE = Grant(Role.RESPONDER)
ROLLBACK = made("rollback start", Severe, WRITE)
APPROVE = made("approval grant", Args, Grant(Role.RESPONDER, Scope.APPROVE))
KNOWN = Registry.of((*SAMPLE.commands.values(), ROLLBACK, APPROVE))


def guard(name: str = "g", command: str = "rollback start", **terms: object) -> Guard:
    return Guard.model_validate({"id": name, "command": command} | terms)


PROD = guard("prod", when={"environment": "prod"})
WIDE = guard("wide", "rollback *", needs=3)
BOTH = guard("both", when={"environment": "prod", "service": "trino"})
CASES = [
    ((), {"environment": "prod"}, None),
    ((PROD,), {"environment": "prod"}, "prod"),
    ((PROD,), {"environment": "PROD"}, "prod"),
    ((PROD,), {"environment": "staging"}, None),
    ((PROD,), {"environment": None}, None),
    ((PROD,), {}, None),
    ((WIDE,), {}, "wide"),
    ((WIDE, PROD), {"environment": "prod"}, "prod"),
    ((WIDE, PROD), {"environment": "staging"}, "wide"),
    ((PROD, BOTH), {"environment": "prod", "service": "trino"}, "both"),
    ((PROD, BOTH), {"environment": "prod", "service": "kafka"}, "prod"),
    ((guard("b"), guard("a")), {}, "a"),
    ((guard("a"), guard("b", needs=2)), {}, "b"),
    ((guard("other", "incident resolve"),), {}, None),
]


@pytest.mark.parametrize(("guards", "args", "expected"), CASES)
def test_the_guard_that_says_most_decides(
    guards: tuple[Guard, ...], args: dict[str, str], expected: str | None
) -> None:
    """Conditions must all hold; name before pattern, more conditions, more grants, then the id."""
    found = guard_for(ROLLBACK, args, guards)
    assert (found.guard.id if found.guard else None) == expected
    assert found.reason


@pytest.mark.parametrize("name", ["approval grant", "page ack", "incident show"])
def test_what_must_not_wait_is_never_held(name: str) -> None:
    """Approving, answering a page, reading: no guard holds them, and setting one is refused."""
    everything = guard("all", "*")
    assert guard_for(KNOWN.commands[name], {}, (everything,)).guard is None
    with pytest.raises(Invalid, match="is never guarded"):
        check(guard("one", name), KNOWN)


def test_a_guard_must_be_able_to_hold_something() -> None:
    """An unknown command or argument is refused by name."""
    with pytest.raises(Invalid, match="There is no command rollback stort"):
        check(guard(command="rollback stort"), KNOWN)
    with pytest.raises(Invalid, match="has no environment"):
        check(PROD, KNOWN)
    check(guard(when={"severity": "SEV1"}), KNOWN)
    check(guard(command="*"), KNOWN)


def actor(user: str | None, *roles: Role, team: str | None = None, **more: object) -> Actor:
    bindings = tuple(Binding(subject="x", role=role, team=team) for role in roles)
    return Actor.model_validate({"user": user, "name": "x", "bindings": bindings} | more)


MEANT = [
    ("@alice", actor("alice"), "web", True),
    ("@alice", actor("bob"), "web", False),
    ("@alice", actor("alice", proven=False), "web", False),
    ("team:web", actor("bob"), "web", True),
    ("team:web", actor("bob"), "data", False),
    ("team:web", actor("bob", proven=False), "web", False),
    ("role:responder", actor("bob", Role.RESPONDER), None, True),
    ("role:responder", actor("bob", Role.COMMANDER), None, True),
    ("role:responder", actor("bob", Role.ADMIN), None, False),
    ("role:commander", actor("bob", Role.RESPONDER), None, False),
    ("role:responder", actor("bob", Role.RESPONDER, team="data"), None, True),
    ("role:responder", actor("bob", Role.RESPONDER, team="web"), None, False),
    ("role:responder", actor("bob", Role.RESPONDER, proven=False), None, True),
    ("role:responder", actor("bob", Role.RESPONDER, bot=True), None, False),
]


@pytest.mark.parametrize(("word", "who", "team", "expected"), MEANT)
def test_who_is_meant(word: str, who: Actor, team: str | None, expected: bool) -> None:
    """By name, by team, by role for the team that the call is about (data)."""
    assert parse_approver(word).means(who, team, "data") is expected


def test_names_are_read_and_told() -> None:
    """As people type them, and as a card says them."""
    words = ["@Alice", "bob", "team:web", "role:commander"]
    found = [parse_approver(word) for word in words]
    assert [str(one) for one in found] == ["@alice", "@bob", "team:web", "role:commander"]
    assert named(found[:1]) == "@alice"
    assert named(found[2:]) == "anybody in team web or any commander"
    assert named(()) == "nobody"


@pytest.mark.parametrize("word", ["role:viewer", "role:", "team:", "group:sre", "role:admin"])
def test_what_names_nobody_is_refused(word: str) -> None:
    """Only a responder or commander may approve by role."""
    with pytest.raises(Invalid):
        parse_approver(word)


def test_conditions_are_pairs() -> None:
    """Name and value, by commas; half a pair is refused."""
    assert parse_conditions("environment=prod, service=trino") == {
        "environment": "prod",
        "service": "trino",
    }
    assert parse_conditions("") == {}
    for bad in ("environment", "=prod", "environment="):
        with pytest.raises(Invalid):
            parse_conditions(bad)
