"""Every kind of message Tocsin shows, holding any text: what each platform must render."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

from hypothesis import strategies as st

from commands.discovery import registry
from domain.announcement import announcement
from domain.approval import Approval, Held, hash_of
from domain.approval_card import ApprovalView, approval_card, approval_review
from domain.bundle import SHOWN
from domain.bundle_card import Addresses, BundleRow, BundleView, bundle_card, bundle_letter
from domain.call import Origin
from domain.catchup import written
from domain.deploy_event import DeployEvent
from domain.deployment import Deployment
from domain.deployment_card import Difference, deployment_card, difference_card
from domain.derive import form
from domain.facts import Entry
from domain.guard import Approver, Guard
from domain.incident import Incident, Status
from domain.incident_card import IncidentView, incident_card
from domain.message import (
    Actions,
    Button,
    Code,
    Context,
    Divider,
    FieldPair,
    Fields,
    Header,
    Image,
    Message,
    Node,
    Option,
    Progress,
    ProgressStep,
    Select,
    Span,
    Table,
    Text,
    bold,
    code,
    link,
    mention,
    moment,
)
from domain.outage import ChatState
from domain.outage_card import (
    Refused,
    back_line,
    back_notice,
    down_notice,
    moved_line,
    refusal_notice,
)
from domain.page_card import PageView, page_card, page_letter
from domain.paging import Page
from domain.plan import Plan
from domain.postmortem import Postmortem, TimelineRow
from domain.postmortem_card import (
    HEAD,
    MOST_SHOWN,
    SECTIONS,
    file_note,
    section_card,
    waiting_letter,
)
from domain.probe import Probe
from domain.rollback import Rollback
from domain.rollback_card import RollbackView, rollback_card
from domain.rollback_jobs import PARTS
from domain.runbook_suggestion import Suggestion
from domain.safe_mode import SafeMode, safe_mode_card, safe_mode_ended
from domain.severity import Severity
from domain.storm_card import Storm, storm_card
from domain.suspects import HitRate, Suspect, suspects_card
from domain.told import AskedView, asked_card, webhook_letter
from tests.fakes.people_views import people
from tests.fakes.runbook_views import runbooks

STATES = ("queued", "running", "done", "failed", "unknown")
VERDICTS = ("watching", "good", "bad", "kept", "undone", "overtaken")
WEB = "https://tocsin.example.com"
AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CORPUS = Path(__file__).parents[3] / "shared" / "data" / "hostile" / "hostile_strings.jsonl"
TRICKS = (
    "",
    "<!channel> <!here> <@U1> <#C1>",
    "@everyone @here <@1> <@&1> <#1>",
    "<at>General</at> **bold** [click](https://evil.example) ![x](https://evil.example/x.png)",
    "*a* _b_ ~c~ `d` ```e``` > f\n# g\n- h\n||i||",
    "https://evil.example/?q=1 javascript:alert(1) <https://evil.example|pay>",
    "\u202egnp.exe \u200b\u200d\ufeff \u2066x\u2069",
    "👩‍👩‍👧‍👦" * 40,
    "{{DATE(2026-01-01T00:00:00Z,SHORT)}} ${x} {x}",
    "x" * 100_000,
    "line\n" * 3_000,
)


def corpus() -> list[str]:
    """The handed-out hostile strings; none where they are not there."""
    if not CORPUS.exists():
        return []
    return [json.loads(line)["s"] for line in CORPUS.read_text().splitlines()]


def views(said: str) -> Iterator[tuple[str, Message]]:
    """Every view by name, with ``said`` wherever somebody's words can stand."""
    incident = _incident(said)
    yield "incident", incident_card(_incident_view(said, incident))
    closed = incident.model_copy(update={"status": Status.RESOLVED, "resolution": "fixed"})
    yield "incident resolved", incident_card(_incident_view(said, closed))
    asked = AskedView(incident=incident, step=said, following=said, at=incident.declared_at)
    yield "channel asked", asked_card(asked)
    yield "channel answered", asked_card(asked.model_copy(update={"taken_by": said}))
    yield "webhook letter", webhook_letter(asked, f"{WEB}/i")
    yield "page", page_card(_page_view(said, incident))
    yield "letter", page_letter(_page_view(said, incident), f"{WEB}/a/c", f"{WEB}/i")
    yield "page of a private incident", page_card(_page_view(said, _private(incident)))
    for name, view in _bundles(said, incident):
        yield f"bundle {name}", bundle_card(view)
    addresses = {f"p{n}": Addresses(f"{WEB}/a/c", f"{WEB}/i") for n in range(SHOWN)}
    yield "bundle letter", bundle_letter(next(_bundles(said, incident))[1], addresses)
    yield "update", announcement(incident, _entry(said), {"bob": said[:60]})
    for status in ("pending", "denied", "executed"):
        yield f"approval {status}", approval_card(_approval_view(said, status))
    yield "approval under review", approval_review(_approval_view(said, "pending"))
    yield from _rollbacks(said)
    change = _change(said)
    yield "deployment", deployment_card(change, (_word(said),))
    found = Suspect(deployment=change, why="6 min, same service", near=True)
    yield "suspects", suspects_card((found,), "INC-42", HitRate(hits=2, judged=3))
    difference = Difference(change, change, (change,))
    yield "difference", difference_card(difference, f"{WEB}/compare/a...b")
    postmortem = _postmortem(said)
    for section in (HEAD, *SECTIONS):
        yield f"postmortem {section}", section_card(postmortem, section)
    yield "postmortem waits", waiting_letter("INC-42", WEB)
    yield "postmortem file", file_note("INC-42", WEB, said[:MOST_SHOWN])
    storm = tuple(incident.model_copy(update={"id": f"INC-{n}"}) for n in range(12))
    yield "storm", storm_card(Storm(id="01m7yzmhg03hd76abj4v9zjmxm", incidents=storm, url=WEB))
    yield "catch-up", written("INC-42", (said[:1000], said[:1000]), said[:60] or "a model")
    yield from people(said, incident)
    yield from runbooks(said)
    yield from _outages(said, incident)
    mode = SafeMode(by="bob", name=said[:60] or "Bob", since=AT, why=said[:200] or "moving")
    yield "safe mode", safe_mode_card(mode)
    yield "safe mode over", safe_mode_ended(mode, said[:60] or "Carol")
    yield "everything", everything(said)


