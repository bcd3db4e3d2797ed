"""What somebody sees of their own contact methods: which ring, which wake, which were heard."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

from domain.account import called
from domain.base import Frozen
from domain.buttons import button
from domain.contact import NAMES, WAKING, KeptKind, Wakeable
from domain.message import (
    Actions,
    Context,
    Header,
    Message,
    Node,
    Span,
    Spans,
    Text,
    bold,
    code,
    link,
    moment,
    spans,
)
from domain.reachability import ReachTest

From = Literal["account", "admin", "self", "built in"]
PHONE = "for people only: shown to responders when nobody answers, each time on record"
UNVERIFIED = "not verified, so no page goes there"


class OwnContact(Frozen):
    """A contact method of the reader's; ``shown`` is its address as far as it is shown.

    ``able`` says that Tocsin can send there; ``refused`` is why the last code, ``failed`` why the
    last test did not get through; ``confirmed_at`` is when they last said that one did.
    """

    id: str
    kind: KeptKind
    shown: str
    verified: bool
    source: From
    able: bool = True
    refused: str = ""
    failed: str = ""
    tested_at: datetime | None = None
    confirmed_at: datetime | None = None

    @property
    def name(self) -> str:
        """``e-mail b…@example.com``, ``Slack``."""
        if self.kind == "chat":
            return "the built-in chat" if self.source == "built in" else called(self.shown)
        return f"{'phone' if self.kind == 'phone' else NAMES[self.kind]} {self.shown}"

    def after(self, tests: Iterable[ReachTest]) -> "OwnContact":
        """With what came of the tests of it, which come oldest first."""
        mine = [one for one in tests if one.method == self.id]
        confirmed = [one.confirmed_at for one in mine if one.confirmed_at]
        last = mine[-1] if mine else None
        news = {
            "tested_at": last.at if last else None,
            "failed": last.error if last else "",
            "confirmed_at": max(confirmed, default=None),
        }
        return self.model_copy(update=news)

    @property
    def wakes(self) -> bool:
        """Whether a page by it sounds through Do Not Disturb."""
        return self.able and self.verified and self.kind in WAKING


class ContactView(Frozen):
    """Everything the answer shows; ``card`` is where the senders' addresses are, if any."""

    contacts: tuple[OwnContact, ...]
    wakeable: Wakeable
    card: str | None


def contact_card(view: ContactView) -> Message:
    """Whether they can be woken comes first; then each method, with what to press."""
    reason = view.wakeable.reason
    nodes: list[Node] = [
        Header(text="How you can be reached", tone="good" if view.wakeable.ok else "warning"),
        Text(spans=spans(f"{reason[:1].upper()}{reason[1:]}.")),
    ]
    for one in view.contacts:
        nodes.append(Text(spans=_line(one)))
        if pressed := _moves(one):
            nodes.append(pressed)
    nodes.append(
        Actions(
            buttons=(
                button("me test", "", "Test them all"),
                button("me contact-add", "", "Add…"),
                button("me contact-verify", "", "Type a code…"),
            )
        )
    )
    return Message(nodes=(*nodes, Context(spans=_small(view))))


def _line(one: OwnContact) -> Spans:
    return spans(bold(f"{one.name[:1].upper()}{one.name[1:]}"), ": ", *_state(one))


def _state(one: OwnContact) -> Iterator[str | Span]:
    if one.kind == "phone":
        yield PHONE
    elif not one.able:
        yield f"no page goes there: {NAMES[one.kind]} is not set up here"
    elif not one.verified:
        yield f"{UNVERIFIED}; the code was refused: {one.refused}" if one.refused else UNVERIFIED
    else:
        yield "wakes you" if one.wakes else "does not wake you"
        yield from _heard(one)


def _heard(one: OwnContact) -> Iterator[str | Span]:
    if one.failed and one.tested_at:
        yield from (" · refused a test ", moment(one.tested_at), f": {one.failed}")
    if one.confirmed_at:
        yield from (" · last confirmed ", moment(one.confirmed_at))
    else:
        yield " · never confirmed"


def _moves(one: OwnContact) -> Actions | None:
    """What its owner gave can be taken back by them."""
    if one.source != "self":
        return None
    again = button("me contact-add", f"{one.kind},{one.id}", "Send a new code")
    remove = button("me contact-remove", one.id, "Remove")
    asks = one.able and not one.verified
    return Actions(buttons=(again, remove) if asks else (remove,))


def _small(view: ContactView) -> Spans:
    chats = spans("Chats come by ", code("/me link"))
    if view.card is None:
        return chats
    saved = link("Tocsin's addresses as a contact", view.card)
    return spans(*chats, " · ", saved, ", so that your phone lets them through")
