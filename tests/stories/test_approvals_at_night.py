"""During an open SEV1-SEV2 an approval rings, and a rollback may go on without it (rules.md 4)."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from domain.actor import Role
from domain.approval import Approval
from domain.call import Call, Origin, Reply
from storage.tables.catalog import deployments
from tests.fakes.conditions import MINUTE, TRINO
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

WHY = "every query fails and nobody answers"


@pytest.fixture(autouse=True)
async def asked(tocsin: Tocsin) -> None:
    """A SEV2 that Bob has acknowledged; he asks for the rollback."""
    tocsin.deploys_in(1)
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "You are on call", "Ack")
    asked = await tocsin.say("bob", "/rollback trino", room="dm-bob")
    assert asked.approval == "APR-1"


async def paged(tocsin: Tocsin) -> list[tuple[str, str]]:
    """Who was paged to approve, and what became of it."""
    pages = await tocsin.pages()
    return [(one.user, one.state) for one in pages if "approve APR-1" in one.why]


async def approval(tocsin: Tocsin) -> Approval:
    """The approval as it stands."""
    async with tocsin.looking() as unit:
        return await unit.approvals.need("APR-1")


async def break_glass(
    tocsin: Tocsin,
    user: str = "bob",
    service: str = "trino",
    login: float | None = 5,
    approval: str = "APR-1",
) -> Reply:
    """Somebody types it on the dashboard, ``login`` minutes after they logged in."""
    actor = await tocsin.actor(user)
    if login is not None:
        since = tocsin.clock.now() - timedelta(minutes=login)
        actor = actor.model_copy(update={"logged_in_at": since})
    args = {"approval": approval, "service": service, "why": WHY}
    call = Call(
        command="approval break-glass", args=args, actor=actor, origin=Origin(surface="web")
    )
    reply = await tocsin.parts.dispatch(call)
    await tocsin.settle()
    return reply


@pytest.mark.both
async def test_it_pages_one_approver_after_the_other(tocsin: Tocsin):
    """Who is on call first, the next two minutes later, and whoever asked never."""
    assert await paged(tocsin) == [("carol", "sent")]
    card = next(one for one in await tocsin.dm("carol") if "asked by Bob to approve" in one.text)
    assert "roll back trino prod v248 → v247" in card.text
    assert "Alice is paged at 12:02 unless you ack." in card.text
    await tocsin.advance(2 * MINUTE)
    assert await paged(tocsin) == [("carol", "sent"), ("alice", "sent")]
    plan = await tocsin.press("carol", "Approval needed", "See plan")
    await tocsin.press("carol", plan, "Approve")
    assert await paged(tocsin) == [("carol", "acked"), ("alice", "expired")]


async def test_who_looks_wakes_nobody_else(tocsin: Tocsin):
    """An approver who acks their page is looking: the next one sleeps on."""
    await tocsin.press("carol", "asked by Bob to approve", "Ack")
    await tocsin.advance(10 * MINUTE)
    assert [who for who, _ in await paged(tocsin)] == ["carol"]


async def test_who_cannot_passes_it_to_the_next(tocsin: Tocsin):
    """At once, once, and the page of an approval hands no incident over."""
    wrong = await tocsin.press(
        "carol", "asked by Bob to approve", "Not ours", to="web", why="not mine"
    )
    assert wrong.text == "This page asks for APR-1: /approval deny APR-1, or /page pass."
    passed = await tocsin.press("carol", "asked by Bob to approve", "Can't")
    assert passed.text == "Passed on. Alice is paged now."
    assert await paged(tocsin) == [("carol", "passed"), ("alice", "sent")]
    await tocsin.advance(9 * MINUTE)
    assert len(await paged(tocsin)) == 2


async def test_the_card_says_who_is_next(tocsin: Tocsin):
    """And when, as an absolute time."""
    (card,) = [one.text for one in await tocsin.dm("carol") if "Approval needed" in one.text]
    assert "If nobody answers by 2026-11-21 12:02 UTC, Alice is paged." in card


async def test_nothing_rings_for_what_can_wait(tocsin: Tocsin):
    """A SEV3 behind it, or none: approvers are shown a card, and nobody is paged."""
    await tocsin.say("carol", "/incident severity INC-13 3")
    await tocsin.say("carol", "/rollback trino")
    await tocsin.advance(5 * MINUTE)
    pages = await tocsin.pages()
    assert not [one for one in pages if "approve APR-2" in one.why]


async def test_glass_is_broken_with_everything_that_it_takes(tocsin: Tocsin):
    """Carried out without an approval, said so, announced, and to be looked into afterwards."""
    tocsin.settled(security_room="security")
    await tocsin.advance(3 * MINUTE)
    assert "Break glass…" in await offered(tocsin, "APR-1")
    done = await break_glass(tocsin)
    assert done.refused == "", done
    ended = await approval(tocsin)
    assert ended.status == "executed"
    assert [(one.kind, one.by, one.reason) for one in ended.grants] == [("break_glass", "bob", WHY)]
    told = "\n".join(await tocsin.told())
    assert f"Bob broke glass on APR-1, plan {ended.short_hash}: {WHY}" in told
    assert "ACT-1 added by Bob for nobody yet: Review why glass was broken on APR-1" in told
    assert "⚠ Glass broken" in (await tocsin.room("security"))[0].text
    assert any("⚠ Glass broken" in one.text for one in await tocsin.dm("alice"))
    card = next(one for one in await tocsin.dm("carol") if "roll back trino" in one.text)
    assert "⚠ Carried out without approval" in card.text
    assert "⚠ glass broken by Bob" in card.text
    room = "\n".join(one.text for one in await tocsin.room("alerts-data-platform"))
    assert "to v247: 1 s after the go-ahead (ours 0 s" in room


@pytest.mark.parametrize(
    ("wait", "how", "told"),
    [
        (2, {}, "Wait 3 minutes for an answer first"),
        (3, {"login": None}, "Log in to the dashboard again"),
        (3, {"login": 16}, "Log in to the dashboard again"),
        (3, {"service": "trin"}, "Type the name of the service exactly"),
        (3, {"user": "alice"}, "Only whoever has acknowledged the incident"),
        (3, {"user": "dave"}, "/approval break-glass needs the role responder"),
    ],
)
async def test_short_of_anything_glass_holds(
    tocsin: Tocsin, wait: int, how: dict[str, object], told: str
):
    """Too early, no login of the last minutes, another name, another person."""
    await tocsin.advance(wait * MINUTE)
    refused = await break_glass(tocsin, **how)  # type: ignore[arg-type] # a table of cases
    assert refused.refused == "not_allowed"
    assert told in str(refused.message)
    assert (await approval(tocsin)).status == "pending"


@pytest.mark.both
async def test_glass_holds_where_going_back_may_not_undo_it(tocsin: Tocsin):
    """By what is known of each version: an older one, one that changed a database, one of which
    nobody has said; the card offers nothing that would be refused."""
    await tocsin.say("bob", "/approval deny APR-1 asked for another")
    cases = {
        ("v246", False): "v246 is not the last good version. Page another approver.",
        ("v247", True): "v248 changed a database. Page another approver.",
        ("v247", None): "whether v248 changed a database is not known. Page another approver.",
    }
    for number, ((to, migration), told) in enumerate(cases.items(), 2):
        await migrating(tocsin, migration)
        asked = await tocsin.say("bob", f"/rollback trino to:{to}", room="dm-bob")
        assert asked.approval == f"APR-{number}"
        await tocsin.advance(3 * MINUTE)
        refused = await break_glass(tocsin, approval=asked.approval)
        assert refused.refused == "not_allowed"
        assert told in str(refused.message)
        assert "Break glass…" not in await offered(tocsin, asked.approval)


async def offered(tocsin: Tocsin, approval: str) -> tuple[str, ...]:
    """What can be pressed on an approval's own card."""
    cards = [one for one in await tocsin.dm("alice") if "Approval needed" in one.text]
    return next(one.labels for one in cards if approval in one.text)


