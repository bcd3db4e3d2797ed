"""The dashboard's pages: complete without script, and only what the reader may see and do."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import text

from domain.actor import Scope
from domain.freeze import Freeze
from domain.installation import Installation
from domain.severity import Severity
from storage.store import Store
from tests.fakes.company import CANARY, OUTSIDERS_OF_INC_2, ROLES
from tests.fakes.site import HOOKS, Site, give_hooks_token, give_token
from tests.fakes.stores import NOON, SYSTEM, StillClock
from tests.fakes.whole_site import whole_site_over
from web.pages.discovery import pages

HTML = {"Accept": "text/html"}
EXAMPLES = {"incident": "INC-1", "run": "RUN-1", "schedule": "data", "runbook": "look"}
ADDRESSES = sorted(one.path.format_map(EXAMPLES) for one in pages())
Reader = Callable[[str], httpx2.AsyncClient]


@pytest.fixture
def reader(site: Site) -> Reader:
    """A browser that shows somebody's token."""
    return lambda person: site.client(person, **HTML)


@pytest.fixture
async def dave(reader: Reader) -> AsyncIterator[httpx2.AsyncClient]:
    """The viewer's browser."""
    async with reader("dave") as client:
        yield client


async def test_a_page_is_a_file() -> None:
    """Pages are found, not listed; those of the menu stand in its order."""
    found = [one.name for one in pages() if one.menu]
    assert found == [
        "now", "incidents", "alerts", "oncall", "deployments", "postmortems", "runbooks", "chat",
    ]  # fmt: skip
    others = {
        "ai",
        "calendar",
        "incident",
        "link",
        "policies",
        "postmortem",
        "push",
        "run",
        "runbook",
    }
    assert {one.name for one in pages()} - set(found) == others


@pytest.mark.parametrize("address", ADDRESSES)
async def test_every_page_is_whole_without_script(reader: Reader, address: str) -> None:
    """A title, a heading, a menu that says where one is, and no style or script inside."""
    async with reader("alice") as client:
        answer = await client.get(address)
    page = answer.text
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "<h1" in page
    assert page.count('aria-current="page"') == 1
    assert re.search(r"<title>.+ · Tocsin</title>", page)
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! type=\"module\" src=)", page)


@pytest.mark.parametrize("person", [one for one in ROLES if one not in OUTSIDERS_OF_INC_2])
async def test_its_members_find_a_private_incident(reader: Reader, person: str) -> None:
    """The test below would pass for pages that show nothing at all."""
    async with reader(person) as client:
        for address in ("/", "/incidents", "/alerts", "/postmortems", "/incidents/INC-2"):
            assert CANARY in (await client.get(address)).text, address


@pytest.mark.parametrize("person", OUTSIDERS_OF_INC_2)
async def test_for_others_it_does_not_exist(reader: Reader, person: str) -> None:
    """Neither its words nor its number, on any page and in no count (rules.md 2)."""
    async with reader(person) as client:
        for address in [*ADDRESSES, "/incidents?q=canary", "/alerts?incident=INC-2"]:
            page = (await client.get(address)).text
            shown = page.replace('value="INC-2"', "").replace("incident=INC-2", "")
            assert CANARY not in shown, address
            assert "INC-2" not in shown, address
        assert 'aria-label="1 open"' in (await client.get("/")).text


@pytest.mark.parametrize("person", OUTSIDERS_OF_INC_2)
async def test_asked_for_by_name_it_is_as_if_there_were_none(reader: Reader, person: str) -> None:
    """The same page as for a number that was never given."""
    async with reader(person) as client:
        for rest in ("", "/postmortem"):
            hidden = await client.get(f"/incidents/INC-2{rest}")
            never = await client.get(f"/incidents/INC-9{rest}")
            assert (hidden.status_code, never.status_code) == (404, 404)
            assert told(hidden).replace("INC-2", "INC-9") == told(never)


async def test_who_is_not_signed_in_is_sent_to_sign_in(site: Site) -> None:
    """And comes back to where they wanted to go."""
    async with site.client(**HTML) as client:
        answer = await client.get("/incidents?status=open")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login?next=/incidents%3Fstatus%3Dopen"


async def test_a_browser_of_the_demo_is_somebody_at_once(company: Store) -> None:
    """No form stands between `make demo` and the first page."""
    company.installation = Installation(demo=True)
    site = whole_site_over(company, demo=True)
    async with site.client(**HTML) as client:
        answer = await client.get("/incidents", follow_redirects=True)
    assert answer.status_code == 200
    assert '<option value="alice" selected>Alice (admin, commander)</option>' in answer.text


