"""What pages post: the same calls as everywhere, answered with a page or as JSON."""

import re
from html import unescape

import httpx2
import pytest

from domain.buttons import button_id
from domain.facts import Entry
from storage.audit import Audit
from storage.facts import Facts
from storage.store import Store
from tests.fakes.company import CANARY
from tests.fakes.site import Site

HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}
NOTE = button_id("incident note", "INC-1")


async def form_of(browser: httpx2.AsyncClient, address: str, button: str) -> dict[str, str]:
    """The hidden fields of the page's form with this button."""
    page = (await browser.get(address)).text
    forms = re.findall(r"<form[^>]*>(.*?)</form>", page, re.DOTALL)
    inside = next(one for one in forms if f'value="{button}"' in one)
    fields = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', inside)
    return {name: unescape(value) for name, value in fields}


async def post(browser: httpx2.AsyncClient, fields: dict[str, str], **headers: str):
    return await browser.post("/ui/command", data=fields, headers=headers or None)


async def notes(store: Store, incident: str = "INC-1") -> list[Entry]:
    async with store.read() as unit:
        found = await Facts(unit.scope, Audit(unit.scope)).of(f"incident:{incident}")
    return [one for one in found if one.kind == "note_added" and one.text != "public words note"]


async def test_a_form_of_a_page_makes_the_call(browser: httpx2.AsyncClient, company: Store):
    """The answer is a page of its own, with the way back."""
    fields = await form_of(browser, "/incidents/INC-1", NOTE)
    answer = await post(browser, fields | {"values.text": "seen on worker 3"})
    assert answer.status_code == 200
    assert "Noted on INC-1." in answer.text
    assert 'href="/incidents/INC-1"' in answer.text
    assert [one.text for one in await notes(company)] == ["seen on worker 3"]


async def test_a_form_sent_twice_is_carried_out_once(browser: httpx2.AsyncClient, company: Store):
    """A reloaded answer, a double click; other words are another call."""
    fields = await form_of(browser, "/incidents/INC-1", NOTE) | {"values.text": "once"}
    first, again = await post(browser, fields), await post(browser, fields)
    assert (first.status_code, again.status_code) == (200, 200)
    await post(browser, fields | {"values.text": "other"})
    assert [one.text for one in await notes(company)] == ["once", "other"]


async def test_the_script_gets_the_answer_as_a_fragment(browser: httpx2.AsyncClient):
    """The same words as the page has, and as text for a short notice."""
    fields = await form_of(browser, "/incidents/INC-1", NOTE) | {"values.text": "hello"}
    told = (await post(browser, fields, **JSON)).json()
    assert told == {
        "html": "<p>Noted on INC-1.</p>",
        "text": "Noted on INC-1.",
        "refused": "",
        "location": None,
    }


async def test_what_is_missing_is_asked_for(browser: httpx2.AsyncClient, company: Store):
    """The answer holds a form that goes on without script: token, key and way back included."""
    fields = await form_of(browser, "/incidents/INC-1", NOTE)
    answer = await post(browser, fields)
    assert answer.status_code == 422
    asked = re.search(r'<form class="ask"[^>]*>(.*?)</form>', answer.text, re.DOTALL)
    assert asked
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', asked[1]))
    again = hidden | {"button": NOTE, "values.text": "now with words"}
    assert hidden["back"] == "/incidents/INC-1"
    assert (await post(browser, again)).status_code == 200
    assert [one.text for one in await notes(company)] == ["now with words"]


async def test_whoever_declares_is_taken_to_the_incident(browser: httpx2.AsyncClient):
    """Its page says more than an answer could."""
    fields = await form_of(browser, "/", "v1:incident.declare:")
    wish = fields | {"values.title": "checkout is slow", "values.severity": "SEV3"}
    answer = await post(browser, wish)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/incidents/INC-3")
    assert (await post(browser, wish, **JSON)).json()["location"] == "/incidents/INC-3"


