"""What browsers are sent: small, from here alone, readable by everybody, and whole."""

import gzip
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

from domain.base import Frozen
from domain.message import Input, Option, moment, spans
from domain.sentences import Sentence
from domain.timeline import TimelineEntry
from web.ack import AckPage
from web.assets import FOLDER as STATIC
from web.pages.alerts import AlertsPage, Odd
from web.pages.chat import ChatPage
from web.pages.frame import Frame, MenuItem
from web.pages.incident import Change, IncidentPage, Milestone, PageRow
from web.pages.incidents import IncidentsPage
from web.pages.models import (
    Action,
    ActionItemRow,
    AlertRow,
    Facet,
    IncidentRow,
    OnCallNow,
    Person,
)
from web.pages.now import Count, NowPage, Pending
from web.pages.oncall import Day, Gap, OnCallPage, PolicyCard, ScheduleCard, Shift
from web.pages.postmortem import PostmortemPage, Section
from web.pages.postmortems import PostmortemRow, PostmortemsPage
from web.problem import ErrorPage
from web.sessions import LoginPage
from web.templating import FOLDER as TEMPLATES
from web.templating import render, templates

STYLES = sorted(STATIC.glob("*.css"))
SCRIPTS = sorted(STATIC.glob("*.js"))
SPRITE = STATIC / "icons.svg"
KIB = 1024
NOW = datetime(2026, 11, 21, 2, 6, tzinfo=UTC)
BOB = Person(id="bob", name="Bob", role="responder")
FRAME = Frame(
    now=NOW,
    csrf="token",
    key="once",
    here="/",
    static="/static",
    theme="dark",
    menu=(MenuItem(id="incidents", url="/incidents", label="Incidents", icon="incident"),),
    active="incidents",
    open_incidents=2,
    user=BOB,
    demo=(BOB,),
)
NOTE = Action(
    label="Note…",
    button="v1:incident.note:INC-42",
    icon="note",
    key="n",
    inputs=(Input(name="text", label="Note", kind="multiline", required=True, hint="Words"),),
)
ACK = Action(label="Ack", button="v1:incident.ack:INC-42", key="a", confirm="Sure?")
INCIDENT = IncidentRow(
    id="INC-42",
    title="Trino queries fail",
    severity="SEV2",
    status="triggered",
    stage="triage",
    phase="investigating",
    service="trino",
    commander=BOB,
    declared_at=NOW,
    resolved_at=None,
    alerts=1,
    private=True,
    drill=True,
    waiting=spans("Carol is paged at ", moment(NOW)),
    actions=(NOTE, ACK),
)
ALERT = AlertRow(
    id="ALR-1",
    name="TrinoFails",
    summary="38 %",
    status="firing",
    severity="SEV2",
    service="trino",
    source="alertmanager",
    starts_at=NOW,
    ends_at=NOW,
    count=3,
    incident="INC-42",
    verdict="opened",
    reason="first of its kind",
    labels=(("job", "trino"),),
    url="https://prometheus.example.com",
)
FACT = TimelineEntry(
    id="f1", at=NOW, kind="note_added", by="bob", by_name="Bob", text="Bob noted: it is v248"
)
ITEM = ActionItemRow(id="ACT-1", text="x", owner=BOB, due=NOW, status="open", overdue=True)
ON_CALL = OnCallNow(schedule="web", people=(BOB,), until=NOW, next=BOB)
SHIFT = Shift(person=BOB, start=NOW, end=NOW, left=0, width=500, override=True)
FACET = Facet(
    name="status", label="Status", value="open", options=(Option(value="open", label="Open"),)
)
LIST: dict[str, Any] = {
    "query": "",
    "facets": (FACET,),
    "filtered": False,
    "next": "/incidents?c=1",
}
CLAIMS = (
    Sentence(text="It was v248.", cites=("f1",)),
    Sentence(text="Sure."),
    Sentence(text="Why?", question=True),
)
FULL: dict[str, Frozen] = {
    "now.html": NowPage(
        headline="INC-42 needs somebody",
        mood="alarm",
        incidents=(INCIDENT,),
        on_call=(ON_CALL, ON_CALL.model_copy(update={"people": ()})),
        pending=(Pending(kind="page", text="x", url="/", due=NOW, mine=True, actions=(ACK,)),),
        counts=(Count(label="firing now", value=3, url="/alerts", note="1 new"),),
        last=INCIDENT,
        actions=(NOTE,),
    ),
    "incidents.html": IncidentsPage(rows=(INCIDENT,), actions=(NOTE,), **LIST),
    "incident.html": IncidentPage(
        incident=INCIDENT,
        impact="38 % of queries fail",
        resolution="false_alarm",
        room="alerts-web",
        thread="m1",
        call_url="https://meet.example.com/INC-42",
        roles=(BOB,),
        responders=(BOB,),
        milestones=(Milestone(label="Acknowledged", at=NOW, took="6 min", fact="f1"),),
        changes=(Change(actions=(), text="trino v248", why="6 min before, same service"),),
        timeline=(FACT, FACT.model_copy(update={"redacted": "personal data"})),
        later="/incidents/INC-42?after=f1",
        alerts=(ALERT,),
        pages=(
            PageRow(person=BOB, state="acked", why="step 1", at=NOW, ended_at=NOW, rings=((),)),
        ),
        action_items=(ITEM,),
        postmortem="draft",
        actions=(NOTE, ACK),
        more=(NOTE,),
    ),
    "alerts.html": AlertsPage(
        rows=(ALERT,),
        odd=(Odd(told="A body was not understood", at=NOW, body="{}"),),
        hook="",
        received_at=NOW,
        **LIST,
    ),
    "oncall.html": OnCallPage(
        schedules=(
            ScheduleCard(
                id="web",
                name="Web",
                team="web",
                now=ON_CALL,
                why="rotation weekly",
                shifts=(SHIFT, SHIFT.model_copy(update={"person": None})),
                gaps=(Gap(start=NOW, end=NOW, lasts="4 h"),),
                asleep=("Bob is not wakeable: chat only.",),
                quality="Quality 100 of 100.",
                actions=(NOTE,),
            ),
        ),
        policies=(PolicyCard(name="web", steps=("At once: web",), actions=(NOTE,)),),
        days=(Day(left=0, label="Sat 21"),),
    ),
    "postmortems.html": PostmortemsPage(
        rows=(
            PostmortemRow(
                incident="INC-42",
                title="Trino",
                severity="SEV2",
                status="draft",
                resolved_at=NOW,
                written_by="rules",
                open_actions=1,
                owners=(BOB,),
            ),
        ),
        next=None,
    ),
    "postmortem.html": PostmortemPage(
        incident=INCIDENT,
        status="draft",
        written_by="rules",
        sections=(
            Section(anchor="s", title="Summary", parts=(CLAIMS,), points=False, actions=(NOTE,)),
            Section(anchor="w", title="Went well", parts=(CLAIMS, ()), points=True, actions=()),
        ),
        unproved=1,
        questions=1,
        timeline=(FACT,),
        action_items=(ITEM,),
        actions=(ACK,),
    ),
    "chat.html": ChatPage(people=(BOB,)),
    "login.html": LoginPage(error="That was wrong."),
    "error.html": ErrorPage(
        status=404, title="Not found", detail="There is none.", remedy="Look at the list."
    ),
    "ack.html": AckPage(
        state="open",
        headline="SEV2 trino",
        lines=("You are on call.",),
        person="Bob",
        can_pass="Can't: page Carol now",
    ),
}
NOTHING: dict[str, Any] = {
    "rows": (),
    "odd": (),
    "facets": (),
    "received_at": None,
    "hook": "http://x/hooks/y",
}


