"""PagerDuty beside us, as one's method: an answer on either side stops both (rules.md 33)."""

from dataclasses import replace

import httpx2
import pytest
from pydantic import SecretStr

from bot.doctor import within
from bot.site import build_site
from tests.fakes.codes import code_in
from tests.fakes.conditions import MINUTE, SECOND, TRINO, condition
from tests.fakes.outside import connected
from tests.fakes.pagerduty_events import (
    BOBS_KEY,
    KEY,
    SECRET,
    FakePagerDuty,
    PagerDutyIncident,
    paging_there,
    refusal,
    webhook,
)
from tests.fakes.tocsin import Tocsin

CANARY = "zanzibar"


@pytest.fixture
async def there(tocsin: Tocsin):
    async with paging_there(tocsin) as pagerduty:
        yield pagerduty


async def own_service(tocsin: Tocsin, there: FakePagerDuty, key: str = "default") -> None:
    """Bob adds it, and types the code that arrives there."""
    await connected(tocsin, "bob")
    await tocsin.say("bob", f"/me contact add pagerduty {key}")
    (letter,) = there.incidents.values()
    assert letter.event["payload"]["severity"] == "info"
    code = code_in(str(letter.event))
    verified = await tocsin.say("bob", f"/me contact verify {code}")
    assert "is verified" in verified.text
    there.incidents.clear()


async def posted(
    tocsin: Tocsin, incident: PagerDutyIncident, kind: str, secret: str = SECRET
) -> int:
    """What PagerDuty's webhook brings."""
    parts = tocsin.parts
    signed = {"webhook_secrets": {"pagerduty": SecretStr(SECRET)}}
    settings = parts.settings.model_copy(update=signed)
    app = build_site(replace(parts, core=replace(parts.core, settings=settings)))
    body, signature = webhook(incident, kind, secret)
    headers = {"X-PagerDuty-Signature": signature, "Content-Type": "application/json"}
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as web:
        answer = await web.post("/hooks/pagerduty", content=body, headers=headers)
    await tocsin.settle()
    return answer.status_code


@pytest.mark.parametrize("kind", ["incident.acknowledged", "incident.resolved"])
async def test_an_answer_there_is_one_here(tocsin, there, kind):
    """Bob is wakeable; one incident there however often it rings, and none here comes of it."""
    await own_service(tocsin, there)
    assert (
        "Rung through Do Not Disturb by PagerDuty" in (await tocsin.say("bob", "/me contact")).text
    )
    await tocsin.fire(TRINO)
    await tocsin.advance(MINUTE)
    (ringing,) = there.open_ones
    assert (ringing.title, ringing.routing_key) == (
        "SEV2 38 % of queries fail on trino prod · INC-13",
        KEY,
    )
    assert "/a/" not in str(ringing.event)
    assert await posted(tocsin, ringing, "incident.triggered") == 202
    assert (await tocsin.incident()).responders == ()
    assert await posted(tocsin, ringing, kind, "another secret") == 401
    assert (await tocsin.incident()).responders == ()
    assert await posted(tocsin, ringing, kind) == 202
    assert (await tocsin.incident()).responders == ("bob",)
    assert ringing.status == "acknowledged"
    assert await tocsin.open_incidents() == ["INC-13"]
    await tocsin.advance(20 * MINUTE)
    assert (ringing.triggers, [page.user for page in await tocsin.pages()]) == (1, ["bob"])
    assert await posted(tocsin, ringing, kind) == 202


async def test_an_answer_here_is_one_there(tocsin, there):
    """An ack acknowledges, resolving resolves; where PagerDuty is down it is told later."""
    await own_service(tocsin, there, BOBS_KEY)
    await tocsin.fire(TRINO)
    await tocsin.advance(6 * MINUTE)
    (ringing,) = there.open_ones
    assert ringing.routing_key == BOBS_KEY
    tocsin.forgiven.add("show_page")
    there.answers = [refusal(503, "try later")]
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.advance(30 * SECOND)
    assert ringing.status == "acknowledged"
    await tocsin.say("alice", "/incident resolve INC-13 fixed")
    assert ringing.status == "resolved"


async def test_what_is_passed_on_rings_there_no_more(tocsin, there):
    """Somebody else is asked now."""
    await own_service(tocsin, there)
    await tocsin.fire(TRINO)
    await tocsin.advance(MINUTE)
    await tocsin.say("bob", "/page pass 13")
    assert there.open_ones == []


async def test_several_pages_are_one_incident_there(tocsin, there):
    """Its answer answers exactly these."""
    await own_service(tocsin, there)
    tocsin.settled(default_policy="data-platform")
    for number in range(3):
        await tocsin.fire(condition(f"shop-{number}", "critical"))
    await tocsin.advance(2 * MINUTE)
    first, listed = there.open_ones
    assert "INC-15" in str(listed.event)
    assert await posted(tocsin, listed, "incident.acknowledged") == 202
    assert (await tocsin.incident("INC-14")).responders == ("bob",)
    assert (await tocsin.incident("INC-15")).responders == ("bob",)
    assert (first.status, listed.status) == ("triggered", "acknowledged")


async def test_what_a_long_list_there_does_not_name_rings_on(tocsin, there):
    """An answer is for the twenty it names; it ends, so that it does not swallow the others."""
    await own_service(tocsin, there)
    tocsin.settled(default_policy="data-platform")
    for number in range(23):
        await tocsin.fire(condition(f"shop-{number}", "critical"))
    await tocsin.advance(2 * MINUTE)
    _, listed = there.open_ones
    assert await posted(tocsin, listed, "incident.acknowledged") == 202
    left = [one for one in await tocsin.open_incidents() if not (await tocsin.incident(one)).people]
    assert left == ["INC-13", "INC-34", "INC-35"]
    assert listed.status == "resolved"
    assert await posted(tocsin, listed, "incident.resolved") == 202
    assert not (await tocsin.incident("INC-35")).people


async def test_a_private_incident_leaves_nothing_but_its_number(tocsin, there):
    """Whoever reads there (rules.md 2); a key is kept in one place."""
    await own_service(tocsin, there, BOBS_KEY)
    await tocsin.say("alice", f"/incident declare {CANARY} leaked sev:1 private:yes")
    await tocsin.say("alice", f"/page @bob INC-13 {CANARY} again")
    there.answers = [refusal(429, f"{BOBS_KEY} sends too much")]
    tocsin.forgiven.add("ring_page")
    await tocsin.advance(2 * MINUTE)
    (ringing,) = there.open_ones
    assert ringing.title == "Private SEV1 incident INC-13, open to read"
    assert CANARY not in str(ringing.event)
    assert BOBS_KEY not in str([await tocsin.rings(), await tocsin.audited()])


async def test_what_has_no_secret_is_not_heard_and_doctor_says_so(tocsin, there):
    """A key of another shape is told apart at once."""
    answer = await tocsin.say("bob", "/me contact add pagerduty 1234")
    assert "that is no routing key of PagerDuty" in answer.text
    assert [one for one in await within(tocsin.parts) if "an ack there" in one.text] == []
    core = tocsin.parts.core
    given = core.settings.pagerduty.model_copy(
        update={"routing_key": SecretStr(KEY), "api_url": there.service.url}
    )
    settings = core.settings.model_copy(update={"pagerduty": given})
    told = replace(tocsin.parts, core=replace(core, settings=settings))
    (found,) = [one for one in await within(told) if "an ack there" in one.text]
    assert found.level == "warning"