async def test_a_typed_line_means_the_incident_whose_page_it_is_typed_on(
    browser: httpx2.AsyncClient, company: Store
):
    """As a room's own incident is meant in the room; elsewhere a write asks (rules.md 23)."""
    fields = await form_of(browser, "/incidents/INC-1", NOTE)
    typed = {"csrf": fields["csrf"], "line": "/incident note from the palette"}
    here = await post(browser, typed | {"back": "/incidents/INC-1"})
    elsewhere = await post(browser, typed | {"back": "/incidents"})
    assert (here.status_code, elsewhere.status_code) == (200, 200)
    assert "Note which?" in elsewhere.text
    assert [one.text for one in await notes(company)] == ["from the palette"]


async def test_a_question_is_answered_by_its_buttons(browser: httpx2.AsyncClient, company: Store):
    """The call that was kept for a button is carried out when it is pressed."""
    fields = await form_of(browser, "/incidents/INC-1", NOTE)
    typed = {"csrf": fields["csrf"], "line": "/incident note which one"}
    asked = (await post(browser, typed)).text
    made = re.findall(r'value="(c_\w+)"[^>]*>([^<]*INC-1[^<]*)<', asked)
    assert len(made) == 1
    answer = await post(browser, {"csrf": fields["csrf"], "button": made[0][0]})
    assert "Noted on INC-1." in answer.text
    assert [one.text for one in await notes(company)] == ["which one"]


@pytest.mark.parametrize(
    ("person", "button", "status"),
    [
        ("dave", "v1:incident.resolve:INC-1", 403),
        ("dave", "v1:incident.note:INC-2", 404),
        ("bob", "v1:incident.nothing:INC-1", 409),
        ("bob", "no button", 409),
        ("bob", "v1:incident.note:INC-99", 404),
    ],
)
async def test_a_refusal_is_told_and_changes_nothing(
    site: Site, person: str, button: str, status: int
):
    """Forged buttons pass the same gate as any call."""
    async with site.client(person, **HTML) as client:
        fields = {"button": button, "values.text": "words"}
        answer = await client.post("/ui/command", data=fields)
        assert answer.status_code == status
        assert CANARY not in answer.text


async def test_a_line_that_is_no_command_is_helped(browser: httpx2.AsyncClient):
    """Did-you-mean, not an error page."""
    csrf = (await form_of(browser, "/incidents/INC-1", NOTE))["csrf"]
    answer = await post(browser, {"csrf": csrf, "line": "/incident resolv"})
    assert "resolve" in answer.text
    assert (await post(browser, {"csrf": csrf, "line": " "})).status_code == 422


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", "/\\evil.example"])
async def test_the_way_back_stays_here(browser: httpx2.AsyncClient, back: str):
    """Nobody is sent elsewhere by a forged form."""
    csrf = (await form_of(browser, "/incidents/INC-1", NOTE))["csrf"]
    answer = await post(browser, {"csrf": csrf, "line": "/help", "back": back})
    themed = await browser.post("/ui/theme", data={"csrf": csrf, "theme": "dark", "back": back})
    assert "evil" not in answer.text
    assert themed.headers["Location"] == "/"


async def test_the_choice_of_light_or_dark_is_kept(browser: httpx2.AsyncClient):
    """By this browser; anything but the two goes back to what the system says."""
    csrf = (await form_of(browser, "/incidents/INC-1", NOTE))["csrf"]
    for theme, shown in (("dark", True), ("light", True), ("pink", False), ("dark", True)):
        fields = {"csrf": csrf, "theme": theme, "back": "/alerts?status=firing"}
        answer = await browser.post("/ui/theme", data=fields)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/alerts?status=firing")
        page = (await browser.get("/alerts")).text
        assert (f'<html lang="en" data-theme="{theme}"' in page) == shown


async def test_a_form_with_too_many_fields_is_refused(browser: httpx2.AsyncClient):
    """No form of ours has so many."""
    csrf = (await form_of(browser, "/incidents/INC-1", NOTE))["csrf"]
    many = {f"values.x{number}": "x" for number in range(60)}
    assert (await post(browser, {"csrf": csrf, "line": "/help"} | many)).status_code == 400
