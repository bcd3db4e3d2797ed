"""Guarded calls: asked, decided by somebody else, carried out once and as it was shown."""

from dataclasses import dataclass
from typing import Any, cast

import pytest
from sqlalchemy import select

from domain.actor import Actor, Binding, Role, Scope
from domain.approval import Approval
from domain.call import Call, Origin, Reply
from domain.deployment import Deployment
from domain.errors import Permanent
from domain.guard import Approver, Guard
from domain.message import Message, buttons
from domain.ports import Chat, MessageRef, Place
from storage.tables.catalog import deployments
from tests.fakes.conditions import KAFKA, MINUTE, TRINO
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Answer, Tocsin

DONE = "APR-1 was approved and carried out already. Nothing to do."
DENIED = "APR-1 was denied already: ask again, with another plan."
NEVER = ("You asked for this yourself", "Only a person", "at least the role responder")


@pytest.fixture(autouse=True)
def quick(tocsin: Tocsin) -> None:
    """The pipeline of these stories needs 98 seconds, and nobody waits for them."""
    tocsin.deploys_in(98)


async def approval(tocsin: Tocsin, name: str = "APR-1") -> Approval:
    """The approval as it stands."""
    async with tocsin.looking() as unit:
        return await unit.approvals.need(name)


async def guarded(tocsin: Tocsin, **terms: object) -> Guard:
    """Another guard than the demo's; what is not said is one responder for any rollback."""
    approvers = (Approver(kind="role", id="responder"),)
    given = {"id": "g", "command": "rollback start", "approvers": approvers, "danger": "reversible"}
    made = Guard.model_validate(given | terms)
    async with tocsin.parts.store.write(SYSTEM) as unit:
        for old in await unit.guards.everything():
            await unit.guards.remove(old.id)
        await unit.guards.put(made)
    return made


async def versions(tocsin: Tocsin, service: str = "trino") -> dict[str, str]:
    """What became of each deployment of a service."""
    async with tocsin.looking() as unit:
        query = select(deployments.c.id, deployments.c.version, deployments.c.status)
        rows = await unit.scope.connection.execute(query.where(deployments.c.service == service))
        return {name: f"{version} {status}" for name, version, status in rows.all()}


async def called(tocsin: Tocsin, actor: Actor, command: str, **args: str) -> Reply:
    """A call over the API."""
    call = Call(command=command, args=args, actor=actor, origin=Origin(surface="api"))
    reply = await tocsin.parts.dispatch(call)
    await tocsin.settle()
    return reply


@pytest.mark.both
async def test_a_rollback_is_asked_for_refused_to_the_asker_and_carried_out_once(tocsin: Tocsin):
    """Ask, refuse self, grant by button, one rollback, told where the incident lives."""
    await tocsin.fire(TRINO)
    asked = await tocsin.say("bob", "/rollback trino")
    assert (asked.refused, asked.approval) == ("", "APR-1")
    assert asked.text.startswith("APR-1 waits for 1 of any responder, and nothing has been done")
    assert await versions(tocsin) == {
        "DEP-6": "v246 success", "DEP-9": "v247 success", "DEP-13": "v248 success",
    }  # fmt: skip

    own = await tocsin.press("bob", "Approval needed", "See plan")
    assert "to   v247 (DEP-9" in own.text
    assert [one.label for one in buttons(own.message)] == ["Withdraw…"]
    refused = await tocsin.say("bob", "/approval grant APR-1")
    assert refused.refused == "not_allowed"
    assert refused.text.startswith("You asked for this yourself")

    plan = await tocsin.press("alice", "Approval needed", "See plan")
    done = await tocsin.press("alice", plan, "Approve")
    assert done.data == {
        "id": "APR-1", "status": "executed", "result": {"id": "DEP-14", "status": "queued"},
    }  # fmt: skip
    assert await versions(tocsin) == {
        "DEP-6": "v246 success", "DEP-9": "v247 success", "DEP-13": "v248 rolled_back",
        "DEP-14": "v247 success",
    }  # fmt: skip
    again = await tocsin.press("alice", plan, "Approve")
    assert (again.refused, again.text) == (
        "stale",
        DONE,
    )
    assert len(await versions(tocsin)) == 4

    told = await tocsin.told()
    assert "APR-1 approved by Alice, plan" in "\n".join(told)
    assert "Bob rolls trino prod back from v248 to v247" in told
    assert "APR-1 carried out for Bob" in told
    room = [one.text for one in await tocsin.room("alerts-data-platform")]
    line = "Rolled back trino prod to v247: 1 m 38 s after approval (ours 0 s, the simulated"
    assert any(line in one for one in room)
    assert any(one.startswith("✅ Approved and carried out") for one in room)


