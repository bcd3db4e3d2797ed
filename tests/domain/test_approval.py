"""Approvals: who may agree to what, and what exactly it is."""

import random
from datetime import timedelta

import pytest

from domain.actor import Actor, Binding, Role, Scope
from domain.approval import (
    Approval,
    ApprovalGrant,
    Glass,
    Held,
    hash_of,
    may_approve,
    may_break_glass,
    may_confirm_alone,
)
from domain.approval_card import (
    MOST_LINES,
    MOST_SHOWN,
    ApprovalView,
    approval_card,
    approval_review,
    capped,
)
from domain.call import Origin
from domain.guard import Approver, Guard
from domain.incident import Incident
from domain.message import Code, buttons
from domain.plain import exact, plain, visible
from domain.plan import Danger, Plan
from domain.severity import Severity
from tests.fakes.stores import NOON

RESPONDERS = Guard(
    id="g",
    command="rollback start",
    approvers=(Approver(kind="role", id="responder"),),
    danger="reversible",
)
PLAN = Plan(title="roll back trino", text="from v248 to v247", service="trino", danger="reversible")
HELD = Held(
    command="rollback start",
    args={"service": "trino"},
    by="bob",
    scopes=frozenset({Scope.WRITE}),
    origin=Origin(surface="console"),
)


def approval(**changes: object) -> Approval:
    return Approval(
        id="APR-1",
        number=1,
        held=HELD,
        line="/rollback start trino",
        plan=PLAN,
        plan_hash=hash_of(HELD, PLAN, RESPONDERS),
        guard=RESPONDERS,
        incident="INC-13",
        asked_at=NOON,
        expires_at=NOON + timedelta(minutes=10),
    ).model_copy(update=changes)


def person(user: str | None = "alice", *roles: Role, **more: object) -> Actor:
    bindings = tuple(Binding(subject="x", role=role) for role in (roles or (Role.RESPONDER,)))
    return Actor.model_validate({"user": user, "name": "x", "bindings": bindings} | more)


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (person(), True),
        (person("alice", Role.COMMANDER), True),
        (person("bob"), False),
        (person("bob", account="slack:T1:U7", name="bob's other account"), False),
        (person("alice", Role.VIEWER), False),
        (person("alice", Role.ADMIN), False),
        (person("alice", Role.OUTSIDER), False),
        (person("alice", bot=True), False),
        (person(None), False),
        (person(None, Role.COMMANDER, account="discord:G:U"), False),
    ],
)
def test_who_may_approve(who: Actor, allowed: bool) -> None:
    """A known person with the role who did not ask, by whatever account; nobody else."""
    decision = may_approve(RESPONDERS, HELD, who, None, None)
    assert decision.allowed is allowed
    assert decision.reason


def test_who_may_confirm_alone() -> None:
    """The asker, a rollback, and only where that was chosen."""
    assert may_confirm_alone(HELD, person("bob"), chosen=True).allowed
    assert not may_confirm_alone(HELD, person("bob"), chosen=False).allowed
    assert not may_confirm_alone(HELD, person("alice"), chosen=True).allowed
    other = HELD.model_copy(update={"command": "incident resolve"})
    assert not may_confirm_alone(other, person("bob"), chosen=True).allowed


CHANGES = [
    HELD.model_copy(update={"args": {"service": "kafka"}}),
    HELD.model_copy(update={"command": "incident resolve"}),
    HELD.model_copy(update={"by": "carol"}),
    PLAN.model_copy(update={"text": "from v248 to v246"}),
    PLAN.model_copy(update={"title": "x"}),
    PLAN.model_copy(update={"service": "kafka"}),
    PLAN.model_copy(update={"incident": "INC-14"}),
    RESPONDERS.model_copy(update={"needs": 2}),
    RESPONDERS.model_copy(update={"approvers": ()}),
    RESPONDERS.model_copy(update={"danger": "destructive"}),
]


@pytest.mark.parametrize("changed", CHANGES)
def test_the_hash_covers_everything_that_is_agreed_to(changed: Held | Plan | Guard) -> None:
    """Command, arguments, asker, plan, guard: another of any of them is another hash."""
    held = changed if isinstance(changed, Held) else HELD
    plan = changed if isinstance(changed, Plan) else PLAN
    guard = changed if isinstance(changed, Guard) else RESPONDERS
    assert hash_of(held, plan, guard) != hash_of(HELD, PLAN, RESPONDERS)