def packed(*texts: str) -> int:
    return sum(len(gzip.compress(text.encode(), 6)) for text in texts)


def shown(name: str, **more: Any) -> str:
    return render(name, FRAME, FULL[name].model_copy(update=more))


class Tags(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def test_first_load_is_small():
    """The heaviest page with everything it loads stays below 100 kB, each kind below its share."""
    html = max(packed(shown(name)) for name in FULL)
    css = packed(*(path.read_text() for path in STYLES))
    js = packed(*(path.read_text() for path in SCRIPTS))
    pictures = packed(*(path.read_text() for path in STATIC.glob("*.svg")))
    assert html <= 25 * KIB
    assert css <= 15 * KIB
    assert js <= 45 * KIB
    assert pictures <= 10 * KIB
    assert html + css + js + pictures <= 100_000


@pytest.mark.parametrize("name", FULL)
def test_pages_need_no_exception_from_the_policy(name):
    """No script, style or handler stands in a page; nothing is loaded from elsewhere."""
    for tag, attributes in Tags(shown(name)).found:
        assert tag != "style"
        assert tag != "script" or attributes["src"].startswith("/static/")
        assert not any(one == "style" or one.startswith("on") for one in attributes)
        for one in ("src", "action"):
            assert attributes.get(one, "/").startswith("/"), (tag, attributes)
        if tag != "a":
            assert attributes.get("href", "/").startswith("/"), (tag, attributes)


@pytest.mark.parametrize("path", [*STYLES, *SCRIPTS, *STATIC.glob("*.svg")], ids=lambda p: p.name)
def test_files_name_no_other_place(path):
    """Nothing is fetched from outside, and nothing is run that came as text."""
    text = path.read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|[\"'`(]//", text)
    assert not re.search(r"@import|\burl\(|\beval\(|new Function|\.style\b|data:image", text)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_modules_import_what_is_there(path):
    """Without a build step nobody else would notice a name that is gone."""
    for names, source in re.findall(r'import \{ ([^}]+) \} from "\./([\w.]+)"', path.read_text()):
        exported = (STATIC / source).read_text()
        for name in names.split(", "):
            assert re.search(rf"export (async )?(function|const|class) {name}\b", exported), name


def test_scripts_speak_only_the_known_api():
    """The pages use the contract's addresses and no others."""
    text = "".join(path.read_text() for path in SCRIPTS)
    assert set(re.findall(r'["`](/(?:console|api|ui)/[\w/]*)', text)) == {
        "/api/v1/commands",
        "/api/v1/live",
        "/console/api/",
        "/console/api/act",  # …-as
        "/console/api/clock",
        "/ui/command",
    }


@pytest.mark.parametrize("name", FULL)
def test_every_form_that_changes_something_carries_the_token(name):
    """Only the link in a page, which acts by its own code, has none."""
    forms = re.findall(r'<form[^>]*method="post".*?</form>', shown(name), re.DOTALL)
    assert all('name="csrf" value="token"' in form for form in forms) or name == "ack.html"


def test_pictures_that_are_used_are_drawn_and_the_other_way_round():
    """A missing icon is an empty square; one that nobody uses is weight."""
    macros = templates().get_template("_macros.html").make_module({"frame": FRAME})
    text = "".join(path.read_text() for path in TEMPLATES.glob("*.html"))
    chosen = {*macros.STATE_ICONS.values(), *macros.FACT_ICONS.values()}  # type: ignore[attr-defined]
    named = {f"sev{n}" for n in range(1, 6)} | {"acknowledged", "mitigated", "silenced"}
    menu = {"now", "incident", "alert", "oncall", "postmortem", "chat"}
    called = set(re.findall(r'icon\("(\w+)"(?! ~)', text))
    either = {
        word for pair in re.findall(r'icon\("(\w+)" if .*? else "(\w+)"', text) for word in pair
    }
    drawn = {one.get("id") for one in ElementTree.parse(SPRITE).getroot()}  # noqa: S314 - ours
    assert chosen | named | menu | called | either == drawn


@pytest.mark.parametrize(
    ("name", "taught"),
    [
        ("now.html", "No open incidents. Good."),
        ("incidents.html", "/incident declare"),
        ("alerts.html", "http://x/hooks/y"),
        ("oncall.html", "tocsin apply"),
        ("postmortems.html", "When a person resolves an incident"),
        ("error.html", "Look at the list."),
    ],
)
def test_empty_pages_say_what_to_do(name, taught):
    """Nothing to show is the moment to teach."""
    assert taught in shown(name, **NOTHING, incidents=(), schedules=(), filtered=False)


def test_ack_page_acts_without_script():
    """One form, two buttons, no link to the rest: it may be published alone."""
    tags = Tags(shown("ack.html")).found
    assert [one["value"] for tag, one in tags if tag == "button"] == ["ack", "pass"]
    assert not [tag for tag, _ in tags if tag in ("script", "a")]


# --- contrast, as WCAG 2.2 measures it

TOKEN = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
CHIP = re.compile(r'\.sev\[data-sev="(\d)"\] \{ color: light-dark\((#\w+), (#\w+)\)')
SHEET = (STATIC / "tocsin.css").read_text()
TOKENS = {name: (light, dark) for name, light, dark in TOKEN.findall(SHEET)}
GROUNDS = ("paper", "card", "sunk")
READ = [
    *((ink, ground) for ink in ("ink", "ink-2", "danger") for ground in GROUNDS),
    *((ink, ground) for ink in ("accent", "good") for ground in ("paper", "card")),
    *((ink, "soft") for ink in ("ink", "ink-2", "accent")),
    *((f"sev{n}", ground) for n in range(1, 6) for ground in ("paper", "card")),
    ("on-accent", "accent"),
    ("on-danger", "danger"),
    ("sev3", "sev3-soft"),
]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), READ)
def test_words_can_be_read(ink, ground, scheme):
    """AA for text of any size: 4.5 to 1, in the light and in the dark."""
    assert contrast(TOKENS[ink][scheme], TOKENS[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("level", range(1, 6))
def test_severities_can_be_read(level, scheme):
    """The word on the severity's own colour."""
    words = {number: colours for number, *colours in CHIP.findall(SHEET)}
    assert contrast(words[str(level)][scheme], TOKENS[f"sev{level}"][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "card"])
def test_fields_can_be_found(ground, scheme):
    """The edge of an input: 3 to 1."""
    assert contrast(TOKENS["edge"][scheme], TOKENS[ground][scheme]) >= 3


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    whole = colour if len(colour) == 7 else "#" + "".join(digit * 2 for digit in colour[1:])
    channels = (int(whole[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