async def test_the_audit_says_who_asked_and_who_allowed(tocsin: Tocsin):
    """One row for each step; the held call's own is the requester's, the grant the approver's."""
    await tocsin.say("bob", "/rollback trino")
    await tocsin.say("alice", "/approval grant APR-1")
    by = {row.action: row.by for row in await tocsin.audited()}
    assert by["approval_asked"] == by["rollback_started"] == "bob"
    assert by["approval_granted"] == by["approval_executed"] == "alice"


async def test_a_denial_ends_it_with_its_reason(tocsin: Tocsin):
    """Nothing is done, the card says why, and a later press finds it decided."""
    await tocsin.say("bob", "/rollback trino")
    denied = await tocsin.press("carol", "Approval needed", "Deny", why="wait for the failover")
    assert denied.text == "APR-1 is denied, and nothing was done."
    late = await tocsin.say("alice", "/approval grant APR-1")
    assert (late.refused, late.text) == (
        "stale",
        DENIED,
    )
    card = next(one for one in await tocsin.room("incidents") if "roll back trino" in one.text)
    assert "✖ Denied" in card.text
    assert "wait for the failover" in card.text
    assert "DEP-14" not in await versions(tocsin)


async def test_whoever_asked_may_take_it_back(tocsin: Tocsin):
    """A requester cannot grant, but can withdraw."""
    await tocsin.say("bob", "/rollback trino")
    assert (await tocsin.say("bob", "/approval withdraw 1 found the cause")).refused == ""
    assert (await approval(tocsin)).status == "denied"


async def test_it_expires_and_says_so(tocsin: Tocsin):
    """After ten minutes it is over: the job ends it, and a press on time's edge is refused."""
    await tocsin.say("bob", "/rollback trino")
    tocsin.clock.move(minutes=10)
    late = await tocsin.say("alice", "/approval grant APR-1")
    assert (late.refused, late.text) == ("stale", "APR-1 has expired: ask again.")
    ended = await approval(tocsin)
    assert (ended.status, ended.reason) == ("expired", "nobody decided in time")
    assert "DEP-14" not in await versions(tocsin)


async def test_a_changed_plan_is_void(tocsin: Tocsin):
    """Something else was deployed meanwhile: the grant is refused, and it must be asked anew."""
    await tocsin.say("bob", "/rollback trino")
    plan = await tocsin.press("alice", "Approval needed", "See plan")
    await deployed(tocsin, "trino", "v249")
    void = await tocsin.press("alice", plan, "Approve")
    assert void.refused == "stale"
    assert void.text.startswith("APR-1 is void and nothing was done: what it would do has changed")
    assert (await approval(tocsin)).status == "expired"
    anew = await tocsin.say("bob", "/rollback trino")
    assert anew.approval == "APR-2"
    assert "v249" in anew.text


async def test_a_change_of_the_guard_voids_it_too(tocsin: Tocsin):
    """What was asked under other terms is not granted under these."""
    await tocsin.say("bob", "/rollback trino")
    await guarded(tocsin, needs=1, danger="destructive")
    assert (await tocsin.say("alice", "/approval grant APR-1")).refused == "stale"
    await tocsin.say("bob", "/rollback trino")
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.guards.remove("g")
    void = await tocsin.say("alice", "/approval grant APR-2")
    assert "its guard was removed" in void.text


async def deployed(tocsin: Tocsin, service: str, version: str) -> None:
    """One more deployment to production, just now."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        number = await unit.numbers.next("DEP")
        now = tocsin.clock.now()
        made = Deployment(
            id=f"DEP-{number}", number=number, service=service, environment="prod",
            version=version, status="success", started_at=now, finished_at=now, source="ci",
        )  # fmt: skip
        await unit.catalog.deployments.add(made)


async def test_two_accounts_of_one_person_are_one(tocsin: Tocsin):
    """Bob's other account is Bob: he asked, so he cannot approve."""
    await tocsin.say("bob", "/rollback trino")
    bob = await tocsin.actor("bob")
    other = bob.model_copy(update={"name": "bob on another chat", "account": "slack:T1:U7"})
    reply = await called(tocsin, other, "approval grant", approval="APR-1")
    assert reply.refused == "not_allowed"
    assert (await approval(tocsin)).status == "pending"


async def test_roles_and_approvers_are_those_at_the_press(tocsin: Tocsin):
    """Carol lost her role, Dave was given one: what counts is now, for both sides."""
    await tocsin.say("bob", "/rollback trino")
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.people.unbind("carol", Role.RESPONDER)
        await unit.people.bind(Binding(subject="dave", role=Role.RESPONDER))
    assert (await tocsin.say("carol", "/approval grant APR-1")).refused == "not_allowed"
    assert (await tocsin.say("dave", "/approval grant APR-1")).refused == ""