def _outages(said: str, incident: Incident) -> Iterator[tuple[str, Message]]:
    state = ChatState(platform="slack", up=False, since=AT, error=said[:500])
    refused = tuple(Refused(name=said[:60], error=said[:200]) for _ in range(12))
    yield "chat down", down_notice(state, (incident, _private(incident)), WEB, "Europe/Berlin")
    yield "chat back", back_notice(state, AT - timedelta(hours=3), "Europe/Berlin")
    yield "chat refuses", refusal_notice("teams", refused)
    yield "room back", back_line("discord", AT, AT, f"{WEB}/incidents/INC-42")
    yield "room moved", moved_line("slack", said[:80] or "inc-42")


def forms() -> Iterator[tuple[str, Message]]:
    """The form of every command."""
    for name, command in registry().commands.items():
        yield name, Message(nodes=(form(command, {}, {}),))


def everything(said: str) -> Message:
    """One message with every kind of node and span."""
    short = said[:60] or "x"
    spans = (
        Span(text=said),
        bold(said),
        code(said),
        link(said or "x", "https://example.com/a?b=c"),
        mention("bob", short),
        moment(AT),
    )
    nodes: tuple[Node, ...] = (
        Header(text=said, tone="danger"),
        Text(spans=spans),
        Fields(fields=tuple(FieldPair(label=short, value=(Span(text=said),)) for _ in range(10))),
        Context(spans=spans),
        Divider(),
        Image(url="https://example.com/a.png", alt=short),
        Progress(steps=(ProgressStep(name=short, state="running"),), percent=40),
        Table(head=("a", "b"), rows=tuple((said[:200], short) for _ in range(30))),
        Code(text=said),
        Select(id="v1:page.notours:1", name="to", label=short, options=_options(short)),
        Actions(buttons=_buttons(short, 5), more=_buttons(short, 6)),
    )
    return Message(nodes=nodes)


def texts() -> st.SearchStrategy[str]:
    """Empty, short, hostile and very long."""
    return st.one_of(st.sampled_from(TRICKS), st.text(max_size=300))


def _approval_view(said: str, status: str) -> ApprovalView:
    held = Held(
        command="rollback start",
        args={"service": said},
        by="bob",
        scopes=frozenset(),
        origin=Origin(surface="console"),
    )
    plan = Plan(title=f"roll back {said}", text=said, preview=said)
    guard = Guard(id="g", command="rollback start", approvers=(Approver(kind="team", id=said),))
    approval = Approval.model_validate(
        {
            "id": "APR-1", "number": 1, "held": held, "line": said, "plan": plan,
            "plan_hash": hash_of(held, plan, guard), "guard": guard, "incident": "INC-42",
            "status": status, "reason": said, "asked_at": AT, "expires_at": AT, "ended_at": AT,
            "ended_by": "bob",
        }
    )  # fmt: skip
    return ApprovalView(
        approval=approval, names={"bob": said[:60]}, mentioned=("carol",), glass=True
    )


def _rollbacks(said: str) -> Iterator[tuple[str, Message]]:
    """Each card in each state, and in whatever the watching came to."""
    for state, part, verdict in product(STATES, PARTS, VERDICTS):
        if state != "done" and verdict != "watching":
            continue
        view = RollbackView(
            rollback=_rollback(said, state, verdict),
            now=AT,
            names={"bob": said[:60]},
            meanwhile=(f"{said[:40]} (DEP-15, by github)",),
        )
        if card := rollback_card(view, part):
            yield f"rollback {state} {part} {verdict}", card