async def test_a_guest_reads_nothing(site: Site, company: Store) -> None:
    """One sentence says whom to ask (rules.md 1)."""
    await give_token(company, "erin", "reads-not", Scope.WRITE)
    async with site.client("reads-not", **HTML) as client:
        answer = await client.get("/")
    assert answer.status_code == 403
    assert "may not read" in answer.text


@pytest.mark.parametrize(
    ("person", "offered", "withheld"),
    [
        ("dave", {"Note", "Catch me up"}, {"Ack", "Resolve", "Severity", "Cancel it"}),
        ("bob", {"Ack", "Update", "Resolve", "Severity"}, {"Cancel it", "Duplicate of"}),
        ("alice", {"Ack", "Resolve", "Cancel it", "Duplicate of"}, set()),
    ],
)
async def test_only_what_one_may_do_is_offered(
    reader: Reader, person: str, offered: set[str], withheld: set[str]
) -> None:
    """A button that would be refused is not there."""
    async with reader(person) as client:
        labels = buttons((await client.get("/incidents/INC-1")).text)
    assert offered <= labels
    assert not withheld & labels


async def test_an_incident_shows_what_happened_around_it(dave: httpx2.AsyncClient) -> None:
    """Its timeline with anchors, its alerts with reasons, pages with why, the change before it."""
    page = (await dave.get("/incidents/INC-1")).text
    assert re.search(r'<li id="fact-\w{26}" data-kind="note_added"', page)
    assert "public words reason" in page
    assert "public words why" in page
    assert "trino v248" in page
    assert "6 min, same service" in page
    assert "/chat?room=inc-1" in page
    assert "public words follow-up" in page


async def test_what_a_model_proposes_is_a_button(company: Store, reader: Reader) -> None:
    """For those who may set a severity; the rules' own stands until somebody presses it."""
    async with company.write(SYSTEM) as unit:
        incident = await unit.incidents.need("INC-1")
        await unit.incidents.save(incident.model_copy(update={"proposed": Severity.SEV1}))
    pressed = 'value="v1:incident.severity:INC-1,SEV1"'
    async with reader("bob") as client:
        assert pressed in (await client.get("/incidents/INC-1")).text
    async with reader("dave") as client:
        assert pressed not in (await client.get("/incidents/INC-1")).text


async def test_a_sentence_leads_to_its_evidence(dave: httpx2.AsyncClient) -> None:
    """Every citation of the postmortem is an entry of the timeline on the same page."""
    page = (await dave.get("/incidents/INC-1/postmortem")).text
    cited = re.findall(r'href="#(fact-\w+)"[^>]*aria-label="evidence', page)
    assert cited
    assert all(f'id="{one}"' in page for one in cited)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=trino", True),
        ("status=open&severity=SEV2", True),
        ("service=kafka", False),
        ("status=resolved", False),
        ("mine=yes", False),
        ("severity=", True),
        ("utm_source=mail", True),
    ],
)
async def test_incidents_are_filtered_by_the_address(
    dave: httpx2.AsyncClient, query: str, shown: bool
) -> None:
    """What is empty or unknown asks for nothing."""
    page = (await dave.get(f"/incidents?{query}")).text
    assert ('id="INC-1"' in page) == shown
    assert ("No incident fits." in page) != shown


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=public", True),
        ("status=firing&severity=SEV1&service=trino", True),
        ("verdict=opened", True),
        ("verdict=silenced", False),
        ("status=resolved", False),
    ],
)
async def test_alerts_are_filtered_by_the_address(
    dave: httpx2.AsyncClient, query: str, shown: bool
) -> None:
    """As incidents are, and by what was done with them."""
    page = (await dave.get(f"/alerts?{query}")).text
    assert ('id="ALR-1"' in page) == shown


@pytest.mark.parametrize("address", ["/incidents?severity=SEV9", "/alerts?verdict=maybe"])
async def test_an_address_that_cannot_be_is_refused(dave: httpx2.AsyncClient, address: str) -> None:
    """A sentence says what may stand there; nothing is shown that was not asked for."""
    answer = await dave.get(address)
    assert answer.status_code == 422
    assert "The address asks for something else" in answer.text


async def test_older_incidents_are_a_link_away(reader: Reader, site: Site) -> None:
    """The link keeps the filter and goes on where this part ended."""
    async with reader("bob") as client:
        for number in range(50):
            line = {"line": f"/incident declare number {number} sev:4"}
            await client.post("/api/v1/commands", json=line)
        first = (await client.get("/incidents?status=open")).text
        found = re.search(r'href="(/incidents\?status=open&amp;cursor=\d+)"', first)
        assert found
        rest = (await client.get(found[1].replace("&amp;", "&"))).text
    assert 'id="INC-1"' in rest
    assert 'id="INC-1"' not in first