async def test_whoever_asked_must_still_be_allowed_to(tocsin: Tocsin):
    """Demoted or gone since: the approval is void."""
    await tocsin.say("bob", "/rollback trino")
    await tocsin.say("carol", "/rollback trino")
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.people.unbind("bob", Role.RESPONDER)
        await unit.people.deactivate("carol")
    demoted = await tocsin.say("alice", "/approval grant APR-1")
    assert (demoted.refused, "bob may not do this any more" in demoted.text) == ("stale", True)
    gone = await tocsin.say("alice", "/approval grant APR-2")
    assert (gone.refused, "carol may not do this any more" in gone.text) == ("stale", True)
    assert (await approval(tocsin)).status == (await approval(tocsin, "APR-2")).status == "expired"


async def test_strangers_guests_bots_and_weak_tokens_never_approve(tocsin: Tocsin):
    """Neither an account of nobody, nor a bot, nor a viewer, nor a token without the scope."""
    await tocsin.say("bob", "/rollback trino")
    alice = await tocsin.actor("alice")
    everything_else = frozenset(Scope) - {Scope.APPROVE}
    roles = tuple(Binding(subject="x", role=role) for role in Role)
    never = (
        await tocsin.actor("dave"),
        alice.model_copy(update={"scopes": everything_else}),
        alice.model_copy(update={"bot": True}),
        Actor(user=None, name="guest"),
        Actor(user=None, name="member of the chat", bindings=roles),
    )
    for actor in never:
        for command in ("approval grant", "approval deny", "approval break-glass"):
            given = {"approval": "APR-1", "why": "because I say so"}
            args = given if command != "approval grant" else {"approval": "APR-1"}
            if command == "approval break-glass":
                args = given | {"service": "trino"}
            assert (await called(tocsin, actor, command, **args)).refused == "not_allowed"
    assert (await approval(tocsin)).status == "pending"
    assert (await called(tocsin, alice, "approval grant", approval="APR-1")).refused == ""


async def test_who_is_named_in_person_needs_a_proven_account(tocsin: Tocsin):
    """An account that only an e-mail address vouches for is no named approver (rule 9)."""
    alice = Approver(kind="person", id="alice")
    await guarded(tocsin, approvers=(alice,))
    asked = await tocsin.say("bob", "/rollback trino")
    assert "waits for 1 of @alice" in asked.text
    weak = (await tocsin.actor("alice")).model_copy(update={"proven": False})
    assert (await called(tocsin, weak, "approval grant", approval="APR-1")).refused == "not_allowed"
    assert (await tocsin.say("carol", "/approval grant APR-1")).refused == "not_allowed"
    assert (await tocsin.say("alice", "/approval grant APR-1")).refused == ""


@pytest.mark.both
async def test_two_grants_are_two_people(tocsin: Tocsin):
    """The first waits for the second; the same person twice is once; who lost the right is none."""
    await tocsin.hire("erin", Role.RESPONDER)
    await guarded(tocsin, needs=2)
    await tocsin.say("bob", "/rollback trino")
    first = await tocsin.say("carol", "/approval grant APR-1")
    assert first.text == "You approved APR-1. It needs 1 more."
    assert (await tocsin.say("carol", "/approval grant APR-1")).refused == "stale"
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.people.unbind("carol", Role.RESPONDER)
    assert (await tocsin.say("alice", "/approval grant APR-1")).data["status"] == "pending"
    assert [one.by for one in (await approval(tocsin)).grants] == ["alice"]
    assert (await tocsin.say("erin", "/approval grant APR-1")).data["status"] == "executed"


async def test_no_approver_named_is_a_refusal(tocsin: Tocsin):
    """Nobody named, or nobody but the asker: refused with what to do, and nothing waits."""
    await guarded(tocsin, approvers=())
    refused = await tocsin.say("bob", "/rollback trino")
    assert refused.refused == "not_allowed"
    assert refused.text.startswith("No approver is named for /rollback start: ask an admin")
    await guarded(tocsin, approvers=(Approver(kind="person", id="bob"),))
    alone = await tocsin.say("bob", "/rollback trino")
    assert "needs 1 of @bob besides you, and there are none" in alone.text
    assert (await tocsin.say("alice", "/approval list all")).text == (
        "Nothing waits for an approval."
    )


async def test_a_team_of_one_must_choose_to_confirm_alone(tocsin: Tocsin):
    """`approvals.rollback: self_confirm` lets the asker go on, and says what that was."""
    await guarded(tocsin, approvers=())
    tocsin.settled(self_confirm=True)
    await tocsin.say("bob", "/rollback trino")
    done = await tocsin.say("bob", "/approval grant APR-1")
    assert done.data["status"] == "executed"
    assert [one.kind for one in (await approval(tocsin)).grants] == ["self_confirm"]


