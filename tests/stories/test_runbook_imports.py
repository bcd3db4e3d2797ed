"""Runbooks from elsewhere: taken over by command, suggested where an alert names them."""

from dataclasses import dataclass, replace

import pytest

from domain.checklist import ImportedPage, Step
from domain.errors import Permanent
from tests.fakes.tocsin import Tocsin

URL = "https://books.example.com/DiskFull.md"
BODY = {
    "name": "DiskFull",
    "status": "firing",
    "severity": "critical",
    "service": "orders",
    "summary": "The disk of orders is full",
    "annotations": {"runbook_url": URL},
}


@dataclass
class Web:
    """One page, as it stands now; None where it is gone."""

    text: str | None = "Look"

    async def page(self, url: str) -> ImportedPage:
        if self.text is None:
            raise Permanent("it answered 404")
        steps = (Step(words=self.text, commands="df -h"),)
        return ImportedPage(
            url=url, name="DiskFull.md", title="Disk full", body=self.text, steps=steps,
            sha256=self.text,
        )  # fmt: skip


@pytest.fixture
def web(tocsin: Tocsin) -> Web:
    """All of the web."""
    made = Web()
    worker = tocsin.parts.worker
    worker.ports = replace(worker.ports, pages=made)
    return made


@pytest.mark.both
async def test_a_page_becomes_a_checklist_and_is_suggested(tocsin: Tocsin, web: Web):
    """First the card links it, then it names ours; again updates it; what is refused says why."""
    await tocsin.deliver("generic", BODY)
    card = (await tocsin.say("bob", "/incident show INC-13")).text
    assert URL in card
    await tocsin.say("bob", f"/runbook import {URL} service:trino")
    said = [one.text for one in await tocsin.room("incidents")]
    assert "disk-full is taken over: Disk full, 1 step for people." in said[-1]
    shown = await tocsin.say("bob", "/incident show INC-13")
    assert "runbook: Disk full" in shown.text
    book = await tocsin.press("bob", shown, "Runbook")
    assert "1. Look (by hand)" in book.text
    assert f"from {URL}" in book.text
    web.text = "Look again"
    await tocsin.say("bob", f"/runbook import {URL}")
    assert "disk-full is changed" in (await tocsin.room("incidents"))[-1].text
    await tocsin.say("bob", f"/runbook import {URL}")
    assert "stands as it did" in (await tocsin.room("incidents"))[-1].text
    web.text = None
    await tocsin.say("bob", f"/runbook import {URL}")
    assert (await tocsin.room("incidents"))[-1].text == f"{URL} is not taken over: it answered 404."
    web.text = ""
    await tocsin.say("bob", "/runbook import https://books.example.com/other.md")
    assert "there is no text on it" in (await tocsin.room("incidents"))[-1].text
    assert (await tocsin.say("bob", "/runbook import file:///etc/passwd")).refused == "invalid"
    assert (await tocsin.say("bob", "/runbook import")).text.startswith("Name an address")
    assert (await tocsin.say("dave", f"/runbook import {URL}")).refused == "not_allowed"


async def test_what_alerts_of_a_private_incident_name_stays_there(tocsin: Tocsin, web: Web):
    """Rule 2: a runbook and where it is from are for everybody."""
    await tocsin.say("bob", "/incident declare keys leaked private sev:2")
    room = (await tocsin.incident("INC-13")).home_room
    assert room
    refused = await tocsin.say("bob", "/runbook import", room=room)
    assert refused.text.startswith("INC-13 is private and a runbook is not: type /runbook import")
    assert all(row.subject != "runbook:import" for row in await tocsin.audited())
