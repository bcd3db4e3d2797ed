"""Many pages to one person: the first at once, then one message a minute with the list."""

import asyncio
import re
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.demo.bodies import Firing, alertmanager_body
from domain.bundle import Bundle, CloseBundle
from domain.buttons import pressed
from domain.call import Call, Origin
from domain.errors import Permanent
from domain.message import buttons
from domain.plain import plain
from jobs import bundles
from jobs.registry import Behaviours, Reaction
from storage.unit import Unit
from tests.fakes.conditions import MINUTE, SECOND, condition
from tests.fakes.mail_server import mailing, words
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Shown, Tocsin

FIRST, *SEVEN = (condition(f"shop-{number}", "critical") for number in range(8))
LATER, LAST = (condition(f"depot-{number}", "critical") for number in range(2))
WORST = condition("till", "emergency", "TillDown", "Nobody can pay")


@pytest.fixture(autouse=True)
def _bob_has_them_all(tocsin: Tocsin) -> None:
    """Services that nobody registered belong to who is on call for data-platform."""
    tocsin.settled(default_policy="data-platform")


async def rains(tocsin: Tocsin) -> Shown:
    """One page, then seven more ten seconds later; the message that comes of these."""
    await tocsin.fire(FIRST)
    await tocsin.advance(10 * SECOND)
    for one in SEVEN:
        await tocsin.fire(one)
    (first,) = await tocsin.dm("bob")
    assert "INC-13" in first.text
    await tocsin.advance(49 * SECOND)
    assert len(await tocsin.dm("bob")) == 1
    await tocsin.advance(SECOND)
    (_, bundle) = await tocsin.dm("bob")
    return bundle


async def statuses(tocsin: Tocsin) -> dict[str, str]:
    """How each incident stands, by its number."""
    names = await tocsin.open_incidents()
    return {name[4:]: (await tocsin.incident(name)).status.value for name in names}


async def test_a_bundle_is_one_message_and_one_answer(tocsin: Tocsin):
    """Seven pages in the minute after the first: a list, and a button for exactly these."""
    bundle = await rains(tocsin)
    assert bundle.text.startswith("7 more pages for you, the worst SEV2")
    assert bundle.labels == ("Ack all 7 shown", "Open", "I'm awake 60 min")
    names = [f"INC-{number}" for number in range(14, 21)]
    assert [name for name in names if name in bundle.text] == names
    refs = [ring.ref["message"] for name in names for _, ring in await tocsin.rings(name)]
    assert set(refs) == {bundle.id}
    assert "bob paged" in " ".join(await tocsin.told("INC-14")).lower()
    answer = await tocsin.say("bob", "/page why 14", room="dm-bob")
    assert "ring 1 by chat" in answer.text

    await tocsin.advance(5 * SECOND)
    await tocsin.fire(LATER)
    answer = await tocsin.press("bob", bundle, "Ack all 7 shown")
    assert answer.text.startswith("INC-14, INC-15, INC-16")
    found = await statuses(tocsin)
    assert {number for number, one in found.items() if one == "acknowledged"} == {
        str(number) for number in range(14, 21)
    }
    again = (await tocsin.dm("bob"))[1]
    assert (again.id, again.labels) == (bundle.id, ())
    assert "INC-16 is yours" in again.text
    assert again.text.startswith("7 pages: nothing of this list waits")

    await tocsin.advance(54 * SECOND)
    assert "INC-21" not in (await tocsin.dm("bob"))[-1].text
    await tocsin.advance(SECOND)
    alone = (await tocsin.dm("bob"))[-1]
    assert "INC-21" in alone.text
    assert alone.labels[0] == "Ack"


@pytest.mark.both
async def test_of_many_at_one_moment_one_is_the_first(tocsin: Tocsin):
    """Decided side by side: still one page at once, and one list."""
    now = tocsin.clock.now()
    for one in SEVEN:
        body = alertmanager_body([Firing(condition=one, starts_at=now)])
        await tocsin.receive("alertmanager", body)
    await tocsin.settle()
    assert len(await tocsin.dm("bob")) == 1
    await tocsin.advance(MINUTE)
    (_, bundle) = await tocsin.dm("bob")
    assert bundle.labels[0] == "Ack all 6 shown"