async def test_any_command_can_be_guarded_and_shows_what_it_would_answer(tocsin: Tocsin):
    """Its plan is its line and its rehearsed answer; nothing of the rehearsal is left."""
    await tocsin.fire(KAFKA)
    line = '/approval guard "incident resolve" by:role:commander class:disruptive'
    assert (await tocsin.say("alice", line)).refused == ""
    asked = await tocsin.say("bob", "/incident resolve INC-13 restarted it")
    assert asked.approval == "APR-1"
    assert "It would answer now:\nINC-13 is resolved (fixed)." in asked.text
    await tocsin.advance(MINUTE)
    assert (await tocsin.incident()).status == "triggered"
    assert (await tocsin.say("carol", "/approval grant APR-1")).refused == "not_allowed"
    done = await tocsin.say("alice", "/approval grant APR-1")
    assert done.data["status"] == "executed"
    assert (await tocsin.incident()).status == "resolved"
    assert "Resolved by Bob (fixed): restarted it" in await tocsin.told()


async def test_asking_twice_for_the_same_is_asking_once(tocsin: Tocsin):
    """The second answer points at what waits already."""
    await tocsin.say("bob", "/rollback trino")
    again = await tocsin.say("bob", "/rollback trino")
    assert (again.approval, again.text[:18]) == ("APR-1", "APR-1 waits alread")
    other = await tocsin.say("carol", "/rollback trino")
    assert other.approval == "APR-2"


async def test_a_rehearsal_of_a_guarded_call_asks_for_nothing(tocsin: Tocsin):
    """`--dry-run` shows the plan, and no approval is made."""
    bob = await tocsin.actor("bob")
    call = Call(
        command="rollback start", args={"service": "trino"}, actor=bob,
        origin=Origin(surface="api"), dry_run=True,
    )  # fmt: skip
    reply = Answer.model_construct(**dict(await tocsin.parts.dispatch(call)))
    assert reply.text.startswith("Would wait for 1 of any responder")
    assert (await tocsin.say("alice", "/approval list all")).text.startswith("Nothing waits")


async def test_without_a_shared_room_it_is_sent_to_asker_and_approvers(tocsin: Tocsin):
    """Asked in a direct room or by program: cards stand in direct rooms, and are redrawn there."""
    await tocsin.say("bob", "/rollback trino", room="dm-bob")
    seen = {who: await cards(tocsin, who) for who in ("bob", "carol", "alice", "dave")}
    assert {who: len(found) for who, found in seen.items()} == {
        "bob": 1, "carol": 1, "alice": 1, "dave": 0,
    }  # fmt: skip
    await tocsin.press("carol", "Approval needed", "Deny", why="not now")
    for who in ("bob", "carol", "alice"):
        assert "✖ Denied" in (await cards(tocsin, who))[0]


async def test_a_room_that_is_closed_gives_way_to_direct_rooms(tocsin: Tocsin):
    """Nobody could decide about a card that nobody sees."""
    tocsin.forgiven |= {"show_approval_in", "show_rollback_in"}
    chats = tocsin.parts.worker.ports.chats
    chats["console"] = cast("Chat", Closed(chats["console"], "incidents"))
    await tocsin.say("bob", "/rollback trino")
    assert len(await cards(tocsin, "carol")) == len(await cards(tocsin, "alice")) == 1
    await tocsin.say("alice", "/approval grant APR-1")
    assert any("✅ Rolled back · trino prod" in one.text for one in await tocsin.dm("bob"))


@dataclass
class Closed:
    """A chat with one room in which nothing can be posted."""

    chat: Chat
    room: str

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        if place.room == self.room:
            raise Permanent("channel_not_found")
        return await self.chat.post(place, message, key, again=again)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.chat, name)


async def cards(tocsin: Tocsin, user: str) -> list[str]:
    """The cards of approvals in somebody's direct room."""
    return [one.text for one in await tocsin.dm(user) if "Asked by Bob" in one.text]


async def test_a_private_incident_hides_its_approvals(tocsin: Tocsin):
    """To everybody who may not read it there is no such approval, in any command."""
    await tocsin.hire("erin", Role.COMMANDER)
    declared = await tocsin.say("bob", "/incident declare payroll sev:2 private", room="dm-bob")
    name = declared.data["id"]
    await tocsin.say("bob", f"/incident invite {name} @carol", room="dm-bob")
    asked = await tocsin.say("bob", f"/rollback trino incident:{name}", room="dm-bob")
    assert asked.approval == "APR-1"
    for line in ("/approval show APR-1", "/approval grant APR-1", "/approval deny APR-1 no"):
        hidden = await tocsin.say("erin", line)
        assert (hidden.refused, hidden.text.split(":")[0]) == (
            "not_found", "There is no approval APR-1",
        )  # fmt: skip
    assert (await tocsin.say("erin", "/approval list all")).data == []
    assert (await tocsin.say("carol", "/approval grant APR-1", room="dm-carol")).refused == ""