def test_what_it_would_answer_now_is_not_agreed_to() -> None:
    """The rehearsal's answer may change while it waits."""
    other = PLAN.model_copy(update={"preview": "Time to resolve: 3 s"})
    assert hash_of(HELD, other, RESPONDERS) == hash_of(HELD, PLAN, RESPONDERS)
    assert other.digest == PLAN.digest


INCIDENT = Incident(
    id="INC-13",
    number=13,
    title="down",
    stage="active",
    severity=Severity.SEV2,
    responders=("bob",),
    source="x",
    correlation_id="x",
    detected_at=NOON,
    declared_at=NOON,
)
LATER = NOON + timedelta(minutes=3)
FRESH = person("bob", logged_in_at=NOON)
GLASS = Glass(service="trino", step_up=timedelta(minutes=15))


def changed_guard(**changes: object) -> Approval:
    return approval(guard=RESPONDERS.model_copy(update=changes))


def other_command() -> Approval:
    return approval(held=HELD.model_copy(update={"command": "incident resolve"}))


def planned(danger: Danger | None) -> Approval:
    return approval(plan=PLAN.model_copy(update={"danger": danger}))


BREAKING = [
    (approval(), INCIDENT, FRESH, GLASS, LATER, True),
    (changed_guard(danger="disruptive"), INCIDENT, FRESH, GLASS, LATER, False),
    (changed_guard(danger="destructive"), INCIDENT, FRESH, GLASS, LATER, False),
    (planned("disruptive"), INCIDENT, FRESH, GLASS, LATER, False),
    (planned("destructive"), INCIDENT, FRESH, GLASS, LATER, False),
    (planned(None), INCIDENT, FRESH, GLASS, LATER, False),
    (other_command(), INCIDENT, FRESH, GLASS, LATER, False),
    (approval(), INCIDENT, FRESH, GLASS, LATER - timedelta(seconds=1), False),
    (approval(), None, FRESH, GLASS, LATER, False),
    (
        approval(), INCIDENT.model_copy(update={"severity": Severity.SEV3}),
        FRESH, GLASS, LATER, False,
    ),
    (approval(), INCIDENT.model_copy(update={"status": "resolved"}), FRESH, GLASS, LATER, False),
    (approval(), INCIDENT.model_copy(update={"responders": ()}), FRESH, GLASS, LATER, False),
    (approval(), INCIDENT, person("bob"), GLASS, LATER, False),
    (approval(), INCIDENT, person("alice", logged_in_at=NOON), GLASS, LATER, False),
    (approval(), INCIDENT, FRESH.model_copy(update={"bot": True}), GLASS, LATER, False),
    (approval(), INCIDENT, FRESH, GLASS, NOON + timedelta(minutes=16), False),
    (approval(), INCIDENT, FRESH, GLASS.model_copy(update={"service": "Trino"}), LATER, False),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "incident", "who", "glass", "now", "allowed"), BREAKING)
def test_when_glass_may_be_broken(
    asked: Approval, incident: Incident, who: Actor, glass: Glass, now: object, allowed: bool
) -> None:
    """Reversible, a rollback, SEV1-SEV2, acknowledged, three minutes, a login, the name."""
    decision = may_break_glass(asked, incident, who, glass, now)  # type: ignore[arg-type]
    assert decision.allowed is allowed
    assert decision.reason


HIDDEN = {
    "rm -rf /tmp\u200b/x": "rm -rf /tmp⟨U+200B⟩/x",
    "a\u202egnp.exe": "a⟨U+202E⟩gnp.exe",
    "a\u2066b\u2069": "a⟨U+2066⟩b⟨U+2069⟩",
    "pro\u00add": "pro⟨U+00AD⟩d",
    "a\u00a0b": "a⟨U+00A0⟩b",
    "\u3164x": "⟨U+3164⟩x",
    "x\ufe0f": "x⟨U+FE0F⟩",
    "x\U000e0041": "x⟨U+E0041⟩",
    "a\rb": "a⟨U+000D⟩b",
    "a\tb": "a␉b",
    "a\x1b[31mb": "a⟨U+001B⟩[31mb",
    "a\u2028b": "a⟨U+2028⟩b",
    "z" + "\u0301" * 5: "z" + "\u0301" * 3 + "⟨U+0301⟩⟨U+0301⟩",
    "größe, 日本 und é": "größe, 日本 und é",
    "two\nlines": "two\nlines",
}


