"""New messages in an incident's room: only what people must not miss."""

from collections.abc import Mapping
from datetime import timedelta

from domain.account import CALLED, way_called
from domain.base import Frozen
from domain.buttons import button
from domain.errors import Permanent
from domain.facts import Entry
from domain.incident import Incident
from domain.incident_card import ICONS
from domain.incident_facts import RoomTold
from domain.message import Actions, Header, Message, Node, Span, Spans, Text, mention, spans
from domain.news import NEWS
from domain.paging import EscalationExhausted, Page, Ring
from domain.relay import MENTION
from domain.timeline import sentence

UNANSWERED = ("escalation_stepped", "escalation_exhausted")
MOST_TOLD = 4
SHORT = {"voice": "call"}
MINUTE = timedelta(minutes=1)


class Asked(Frozen):
    """The pages of an incident, and the rings of each by its id."""

    pages: tuple[Page, ...] = ()
    rings: dict[str, tuple[Ring, ...]] = {}


NOBODY = Asked()


def announcement(
    incident: Incident, entry: Entry, names: Mapping[str, str], asked: Asked = NOBODY
) -> Message:
    """``entry`` as a message of its own; ``asked`` is needed where nobody answered.

    Raises `Permanent` for what is no news.
    """
    if entry.kind not in NEWS:
        raise Permanent(f"{entry.kind} is no news: it belongs on the card")
    if entry.kind == RoomTold.kind:
        return Message(nodes=(Text(spans=_named(sentence(entry, names), names)),))
    news = NEWS[entry.kind]
    head = f"{ICONS[incident.severity]} {incident.id} · {news.title}" if news.title else incident.id
    nodes: list[Node] = [
        Header(text=head, tone=news.tone),
        Text(spans=spans(_unanswered(entry, names, asked) or sentence(entry, names))),
    ]
    if moves := _moves(incident, entry):
        nodes.append(moves)
    return Message(nodes=tuple(nodes))


def _named(text: str, names: Mapping[str, str]) -> Spans:
    """``text`` in which the people whose handles stand in it are mentioned."""
    found = [one for one in MENTION.finditer(text) if one[1].rstrip(".").lower() in names]
    said: list[str | Span] = []
    start = 0
    for one in found:
        handle = one[1].rstrip(".")
        said += [text[start : one.start()], mention(handle.lower(), f"@{handle}")]
        start = one.start(1) + len(handle)
    return spans(*said, text[start:])


def _unanswered(entry: Entry, names: Mapping[str, str], asked: Asked) -> str:
    """Who did not answer, who is rung now, and who is next; empty where nobody was to."""
    if entry.kind not in UNANSWERED:
        return ""
    ours = [one for one in asked.pages if one.escalation == entry.payload["escalation"]]
    now = [one for one in ours if one.created_at == entry.at]
    if not now:
        return ""
    people = ", ".join(names.get(one.user, one.user) for one in now)
    if entry.kind == "escalation_exhausted":
        return f"I ring {people}{_every(now[0])} until one acks."
    before = [one for one in ours if one.created_at < entry.at][-MOST_TOLD:]
    tried = "; ".join(_tried(one, names, asked) for one in before)
    verb = "is" if len(now) == 1 else "are"
    return f"No ack from {tried}. {people} {verb} paged now{_next(now[0])}."


def _tried(page: Page, names: Mapping[str, str], asked: Asked) -> str:
    """``Bob (Slack 12:00 accepted, SMS 12:01 delivered, call 12:02 no key)``, in UTC."""
    made = asked.rings.get(page.id, ())
    others = [one for one in made if one.ref.get("platform") != "console"]  # which has a copy
    rings = [f"{_by(one)} {one.at:%H:%M} {one.outcome}" for one in others or made]
    how = f" ({', '.join(rings[-MOST_TOLD:])})" if rings else ""
    return f"{names.get(page.user, page.user)}{how}"


def _by(ring: Ring) -> str:
    """What rang, by the name people know."""
    if ring.method in ("chat", "console"):
        platform = str(ring.ref.get("platform") or ring.key.rpartition(":")[2])
        return CALLED.get(platform, "chat")
    return SHORT.get(ring.method) or way_called(ring.method)


def _next(page: Page) -> str:
    return f", {page.next} at {page.next_at:%H:%M} UTC" if page.next and page.next_at else ""


def _every(page: Page) -> str:
    return f" every {(page.next_at - page.created_at) / MINUTE:.0f} min" if page.next_at else ""


def _moves(incident: Incident, entry: Entry) -> Actions | None:
    if not incident.open:
        return None
    if entry.kind in UNANSWERED:
        mine = button("incident ack", incident.id, "I've got it", "primary")
        numbers = button("incident phones", incident.id, "Show phone numbers (only you)")
        last = entry.kind == EscalationExhausted.kind
        return Actions(buttons=(mine, numbers) if last else (mine,))
    if entry.kind == "update_overdue":
        return Actions(buttons=(button("incident update", incident.id, "Update…", "primary"),))
    if entry.kind == "symptom_joined":
        target = f"{incident.id},{entry.payload['service']}"
        return Actions(buttons=(button("alert split", target, "Not the same: split"),))
    return None