async def test_before_the_first_alert_its_page_says_how_to_send_one(
    site: Site, company: Store, reader: Reader
) -> None:
    """With this installation's own address; later it says when the last one came."""
    async with company.write(SYSTEM) as unit:
        await unit.scope.connection.execute(text("DELETE FROM alerts"))
    await give_hooks_token(company)
    async with reader("dave") as client:
        empty = (await client.get("/alerts")).text
        async with site.client(HOOKS) as sender:
            await sender.post("/hooks/generic", json={"name": "x", "status": "firing"})
        later = (await client.get("/alerts")).text
    hook = f"{company.installation.public_url}/hooks/alertmanager"
    assert hook in empty
    assert "Waiting for the first event" in empty
    assert "Waiting for the first event" not in later
    assert company.clock.now().isoformat() in later


async def test_a_delivery_to_look_at_is_shown(site: Site, company: Store, reader: Reader) -> None:
    """A body that was not understood, to those who work on alerts and without what is secret in
    it; and how many alerts a sender left out."""
    await give_hooks_token(company)
    strange = {"<b>shape</b>": "unheard of", "password": "hunter2-hunter2"}
    short = {"version": "4", "groupKey": "g", "truncatedAlerts": 3, "alerts": []}
    async with site.client(HOOKS) as sender:
        for body in (strange, short):
            assert (await sender.post("/hooks/alertmanager", json=body)).status_code == 202
    async with reader("bob") as client:
        worker = (await client.get("/alerts")).text
    async with reader("dave") as client:
        viewer = (await client.get("/alerts")).text
    for page in (worker, viewer):
        assert "was not understood: it is kept as it came" in page
        assert "left 3 alerts out: raise its limit (max_alerts)" in page
        assert "hunter2" not in page
    assert "&lt;b&gt;shape&lt;/b&gt;" in worker
    assert "unheard of" not in viewer


async def test_who_is_on_call_until_when_and_who_is_next(dave: httpx2.AsyncClient) -> None:
    """With the policy in words; a viewer is offered no override."""
    page = (await dave.get("/oncall")).text
    assert re.search(r"Carol</span>.*until.*then Bob", page, re.DOTALL)
    assert "At once: whoever is on call for data" in page
    assert "Override" not in buttons(page)


async def test_gaps_of_two_weeks_are_named(company: Store, reader: Reader, site: Site) -> None:
    """A schedule that ends leaves nobody, and the page says so."""
    async with company.write(SYSTEM) as unit:
        schedule = await unit.catalog.schedules.need("data")
        layer = schedule.layers[0].model_copy(update={"ends": NOON + timedelta(days=2)})
        await unit.catalog.schedules.put(schedule.model_copy(update={"layers": (layer,)}))
    async with reader("bob") as client:
        page = (await client.get("/oncall")).text
    assert "Nobody for 11 d 12 h" in page
    assert "Override" in buttons(page)


async def test_a_lead_sees_whom_no_page_would_wake(reader: Reader) -> None:
    """Others do not: it is theirs to change, not everybody's to know."""
    async with reader("alice") as client:
        assert "Bob and Carol are not wakeable: chat only" in (await client.get("/oncall")).text
    async with reader("dave") as client:
        assert "not wakeable" not in (await client.get("/oncall")).text


async def test_what_runs_where_is_one_table(company: Store, reader: Reader) -> None:
    """Each service and environment, what goes on there, what is frozen; then the history."""
    async with company.write(SYSTEM) as unit:
        deployments = unit.catalog.deployments
        ran = await deployments.need("DEP-1")
        more = (("DEP-2", "v249", "staging", "in_progress"), ("DEP-3", "v250", "prod", "failure"))
        for number, (name, version, where, status) in enumerate(more, 2):
            its: dict[str, object] = {"id": name, "number": number, "version": version}
            its |= {"environment": where, "status": status, "started_at": unit.now}
            await deployments.add(ran.model_copy(update=its))
        frozen = Freeze(id="", service="trino", by="bob", why="<moving>", starts_at=unit.now)
        await unit.freezes.begin(frozen)
    async with reader("bob") as client:
        page = (await client.get("/deployments")).text
        only = (await client.get("/deployments?environment=staging")).text
    assert page.index('scope="col">staging') < page.index('scope="col">prod')
    frost = "trino in prod is frozen: &lt;moving&gt;"
    assert [
        one for one in ("v248", "v249", "in progress", "failure", frost) if one not in page
    ] == []
    assert "What runs where" not in only
    assert ('id="DEP-2"' in only, 'id="DEP-1"' in only) == (True, False)


async def test_before_the_first_deployment_its_page_says_how_to_tell(
    company: Store, reader: Reader
) -> None:
    """With the address to send to."""
    async with company.write(SYSTEM) as unit:
        await unit.scope.connection.execute(text("DELETE FROM deployments"))
    async with reader("dave") as client:
        assert "/hooks/generic" in (await client.get("/deployments")).text