async def test_an_answer_of_one_s_own_leaves_the_list(tocsin: Tocsin):
    """What was acknowledged otherwise is not acknowledged again, and the list says so."""
    bundle = await rains(tocsin)
    await tocsin.say("bob", "ack 15", room="dm-bob")
    await tocsin.say("carol", "/incident ack INC-16")
    now = (await tocsin.dm("bob"))[1]
    assert (now.id, now.labels[0]) == (bundle.id, "Ack all 5 shown")
    assert "INC-15 is yours" in now.text
    assert "INC-16: taken by Carol" in now.text
    bobs = pressed(buttons(now.body)[0].id)
    assert bobs
    hers = await tocsin.say("carol", f"/page ackall {bobs.target.replace(',', ' ')}")
    assert hers.refused == "not_found"
    await tocsin.press("bob", now, "Ack all 5")
    assert (await tocsin.incident("INC-16")).responders == ("carol",)
    assert (await tocsin.incident("INC-20")).responders == ("bob",)
    stale = await tocsin.say("bob", "/page ackall", room="dm-bob")
    assert stale.refused == "stale"


@pytest.mark.both
async def test_a_bundle_rings_on_as_one_until_the_next_step(tocsin: Tocsin):
    """Chat again after three minutes, and one message a minute: the first page, which rang by
    itself until then, stands in it too. Carol gets hers when it is her turn."""
    await rains(tocsin)
    sent = (await tocsin.dm("bob"))[-1].at
    await tocsin.advance(3 * MINUTE - SECOND)
    *_, alone = await tocsin.dm("bob")
    assert (alone.at - sent, alone.labels[0]) == (2 * MINUTE, "Ack")
    before = {one.id for one in await tocsin.dm("bob")}
    await tocsin.advance(SECOND)
    (again,) = [one for one in await tocsin.dm("bob") if one.id not in before]
    assert again.text.startswith("8 pages still wait for you")
    assert "INC-13" in again.text
    answer = await tocsin.press("bob", again, "Ack all 8")
    assert "INC-13, INC-14" in answer.text
    await tocsin.advance(10 * MINUTE)
    assert [page.user for page in await tocsin.pages("INC-14")] == ["bob"]
    assert {page.user for page in await tocsin.pages("INC-13")} == {"bob"}


async def test_lists_of_one_person_become_one_and_what_is_left_rings_on(tocsin: Tocsin):
    """Two lists a minute apart would ring in the same minutes: the later one takes all in, but for
    what has gone on to the next step. The last that is left rings by itself again."""
    await rains(tocsin)
    await tocsin.advance(5 * SECOND)
    await tocsin.fire(LATER)
    await tocsin.fire(LAST)
    await tocsin.advance(3 * MINUTE + 56 * SECOND)
    told = await tocsin.dm("bob")
    assert all(second.at - first.at >= MINUTE for first, second in pairwise(told))
    assert told[-1].text.startswith("9 pages still wait for you")
    assert told[-2].text.startswith("8 pages still wait for you")
    for number in range(14, 22):
        await tocsin.say("bob", f"ack {number}", room="dm-bob")
    before = {one.id for one in await tocsin.dm("bob")}
    await tocsin.advance(MINUTE)
    (alone,) = [one for one in await tocsin.dm("bob") if one.id not in before]
    assert (alone.labels[0], "INC-22" in alone.text) == ("Ack", True)
    assert alone.at - told[-1].at == MINUTE


