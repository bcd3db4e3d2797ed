"""The message of a bundle: a list of pages, how bad each is, and one answer for all of them."""

from collections.abc import Mapping
from typing import NamedTuple

from domain.base import Frozen
from domain.buttons import button
from domain.incident import Incident
from domain.message import (
    Actions,
    Button,
    Context,
    Header,
    Message,
    Node,
    Text,
    Tone,
    code,
    link,
    spans,
)
from domain.page_card import TONES, awake, counted, headline
from domain.paging import Page
from domain.plain import one_line
from domain.severity import Severity, worst

LONGEST_LINE = 100


class BundleRow(Frozen):
    """One page of the list; ``ended_by`` is the name of whoever answered it."""

    page: Page
    incident: Incident
    ended_by: str | None = None

    @property
    def rings(self) -> bool:
        """Whether it still waits for an answer."""
        return self.page.state == "sent" and self.incident.open


class BundleView(Frozen):
    """What the ``k``-th message of a bundle shows; ``more`` ring with it and are not listed."""

    bundle: str
    k: int
    rows: tuple[BundleRow, ...]
    more: int = 0

    @property
    def ringing(self) -> tuple[BundleRow, ...]:
        """The listed pages that wait for an answer."""
        return tuple(row for row in self.rows if row.rings)


class Addresses(NamedTuple):
    """Where a page of a letter is answered, and where its incident is read."""

    answer: str
    read: str


def bundle_card(view: BundleView) -> Message:
    """The list as it stands now."""
    nodes: list[Node] = [_head(view), *(Text(spans=spans(_line(row))) for row in view.rows)]
    nodes += _more(view)
    if not view.ringing:
        return Message(nodes=tuple(nodes), urgency="page" if view.more else "quiet")
    number = view.ringing[0].incident.number
    one = spans("reply for one: ", code(f"ack {number}"), " · ", code(f"pass {number}"))
    return Message(nodes=(*nodes, _actions(view), Context(spans=one)), urgency="page")


def bundle_letter(view: BundleView, addresses: Mapping[str, Addresses]) -> Message:
    """The list where nothing can be pressed: each page with its own addresses."""
    nodes: list[Node] = [_head(view)]
    for row in view.ringing:
        to = addresses[row.page.id]
        acts = (link("answer this page", to.answer), "  ·  ", link("read the incident", to.read))
        nodes.append(Text(spans=spans(f"{_line(row)}  ", *acts)))
    return Message(nodes=(*nodes, *_more(view)), urgency="page")


def _head(view: BundleView) -> Header:
    how_bad = worst([row.incident.severity for row in view.ringing])
    if how_bad is None and view.more:
        return Header(text=f"{counted(view.more, 'page')} not listed here wait for you")
    if how_bad is None:
        told = counted(len(view.rows), "page")
        return Header(text=f"{told}: nothing of this list waits for you", tone="neutral")
    pages = counted(len(view.ringing) + view.more, "page" if view.k else "more page")
    wait = "still wait for you" if view.k else "for you"
    return Header(text=f"{pages} {wait}, the worst {how_bad}", tone=_tone(how_bad))


def _tone(how_bad: Severity) -> Tone:
    return TONES[how_bad]


def _line(row: BundleRow) -> str:
    """What and how bad; of one that has ended, how."""
    page, incident = row.page, row.incident
    if row.rings:
        return f"● {one_line(headline(incident), LONGEST_LINE)}{_numbered(incident)}"
    if not incident.open:
        return f"○ {incident.id} is {incident.status.value}"
    if page.state == "acked" and page.ended_by == page.user:
        return f"◐ {incident.id} is yours"
    if page.state == "passed":
        return f"○ {incident.id}: you passed this on"
    return f"◐ {incident.id}: taken by {row.ended_by or 'somebody'}, or paged anew"


def _numbered(incident: Incident) -> str:
    """A title too long for the line has pushed the number out of it."""
    cut = incident.id not in one_line(headline(incident), LONGEST_LINE)
    return f" · {incident.id}" if cut else ""


def _more(view: BundleView) -> list[Node]:
    if not view.more:
        return []
    told = f"… and {view.more} more, the less severe and newer ones."
    return [Context(spans=spans(told))]


def _actions(view: BundleView) -> Actions:
    return Actions(buttons=(_ack(view), button("oncall me", "", "Open")), more=(awake(),))


def _ack(view: BundleView) -> Button:
    """One press for exactly the pages that are listed; for one alone it is that page's own."""
    listed = view.ringing
    if len(listed) == 1:
        return button("page ack", listed[0].page.id, f"Ack {listed[0].incident.id}", "primary")
    target = f"{view.bundle},{view.k}"
    return button("page ackall", target, f"Ack all {len(listed)} shown", "primary")