async def test_now_says_what_waits_for_the_reader_first(reader: Reader) -> None:
    """Their own unanswered page, with its button; others read whose answer is awaited."""
    async with reader("bob") as client:
        mine = (await client.get("/")).text
    async with reader("carol") as client:
        theirs = (await client.get("/")).text
    assert "You are paged for INC-1 and INC-2" in mine
    assert "Bob has not answered for INC-1" in theirs
    assert "v1:page.ack:" in mine
    assert "v1:page.ack:" not in theirs


async def test_a_chat_that_is_down_stands_on_now(company: Store, reader: Reader) -> None:
    """For everybody; what a chat refuses, for the admins who can put it right."""
    company.installation = Installation(platforms=("slack", "console"))
    async with company.write(SYSTEM) as unit:
        await unit.outages.lost("slack", "no answer")
        await unit.refusals.note("slack", "person:bob", "channel_not_found")
    async with reader("dave") as client:
        theirs = (await client.get("/")).text
    async with reader("alice") as client:
        admins = (await client.get("/")).text
    assert "Slack has not answered since 12:00 UTC" in theirs
    assert "Slack refuses" not in theirs
    assert "Slack refuses Bob: channel_not_found" in admins


async def test_a_late_update_stands_on_now(company: Store, dave: httpx2.AsyncClient) -> None:
    """From the minute on which it was due."""
    assert "an update is late" not in (await dave.get("/")).text
    async with company.write(SYSTEM) as unit:
        incident = await unit.incidents.need("INC-1")
        due = incident.model_copy(update={"next_update_at": unit.now})
        await unit.incidents.save(due)
    clock = company.clock
    assert isinstance(clock, StillClock)
    clock.move(minutes=1)
    assert "an update is late" in (await dave.get("/")).text


async def test_when_nothing_is_open_it_says_so(reader: Reader) -> None:
    """And names the last one."""
    async with reader("bob") as client:
        for number in (1, 2):
            line = {"line": f"/incident resolve INC-{number} rolled back"}
            await client.post("/api/v1/commands", json=line)
        page = (await client.get("/")).text
    assert re.search(r"<h1>.*All quiet</h1>", page)
    assert f"INC-2 {CANARY} payroll leaked" in page


@pytest.mark.parametrize("address", ADDRESSES)
async def test_every_icon_is_drawn(reader: Reader, address: str) -> None:
    """A state of which nobody drew an icon would leave a hole."""
    async with reader("alice") as client:
        page = (await client.get(address)).text
        sprite = (await client.get("/static/icons.svg")).text
    used = set(re.findall(r'icons\.svg#([\w-]+)"', page))
    assert used
    assert used <= set(re.findall(r'<symbol id="([\w-]+)"', sprite))


async def test_alert_text_never_becomes_markup(reader: Reader) -> None:
    """What people and senders write is text on every page."""
    async with reader("bob") as client:
        line = {"line": "/incident declare <img src=x onerror=alert(1)> & {{ 7 * 7 }}"}
        declared = (await client.post("/api/v1/commands", json=line)).json()
        for address in ("/", "/incidents", f"/incidents/{declared['data']['id']}"):
            page = (await client.get(address)).text
            assert "&lt;img src=x onerror=alert(1)&gt; &amp; {{ 7 * 7 }}" in page
            assert "<img src=x" not in page


def told(answer: httpx2.Response) -> str:
    """An error page without what differs between requests."""
    return re.sub(r"request <code>\w+</code>", "", answer.text)


def buttons(page: str) -> set[str]:
    """The labels of everything that can be pressed, without dots and keys."""
    found = re.findall(r"<(?:button|summary)\b[^>]*>(.*?)</(?:button|summary)>", page, re.DOTALL)
    words = (re.sub(r"<kbd.*?</kbd>|<[^>]+>", "", one) for one in found)
    return {one.strip().rstrip("…") for one in words}


async def test_a_runbook_says_what_it_does_and_where_it_is_from(reader: Reader) -> None:
    """Its steps to the letter, what it is told, its source; what a reader may do is offered."""
    async with reader("bob") as client:
        page = (await client.get("/runbooks/look")).text
        assert (await client.get("/runbooks/none")).status_code == 404
    for told in (
        "uptime", "${host}", "Only where", "host is trino-1", "Undone by", "a: A",
        "run the runbook rest", "Which worker", "https://example.com/look.md", "abababababab",
        "Run…", "What it would do…", "Read the page again",
    ):  # fmt: skip
        assert told in page
    async with reader("dave") as client:
        assert "Read the page again" not in (await client.get("/runbooks/look")).text
