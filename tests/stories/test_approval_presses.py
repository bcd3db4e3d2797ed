"""Forged, stale, replayed and foreign presses: none is accepted, each is a sentence (S1, S2)."""

from itertools import product

import pytest

from domain.actor import Actor, Binding, Role, Scope
from domain.approval import Approval
from domain.call import Call, Origin, Reply
from domain.console import Press
from domain.errors import Refused
from tests.fakes.conditions import MINUTE
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

VERBS = {
    "approval grant": {},
    "approval deny": {"why": "because"},
    "approval break-glass": {"service": "trino", "why": "because I say so"},
}
SURFACES = ("console", "api", "web", "slack", "discord", "teams")
FORGED = (
    "v1:approval.grant:APR-1", "v1:approval.grant:APR-1,deadbeef", "v1:approval.grant:APR-2",
    "v1:approval.grant:APR-999999999999999999", "v1:approval.grant:", "v1:approval.grant:,",
    "v1:approval.grant:INC-13", "v2:approval.grant:APR-1", "v1:rollback.start:trino,prod",
    "v1:rollback.start:trino,prod,v246", "v1:approval.guard:rollback", "c_0123456789", "", "APR-1",
    "v1:approval.unguard:rollback-start-environment-prod", "v1:approval.grant:APR-1\n",
)  # fmt: skip


async def strangers(tocsin: Tocsin) -> list[Actor]:
    """Everybody who must not decide about Bob's call."""
    every = tuple(Binding(subject="x", role=role) for role in Role)
    alice, bob = await tocsin.actor("alice"), await tocsin.actor("bob")
    gone = await tocsin.hire("gone", Role.RESPONDER)
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.people.deactivate("gone")
    return [
        bob,
        bob.model_copy(update={"account": "slack:T1:U7", "name": "robert"}),
        await tocsin.actor("dave"),
        await tocsin.hire("an-admin", Role.ADMIN),
        await tocsin.hire("a-member", Role.MEMBER),
        await tocsin.hire("nobody"),
        gone,
        Actor(user=None, name="guest"),
        Actor(user=None, name="alice", bindings=every),
        alice.model_copy(update={"bot": True}),
        alice.model_copy(update={"scopes": frozenset(Scope) - {Scope.APPROVE}}),
        alice.model_copy(update={"bindings": ()}),
    ]


async def calls(tocsin: Tocsin, actor: Actor, surface: str, verb: str) -> Reply:
    """One press, as the surface makes it."""
    return await tocsin.parts.dispatch(
        Call(
            command=verb,
            args={"approval": "APR-1"} | VERBS[verb],
            actor=actor,
            origin=Origin.model_validate({"surface": surface}),
        )
    )


async def approvals(tocsin: Tocsin) -> tuple[Approval, ...]:
    """Every approval as it stands."""
    async with tocsin.looking() as unit:
        return await unit.approvals.where()


async def test_nobody_else_decides(tocsin: Tocsin):
    """Twelve kinds of others, three verbs, six surfaces: 216 presses, none accepted."""
    await tocsin.say("bob", "/rollback trino")
    (before,) = await approvals(tocsin)
    tried = 0
    for actor, surface, verb in product(await strangers(tocsin), SURFACES, VERBS):
        if verb == "approval deny" and actor.user == "bob":
            continue  # taking back what one asked for is no decision of another
        reply = await calls(tocsin, actor, surface, verb)
        assert reply.refused == "not_allowed", (actor.name, surface, verb, reply)
        tried += 1
    assert tried >= 128
    assert await approvals(tocsin) == (before,)
    async with tocsin.looking() as unit:
        assert await unit.rollbacks.where() == ()


async def test_a_forged_button_is_none_of_the_message(tocsin: Tocsin):
    """Ids that no message shows, of every shape, pressed by whoever might approve."""
    await tocsin.say("bob", "/rollback trino")
    before = await approvals(tocsin)
    (card,) = [one for one in await tocsin.room("incidents") if "Approval needed" in one.text]
    accepted = 0
    for user, button in product(("alice", "carol", "dave"), FORGED):
        press = Press(actor=await tocsin.actor(user), message=card.id, button=button)
        try:
            heard = await tocsin.parts.chat.press(press)
        except Refused as refusal:
            assert refusal.text
        else:
            accepted += not heard.reply or not heard.reply.refused
    assert accepted == 0
    assert await approvals(tocsin) == before


@pytest.mark.both
async def test_what_was_decided_stays_decided(tocsin: Tocsin):
    """Replays of a used button, of a stale card, after denial and after time: 0 of 160."""
    await tocsin.say("bob", "/rollback trino")
    await tocsin.say("alice", "/approval grant APR-1")
    await tocsin.advance(2 * MINUTE)
    await tocsin.say("carol", "/rollback superset to:v0")
    await tocsin.say("bob", "/rollback trino to:v246")
    await tocsin.say("alice", "/approval deny APR-2 no")
    await tocsin.say("bob", "/rollback trino to:v246")
    await tocsin.advance(11 * MINUTE)
    before = await approvals(tocsin)
    assert [one.status for one in before] == ["executed", "denied", "expired"]
    users = [await tocsin.actor(name) for name in ("alice", "carol", "bob", "dave")]
    for actor, one, verb, _again in product(users, before, VERBS, range(5)):
        args = {"approval": one.id} | VERBS[verb]
        origin = Origin(surface="api")
        call = Call(command=verb, args=args, actor=actor, origin=origin)
        assert (await tocsin.parts.dispatch(call)).refused in ("stale", "not_allowed")
    assert await approvals(tocsin) == before


async def test_an_edited_plan_is_refused(tocsin: Tocsin):
    """The hash of another plan, or of another approval, does not agree to this one."""
    await tocsin.say("bob", "/rollback trino")
    await tocsin.say("carol", "/rollback trino to:v246")
    alice = await tocsin.actor("alice")
    first, second = await approvals(tocsin)
    for wrong in (second.short_hash, "0" * 8, first.short_hash[:-1] + "g", "f" * 64):
        args = {"approval": "APR-1", "plan": wrong}
        call = Call(command="approval grant", args=args, actor=alice, origin=Origin(surface="api"))
        assert (await tocsin.parts.dispatch(call)).refused in ("stale", "invalid")
    assert [one.status for one in await approvals(tocsin)] == ["pending", "pending"]


async def test_no_call_can_say_that_it_was_approved(tocsin: Tocsin):
    """The mark of a released call counts only within the grant; from outside it asks anew."""
    await tocsin.say("bob", "/rollback trino")
    bob = await tocsin.actor("bob")
    for name in ("APR-1", "APR-2", "x"):
        call = Call(
            command="rollback start", args={"service": "trino"}, actor=bob,
            origin=Origin(surface="console", room="incidents"), approved=name,
        )  # fmt: skip
        assert (await tocsin.parts.dispatch(call)).approval == "APR-1"
    async with tocsin.looking() as unit:
        assert await unit.rollbacks.where() == ()