@pytest.mark.parametrize(("written", "shown"), HIDDEN.items())
def test_nothing_in_a_plan_is_hidden(written: str, shown: str) -> None:
    """What has no shape shows its code, what is ordinary stays; renderers change no more of it."""
    assert exact(written) == shown
    assert visible(exact(written)) == exact(written)


def test_any_text_is_shown_letter_for_letter() -> None:
    """Of 3,000 random texts none loses a letter, or changes when a renderer makes it visible."""
    dice = random.Random(7)
    for _ in range(3000):
        text = "".join(chr(dice.choice(ALPHABET)) for _ in range(dice.randint(1, 12)))
        shown = exact(text)
        assert visible(shown) == shown
        assert all(one in shown or f"U+{ord(one):04X}" in shown or one in "\t\r" for one in text)


ALPHABET = [
    *range(0x20, 0x7F),
    *range(0x2000, 0x2070),
    *range(0x300, 0x310),
    *range(0xFE00, 0xFE10),
    *range(0x600, 0x620),
    *range(0x1F600, 0x1F610),
    0xAD, 0x9, 0xA, 0xD, 0xFEFF, 0x3164,
]  # fmt: skip


def test_what_is_left_out_is_counted() -> None:
    """A long plan, or one of many lines, ends in how many characters are missing."""
    long = capped("x" * (MOST_SHOWN + 250))
    assert long.endswith("\n[truncated, 250 more characters]")
    tall = capped("\n".join(["line"] * (MOST_LINES + 10)))
    assert tall.count("\n") == MOST_LINES
    assert tall.endswith("[truncated, 50 more characters]")
    assert capped("short") == "short"


def card(asked: Approval) -> str:
    view = ApprovalView(approval=asked, names={"alice": "Alice", "bob": "Bob"})
    return plain(approval_card(view))


def test_the_card_says_what_who_and_until_when() -> None:
    """Plan, hash, approvers, asker and an absolute time; buttons only while it waits."""
    text = card(approval())
    for said in (
        "🛡 Approval needed · roll back trino",
        "Asked by Bob for INC-13 at 2026-11-21 12:00 UTC.",
        "from v248 to v247",
        "Needs 1 of: any responder, not Bob. Expires 2026-11-21 12:10 UTC.",
        "[See plan & approve…] [Deny…]",
        f"APR-1 · plan {approval().short_hash} · reversible",
    ):
        assert said in text
    grant = ApprovalGrant(by="alice", at=NOON)
    done = card(approval(status="executed", grants=(grant,), ended_at=NOON))
    assert "Approved by Alice at 2026-11-21 12:00 UTC." in done
    assert "[" not in done


def test_the_review_agrees_to_exactly_this_plan() -> None:
    """Its button carries the hash that was shown."""
    view = ApprovalView(approval=approval(), names={})
    first = buttons(approval_review(view))[0]
    assert first.id == f"v1:approval.grant:APR-1,{approval().short_hash}"


def test_a_hostile_plan_stays_text() -> None:
    """Markup, mentions and links in a plan stand in a code node, and nowhere else."""
    hostile = "<!channel> [x](http://evil.example) @everyone *bold* ``` \u202e"
    told = PLAN.model_copy(update={"text": hostile, "title": hostile})
    view = ApprovalView(approval=approval(plan=told), names={})
    (code,) = [node for node in approval_card(view).nodes if isinstance(node, Code)]
    assert code.text == hostile.replace("\u202e", "⟨U+202E⟩")


def test_what_is_decided_is_reviewed_no_more() -> None:
    """Whoever looks later reads how it ended, or that it is being carried out, and presses
    nothing."""
    grant = ApprovalGrant(by="alice", at=NOON)
    names = {"alice": "Alice", "bob": "Bob"}
    denied = {"status": "denied", "ended_by": "alice", "ended_at": NOON, "reason": "not now"}
    for changes, told in (
        (denied, "Denied by Alice at 2026-11-21 12:00 UTC: not now"),
        ({"status": "granted", "grants": (grant,)}, "Approved by Alice."),
    ):
        message = approval_review(ApprovalView(approval=approval(**changes), names=names))
        assert told in plain(message)
        assert not buttons(message)
