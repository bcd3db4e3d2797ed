"""What somebody sees of themselves: what rings, what is theirs, and how they can be reached."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from domain.account import CALLED, Link
from domain.base import Frozen
from domain.buttons import button
from domain.contact import NAMES, ContactKind, ContactMethod, masked, wakeable
from domain.incident import Status
from domain.incident_card import ICONS
from domain.message import (
    Actions,
    Context,
    Divider,
    Header,
    Message,
    Node,
    Spans,
    Text,
    bold,
    code,
    moment,
    spans,
)
from domain.severity import Severity

MOST = 5
MOST_SHIFTS = 3
HOW = {"code": "by code", "email": "by e-mail: type /me link there for all your roles"}


class Ringing(Frozen):
    """A page that waits for the person's answer."""

    page: str
    incident: str
    headline: str


class Mine(Frozen):
    """An incident that the person responds to."""

    id: str
    title: str
    severity: Severity
    status: Status


class OwnShift(Frozen):
    """A time in [starts, ends) on call."""

    schedule: str
    starts: datetime
    ends: datetime


class PersonView(Frozen):
    """Everything the card shows; ``chats`` are the outside chats of the installation, ``able``
    the kinds by which it can send beside them."""

    name: str
    roles: tuple[str, ...]
    timezone: str
    now: datetime
    ringing: tuple[Ringing, ...] = ()
    incidents: tuple[Mine, ...] = ()
    shifts: tuple[OwnShift, ...] = ()
    links: tuple[Link, ...] = ()
    methods: tuple[ContactMethod, ...] = ()
    able: frozenset[ContactKind] = frozenset()
    awake_until: datetime | None = None
    quiet: str | None = None
    chats: tuple[str, ...] = ()


def person_card(view: PersonView) -> Message:
    """What needs an answer comes first."""
    nodes: list[Node] = [Header(text=view.name, tone="danger" if view.ringing else "neutral")]
    for one in view.ringing[:MOST]:
        nodes += _ringing(one)
    nodes += _part("Your open incidents", [_incident(one) for one in view.incidents])
    nodes += _part("On call", [_shift(one) for one in view.shifts[:MOST_SHIFTS]])
    nodes += _part("What you asked for", _rest(view))
    nodes += _part("Your accounts", [*_links(view.links), *_not_linked(view)])
    nodes += _part("How you can be reached", _reached(view))
    return Message(nodes=(*nodes, Divider(), Context(spans=_small(view))))


def _ringing(one: Ringing) -> tuple[Text, Actions]:
    answers = (
        button("page ack", one.page, "Ack", "primary"),
        button("incident show", one.incident, "Open"),
    )
    line = Text(spans=spans(bold("You are paged: "), one.headline))
    return line, Actions(buttons=answers)


def _part(title: str, lines: Iterable[Spans]) -> Iterator[Text]:
    """A heading and its lines; nothing where there are none."""
    told = tuple(lines)
    if told:
        yield Text(spans=spans(bold(title)))
        yield from (Text(spans=line) for line in told[:MOST])


def _incident(one: Mine) -> Spans:
    state = f" · {one.status.value}"
    return spans(f"{ICONS[one.severity]} {one.severity} ", bold(one.id), f" {one.title}", state)


def _shift(one: OwnShift) -> Spans:
    return spans(f"{one.schedule}: ", moment(one.starts), " to ", moment(one.ends))


def _links(links: Iterable[Link]) -> Iterator[Spans]:
    for one in links:
        how = HOW.get(one.linked_by, "by an admin")
        yield spans(f"{CALLED[one.platform]}: {one.account}, linked {how}")


def _not_linked(view: PersonView) -> Iterator[Spans]:
    known = {link.platform for link in view.links}
    for chat in view.chats:
        if chat in CALLED and chat not in known:
            yield spans(f"{CALLED[chat]}: none yet; type ", code("/me link"), " there")


def _reached(view: PersonView) -> Iterator[Spans]:
    reason = wakeable(view.methods, view.able).reason
    yield spans(_sentence(reason), " More: ", code("/me contact"))
    for one in view.methods:
        checked = "" if one.verified else ", not verified yet"
        where = CALLED.get(one.address, masked(one.kind, one.address))
        yield spans(f"{NAMES[one.kind]}: {where}{checked}")


def _rest(view: PersonView) -> Iterator[Spans]:
    if view.awake_until and view.now < view.awake_until:
        until = moment(view.awake_until)
        yield spans("Awake until ", until, ": further pages come by direct message only")
    if view.quiet:
        yield spans(f"Quiet hours {view.quiet}: what can wait waits")


def _small(view: PersonView) -> Spans:
    roles = ", ".join(view.roles) or "no role"
    return spans(f"{roles} · {view.timezone} · also: ", code("/me help"))


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}."