async def test_who_is_next_gets_a_bundle_too(tocsin: Tocsin):
    """The steps come due when they did before: Carol's pages are made then, and bundled."""
    await rains(tocsin)
    await tocsin.advance(4 * MINUTE + 15 * SECOND)
    made = [(await tocsin.pages(f"INC-{number}"))[-1] for number in range(14, 21)]
    assert {page.user for page in made} == {"carol"}
    assert {(page.created_at.minute, page.created_at.second) for page in made} == {(5, 10)}
    (only,) = await tocsin.dm("carol")
    assert "INC-13" in only.text
    await tocsin.advance(MINUTE)
    assert [one.text.split(",")[0] for one in await tocsin.dm("carol")][1:] == [
        "7 more pages for you"
    ]


async def test_the_worst_of_another_service_does_not_wait(tocsin: Tocsin):
    """SEV1 of a service that Bob was not paged for rings at once; what heals meanwhile never."""
    await tocsin.fire(FIRST)
    await tocsin.fire(LATER)
    await tocsin.fire(LAST)
    await tocsin.fire(WORST)
    assert ["INC-16" in one.text for one in await tocsin.dm("bob")] == [False, True]
    await tocsin.heal(LATER)
    await tocsin.heal(LAST)
    await tocsin.advance(2 * MINUTE)
    assert len(await tocsin.dm("bob")) == 2


@pytest.mark.parametrize("answered", [0, 1])
async def test_a_restart_loses_nothing_that_waits(tocsin: Tocsin, answered: int):
    """Another process sends the list; what was answered before is not in it."""
    await tocsin.fire(FIRST)
    await tocsin.fire(LATER)
    await tocsin.fire(LAST)
    if answered:
        await tocsin.say("bob", "ack 14", room="dm-bob")
    async with tocsin.restarted() as other:
        await other.advance(MINUTE)
    newest = (await tocsin.dm("bob"))[-1]
    assert "INC-15" in newest.text
    assert ("INC-14" in newest.text) is not answered
    assert newest.labels[0] == ("Ack" if answered else "Ack all 2 shown")


async def test_a_letter_of_a_bundle_answers_each_page_by_its_own_link(tocsin: Tocsin):
    """One letter for all, with an address for each."""
    async with mailing(tocsin) as mail:
        await rains(tocsin)
        first, bundle = mail.to("bob")
        assert "INC-13" in first["Subject"]
        assert bundle["Subject"].startswith("7 more pages for you")
        codes = re.findall(r"/a/([\w=-]+)", words(bundle))
        assert len(set(codes)) == 7
        async with tocsin.looking() as unit:
            found = [await unit.pages.by_code(code) for code in codes]
        assert {page.incident for page in found if page} == {
            f"INC-{number}" for number in range(14, 21)
        }


@pytest.mark.parametrize("healed_after", [10 * SECOND, 70 * SECOND])
async def test_what_flaps_comes_together_again(tocsin: Tocsin, healed_after: timedelta):
    """Resolved before the list went out, or after it: what fires anew is one message, not seven."""
    await tocsin.fire(FIRST)
    for one in SEVEN:
        await tocsin.fire(one)
    await tocsin.advance(healed_after)
    before = len(await tocsin.dm("bob"))
    await tocsin.heal(*SEVEN)
    await tocsin.advance(60 * SECOND)
    assert len(await tocsin.dm("bob")) == before
    for one in SEVEN:
        await tocsin.fire(one)
    await tocsin.advance(2 * MINUTE)
    news = [one for one in (await tocsin.dm("bob"))[before:] if "INC-20" in one.text]
    assert 1 <= len(news) <= 2
    assert {one.labels[0] for one in news} <= {"Ack all 7 shown", "Ack all 8 shown"}


async def test_what_is_resolved_for_now_is_left_out_of_the_list(tocsin: Tocsin):
    """The one that fires stands alone in it; when the others fire anew they are on it too."""
    await tocsin.fire(FIRST)
    for one in SEVEN:
        await tocsin.fire(one)
    await tocsin.say("bob", "/incident ack INC-13")
    await tocsin.heal(*SEVEN[1:])
    await tocsin.advance(MINUTE)
    (_, alone) = await tocsin.dm("bob")
    assert alone.labels[0] == "Ack INC-14"
    for one in SEVEN[1:]:
        await tocsin.fire(one)
    await tocsin.advance(3 * MINUTE)
    (_, _, again) = await tocsin.dm("bob")
    assert again.labels[0] == "Ack all 7 shown"
    await tocsin.press("bob", alone, "Ack INC-14")
    assert (await statuses(tocsin))["14"] == "acknowledged"