async def migrating(tocsin: Tocsin, migration: bool | None) -> None:
    """Somebody says whether v248 changed a database."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        changed = update(deployments).where(deployments.c.version == "v248")
        await unit.scope.connection.execute(changed.values(migration=migration))


async def test_the_installation_can_keep_the_glass_whole(tocsin: Tocsin):
    """`approvals.break_glass: false` removes it, from the card too."""
    tocsin.settled(break_glass=False)
    await tocsin.advance(3 * MINUTE)
    assert (await break_glass(tocsin)).refused == "not_allowed"
    card = next(one for one in await tocsin.dm("alice") if "Approval needed" in one.text)
    assert "Break glass…" not in card.labels


async def test_when_the_night_is_over_glass_holds(tocsin: Tocsin):
    """The incident ended meanwhile: what is left can wait for an answer."""
    await tocsin.advance(3 * MINUTE)
    await tocsin.say("bob", "/incident resolve INC-13 it healed")
    assert (await break_glass(tocsin)).refused == "not_allowed"


async def test_from_a_chat_it_needs_the_dashboard(tocsin: Tocsin):
    """A chat account proves no login: the sentence says where to go."""
    await tocsin.advance(3 * MINUTE)
    await tocsin.hire("erin", Role.RESPONDER)
    answer = await tocsin.say("bob", f"/approval break-glass APR-1 trino {WHY}", room="dm-bob")
    assert answer.text == ("Log in to the dashboard again and type it there within 15 minutes.")