def _rollback(said: str, state: str, verdict: str) -> Rollback:
    probe = Probe(url="https://trino.example.com/v1/info")
    watched = {
        "since": AT, "until": AT, "fired": 14, "probes": (probe,), "verdict": verdict,
        "look": {"firing": 1, "anew": (said,), "failing": (said,)}, "why": said, "by": "bob",
        "decided_at": AT, "warned": verdict == "bad",
    }  # fmt: skip
    return Rollback.model_validate(
        {
            "id": "DEP-14", "replaces": "DEP-13", "service": "trino", "environment": "prod",
            "bad": said, "good": said, "by": "bob", "released_at": AT, "began_at": AT,
            "ended_at": AT, "took": timedelta(seconds=98), "pipeline": said, "state": state,
            "detail": said, "asked": {"said": said, "url": f"{WEB}/runs/31"},
            "undo": "c_01m7yzmhg03hd76abj4",
            "verification": watched if state == "done" else None,
        }
    )  # fmt: skip


def _options(label: str) -> tuple[Option, ...]:
    return tuple(Option(value=f"o{number}", label=label[:75]) for number in range(25))


def _buttons(label: str, count: int) -> tuple[Button, ...]:
    ids = (f"v1:incident.show:INC-{number}" for number in range(count))
    return tuple(Button(id=one, label=label[:75], confirm=label) for one in ids)


def _incident(said: str) -> Incident:
    return Incident(
        id="INC-42",
        number=42,
        title=said[:300] or "x",
        stage="active",
        severity=Severity.SEV1,
        service=said[:100] or None,
        impact=said[:4000],
        source=said[:100] or "alertmanager",
        correlation_id="c",
        responders=("bob",),
        detected_at=AT,
        impact_started_at=AT,
        declared_at=AT,
        next_update_at=AT + timedelta(minutes=30),
        home_room="C42",
        home_name="inc-42",
    )


def _private(incident: Incident) -> Incident:
    return incident.model_copy(update={"private": True})


def _change(said: str) -> Deployment:
    return Deployment(
        id="DEP-1",
        number=1,
        service=said[:100] or "trino",
        environment="prod",
        version=said[:100] or "v248",
        status="success",
        started_at=AT - timedelta(minutes=9),
        finished_at=AT - timedelta(minutes=6),
        source="github",
    )


def _word(said: str) -> DeployEvent:
    return DeployEvent(
        source="github",
        integration="github/signed",
        key="7",
        component=said[:100] or "acme/trino",
        version=said[:100] or "v248",
        status="success",
        at=AT,
    )


def _runbook(said: str) -> Suggestion | None:
    """Of ours, or a page elsewhere."""
    if len(said) % 2:
        return Suggestion(title=said[:200], url="https://example.com/runbooks/disk", why="named")
    return Suggestion(title=said[:200], id="trino-5xx", why="its title fits") if said else None


def _incident_view(said: str, incident: Incident) -> IncidentView:
    return IncidentView(
        incident=incident,
        names={"bob": said[:60]},
        alerts=14,
        firing=3,
        suspect=Suspect(deployment=_change(said), why="6 min, same service", near=True),
        runbook=_runbook(said),
        url="http://127.0.0.1:8000/incidents/INC-42",
    )


def _page_view(said: str, incident: Incident) -> PageView:
    page = Page(
        id="p1",
        incident=incident.id,
        user="bob",
        escalation="e1",
        step=0,
        urgency="high",
        why=said[:300] or "on call",
        next=said[:60] or "Carol",
        next_at=AT + timedelta(minutes=5),
        created_at=AT,
    )
    return PageView(
        page=page,
        incident=incident,
        zone="Europe/Berlin",
        alerts=14,
        change=_change(said),
        runbook=said[:200] or None,
    )


def _bundles(said: str, incident: Incident) -> Iterator[tuple[str, BundleView]]:
    """As many pages as are listed, of which some have ended; then one; then none."""
    page = _page_view(said, incident).page
    names = [f"p{number}" for number in range(SHOWN)]
    rows = [
        BundleRow(page=page.model_copy(update={"id": name}), incident=incident) for name in names
    ]
    yield "full", BundleView(bundle="s1", k=0, rows=tuple(rows), more=7)
    acked = page.model_copy(update={"state": "acked", "ended_by": "carol"})
    taken = BundleRow(page=acked, incident=_private(incident), ended_by=said[:60])
    yield "of one", BundleView(bundle="s1", k=3, rows=(rows[0], taken))
    yield "answered", BundleView(bundle="s1", k=0, rows=(taken, taken))


def _entry(said: str) -> Entry:
    return Entry(
        id="f1",
        subject="incident:INC-42",
        at=AT,
        kind="update_posted",
        version=1,
        by="bob",
        payload={"phase": "fixing", "status": "acknowledged"},
        text=said[:4000],
    )


def _postmortem(said: str) -> Postmortem:
    words = {name: said[:4000] for name in ("summary", "impact", "detection", "resolution")}
    lists = {name: (said[:1000],) for name in ("went_well", "went_wrong", "lucky")}
    row = TimelineRow(at=AT, text=said[:1000], fact="f1")
    return Postmortem.model_validate(
        {
            "incident": "INC-42",
            "written_by": "rules",
            "timeline": (row,) * 40,
            "contributing_factors": (said[:1000],),
            "action_items": (),
            "claims": (),
        }
        | words
        | lists
    )