async def test_a_list_that_cannot_be_made_silences_nobody(tocsin: Tocsin):
    """Its job is given up: each page rings by itself, and what comes later does not wait for it."""
    worker = tocsin.parts.worker
    broken = Reaction(CloseBundle, breaks, failed=bundles.apart)
    whole = worker.behaviours
    worker.behaviours = Behaviours(whole.by_kind | {CloseBundle.kind: broken})
    tocsin.forgiven.add(CloseBundle.kind)
    await tocsin.fire(FIRST)
    for one in SEVEN:
        await tocsin.fire(one)
    await tocsin.advance(90 * SECOND)
    text = " ".join(one.text for one in await tocsin.dm("bob"))
    assert [name for name in range(13, 21) if f"INC-{name}" not in text] == []
    worker.behaviours = whole
    await tocsin.fire(LATER)
    await tocsin.advance(MINUTE)
    assert "INC-21" in (await tocsin.dm("bob"))[-1].text


async def test_nothing_joins_a_list_that_nobody_sends(tocsin: Tocsin):
    """Its job has gone; long overdue, it holds nothing back."""
    forgotten = Bundle(id="b", user="bob", urgency="high", due=tocsin.clock.now() - 61 * SECOND)
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.bundles.add(forgotten)
    await tocsin.fire(FIRST)
    (page,) = await tocsin.dm("bob")
    assert "INC-13" in page.text


async def breaks(unit: Unit, job: CloseBundle) -> None:
    """It can never be done."""
    raise Permanent("the list cannot be made")


@pytest.mark.both
async def test_one_answer_for_all_races_others(tocsin: Tocsin):
    """What Carol takes or resolves at that moment is hers, and spoils nothing of the rest."""
    await rains(tocsin)
    bob, carol = await tocsin.actor("bob"), await tocsin.actor("carol")
    here = Origin(surface="console")
    resolved = {"incident": "INC-19", "text": "restarted"}
    replies = await asyncio.gather(
        *(
            tocsin.parts.dispatch(Call(command=command, args=args, actor=actor, origin=here))
            for command, args, actor in (
                ("incident ack", {"incident": "INC-20"}, carol),
                ("incident resolve", resolved, carol),
                ("page ackall", {}, bob),
            )
        )
    )
    await tocsin.settle()
    assert [one.refused for one in replies] == ["", "", ""]
    found = await statuses(tocsin)
    assert {found[str(number)] for number in (14, 15, 16, 17, 18, 20)} == {"acknowledged"}
    assert (await tocsin.incident("INC-20")).responders in (("carol",), ("bob", "carol"))
    if (await tocsin.incident("INC-20")).responders == ("carol",):
        assert "Ended by others before: " in plain(replies[2].message)


async def test_what_a_person_asks_for_never_waits(tocsin: Tocsin):
    """Bob is in the middle of a storm; a policy, a next step and a declared SEV1 ring at once."""
    await rains(tocsin)
    await tocsin.fire(LATER)
    lines = (
        "/page data-platform INC-13 checkout is down",
        "/incident declare shop is empty sev:1 service:shop-1",
        "/incident escalate INC-21",
        "/incident escalate INC-21",
    )
    for line in lines:
        before = {who: len(await tocsin.dm(who)) for who in ("bob", "carol", "alice")}
        await tocsin.say("alice", line)
        now = {who: len(await tocsin.dm(who)) for who in before}
        assert now != before, line


async def test_whoever_has_answered_is_rung_at_once(tocsin: Tocsin):
    """They are awake, and nothing is held back from them."""
    await tocsin.fire(FIRST)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.advance(10 * SECOND)
    await tocsin.fire(LATER)
    assert any("INC-14" in one.text for one in await tocsin.dm("bob"))
