"""Safe mode: nothing outside is changed or asked, everything about people goes on (rules.md 30)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from bot.advisor import RecordedAdvisor
from bot.doctor import within
from domain.actor import Actor, Role, Scope
from domain.call import Call, Origin
from domain.llm import ModelPolicy
from domain.safe_mode import ON_OPEN_PAGES
from integrations.llm.claude import Claude, ClaudeSettings
from tests.fakes.conditions import MINUTE, TRINO
from tests.fakes.deployers import Pipeline
from tests.fakes.messages_api import MessagesApi, good, messages_api
from tests.fakes.outside import connected
from tests.fakes.site import give_token
from tests.fakes.tocsin import SECRET_KEY, Tocsin
from tests.fakes.whole_site import whole_site_over

ON = "/tocsin safe-mode on why:the network is being moved"
LINE = "Safe mode is on since 2026-11-21 12:00 UTC, by Alice: the network is being moved"
READING = {"severity": "SEV1", "service": "trino", "category": "x", "symptoms": [], "summary": "x"}


@asynccontextmanager
async def advised(tocsin: Tocsin) -> AsyncIterator[MessagesApi]:
    """The real client against a Messages API that would answer, asked by the real advisor."""
    async with messages_api(good(READING)) as api:
        told = ClaudeSettings(
            api_key=SecretStr("sk-ant-story"), model="claude-haiku-5-5", base_url=api.url
        )
        claude = Claude(told, tocsin.clock)
        tocsin.advised_by(
            RecordedAdvisor(claude, tocsin.parts.store, ModelPolicy(), lambda: (SECRET_KEY,))
        )
        try:
            yield api
        finally:
            await claude.aclose()


async def page(tocsin: Tocsin, address: str) -> str:
    """A page of the dashboard, as Alice reads it."""
    site = whole_site_over(tocsin.parts.store)
    async with site.client("alice", Accept="text/html") as client:
        return (await client.get(address)).text


async def test_what_acts_outside_stops_and_what_people_need_goes_on(tocsin: Tocsin):
    """A rollback and the last grant of one are refused, no model is asked; pages and acks go on."""
    pipeline = Pipeline()
    tocsin.deploys_by(pipeline)
    held = await tocsin.say("bob", "/rollback trino")
    assert (await tocsin.say("bob", ON)).refused == "not_allowed"
    on = await tocsin.say("alice", ON)
    assert on.text.startswith("Safe mode is on, and everybody is told.")
    assert "See /safe-mode show" in (await tocsin.say("alice", ON)).text
    for line in ("/rollback trino", f"/approval grant {held.approval}"):
        refused = await tocsin.say("carol", line)
        assert refused.refused == "stale"
        assert refused.text.startswith(f"/rollback start stops in safe mode. {LINE}.")
        assert refused.text.endswith("Alice can type /safe-mode off. See /safe-mode show.")
    async with advised(tocsin) as api:
        await tocsin.fire(TRINO)
        assert [user for user, _ in await tocsin.rings()] == ["bob"]
        assert (await tocsin.press("bob", "You are on call", "Ack")).refused == ""
        for line in ("note INC-13 look", "update INC-13 half done", "catchup INC-13"):
            assert (await tocsin.say("bob", f"/incident {line}")).refused == ""
        await tocsin.say("bob", "/incident resolve INC-13 it healed")
        await tocsin.say("bob", "/postmortem draft INC-13")
        assert api.requests == []
    async with tocsin.looking() as unit:
        draft = await unit.postmortems.get("INC-13")
    assert draft
    assert (draft.written_by, (await tocsin.incident()).classified_by) == ("rules", "rules")
    assert (await tocsin.say("dave", "/incident declare checkout is down")).refused == ""
    assert pipeline.orders == []


async def test_what_was_released_and_not_handed_over_does_not_go(tocsin: Tocsin):
    """Its card says why; when another has ended safe mode it is asked for anew, and goes."""
    pipeline = Pipeline()
    tocsin.deploys_by(pipeline)
    held = await tocsin.say("bob", "/rollback trino")
    await dispatched(tocsin, await tocsin.actor("carol"), "approval grant", str(held.approval))
    assert (await tocsin.say("alice", "/sm on the network is being moved")).refused == ""
    assert pipeline.orders == []
    told = "\n".join(one.text for one in await tocsin.room("incidents"))
    assert f"trino prod was not rolled back, nothing was done: {LINE}." in told
    own = await tocsin.say("alice", "/safe-mode off")
    assert (own.refused, "takes somebody else" in own.text) == ("not_allowed", True)
    erin = await tocsin.hire("erin", Role.ADMIN)
    guessed = erin.model_copy(update={"proven": False})
    reading = erin.model_copy(update={"scopes": frozenset({Scope.READ, Scope.WRITE})})
    for actor in (guessed, reading):
        assert await dispatched(tocsin, actor, "safe-mode off") == "not_allowed"
    await tocsin.advance(MINUTE)
    assert (await tocsin.press("erin", "⚠ Safe mode is on", "Turn it off")).refused == ""
    assert "Safe mode is off, by Erin" in (await tocsin.room("incidents"))[-1].text
    assert (await tocsin.say("erin", "/safe-mode off")).refused == "stale"
    kinds = [one.action for one in await tocsin.audited() if one.subject == "safe-mode"]
    assert kinds == ["safe_mode_on", "safe_mode_off"]
    again = await tocsin.say("bob", "/rollback trino")
    await tocsin.say("carol", f"/approval grant {again.approval}")
    assert [one.version for one in pipeline.orders] == ["v247"]


async def dispatched(tocsin: Tocsin, actor: Actor, command: str, approval: str = "") -> str:
    """Why a call over the API was refused; whose jobs are not carried out yet."""
    args = {"approval": approval} if approval else {}
    call = Call(command=command, args=args, actor=actor, origin=Origin(surface="api"))
    return (await tocsin.parts.dispatch(call)).refused


async def test_everybody_sees_that_it_is_on(tocsin: Tocsin):
    """On pages, in help, in the doctor's findings, on the cards and in the room of each chat."""
    slack = await connected(tocsin, "bob")
    await give_token(tocsin.parts.store, "alice", "alice", Scope.READ)
    await tocsin.say("bob", "/incident declare trino is slow service:trino")
    assert "Safe mode" not in await page(tocsin, "/")
    await tocsin.say("alice", ON)
    await tocsin.advance(MINUTE)
    for address in ("/", "/incidents/INC-13", "/chat"):
        assert f"<strong>{LINE}</strong>" in await page(tocsin, address)
    signing_in = await page(tocsin, "/login")
    assert ON_OPEN_PAGES in signing_in
    assert "network" not in signing_in, "strangers read neither why nor who"
    link = await letter_link(tocsin)
    assert ON_OPEN_PAGES in await page(tocsin, link)
    here = [one.text for one in await tocsin.room("incidents")]
    there = [one.text for one in slack.room("incidents")]
    for room in (here, there):
        (card,) = [text for text in room if "declared by" in text]
        assert "⚠ safe mode: no rollbacks, no model · " in card
        assert "Roll back" not in card
        assert sum("⚠ Safe mode is on" in text for text in room) == 1
    assert f"⚠ {LINE}" in (await tocsin.say("dave", "/help")).text
    assert "by Alice" in (await tocsin.say("dave", "/safe-mode")).text
    found = {one.area: one for one in await within(tocsin.parts)}
    assert (found["safe mode"].text, found["safe mode"].level) == (LINE, "warning")
    await tocsin.hire("erin", Role.COMMANDER)
    await tocsin.say("erin", "/safe-mode off")
    await tocsin.advance(MINUTE)
    here = [one.text for one in await tocsin.room("incidents")]
    there = [one.text for one in slack.room("incidents")]
    assert not any("⚠ safe mode" in text for text in (*here, *there))
    for address in ("/", "/login", link):
        assert "Safe mode" not in await page(tocsin, address)


async def letter_link(tocsin: Tocsin) -> str:
    """The address in the letter of Bob's page."""
    async with tocsin.looking() as unit:
        (first, *_) = await unit.pages.of("INC-13")
        return f"/a/{unit.pages.code(first.id)}"
