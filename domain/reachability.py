"""A test of the ways to somebody: each is rung now, and they say which they heard."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from domain.base import Frozen
from domain.buttons import button
from domain.contact import ContactKind
from domain.errors import Refused
from domain.facts import Fact
from domain.job import Job
from domain.message import Actions, Context, Header, Message, Node, Text, bold, code, link, spans

TestState = Literal["waiting", "accepted", "refused"]
EVERY = timedelta(minutes=1)
ONLY_A_TEST = "This is only a test: nothing is broken, and nobody else is told."
WORDS: dict[TestState, str] = {
    "waiting": "… is being tried",
    "accepted": "✔ accepted it; press “I got it” there",
    "refused": "✖ refused it",
}
KEPT = timedelta(days=400)


class ReachTest(Frozen):
    """One way to ``user`` that was tried in a round; ``method`` is its id, ``name`` its words.

    ``ref`` is the message where there is one, ``receipt`` the provider's own name of it; ``error``
    why the way refused, or lost it.
    """

    id: str
    round: str
    user: str
    method: str
    kind: ContactKind
    name: str
    state: TestState = "waiting"
    error: str = ""
    ref: dict[str, Any] = {}
    receipt: str | None = None
    at: datetime
    confirmed_at: datetime | None = None


class RingTest(Job):
    """Send one test message."""

    kind: ClassVar[str] = "ring_test"
    priority: ClassVar[int] = 20
    max_attempts: ClassVar[int] = 3
    test: str


class ShowTests(Job):
    """Show how a round stands in its person's direct room; ``tried`` are chats that refused."""

    kind: ClassVar[str] = "show_tests"
    user: str
    round: str
    tried: tuple[str, ...] = ()


class ShowConfirmed(Job):
    """Take the button from a test message that was heard."""

    kind: ClassVar[str] = "show_confirmed"
    test: str


class ReachTested(Fact):
    """Somebody had every verified way to them tried."""

    kind: ClassVar[str] = "reach_tested"
    template: ClassVar[str] = "{by} tested {methods} ways to {person}"
    person: str
    methods: int


class ReachConfirmed(Fact):
    """A test message arrived, by its reader's own word."""

    kind: ClassVar[str] = "reach_confirmed"
    template: ClassVar[str] = "{person} confirmed a test by {method}"
    person: str
    method: ContactKind


def need_pause(last: datetime | None, now: datetime) -> None:
    """Raises `Refused` for a round right after another."""
    if last is not None and now - last < EVERY:
        raise Refused("A test began less than a minute ago: look at it with /me contact.")


def trial_card(name: str, test: ReachTest) -> Message:
    """What rings in a chat."""
    if test.confirmed_at:
        done = Text(spans=spans("✔ You got it. Nothing is broken."))
        return Message(nodes=(Header(text=_title(name)), done), urgency="quiet")
    pressed = Actions(buttons=(button("me got", test.id, "I got it", "primary"),))
    nodes: tuple[Node, ...] = (Header(text=_title(name)), Text(spans=spans(ONLY_A_TEST)), pressed)
    return Message(nodes=nodes, urgency="page")


def trial_letter(name: str, address: str) -> Message:
    """What goes where nothing can be pressed; ``address`` leads to a button."""
    confirmed = Text(spans=spans(link("I got it", address)))
    nodes: tuple[Node, ...] = (
        Header(text=_title(name)),
        Text(spans=spans(ONLY_A_TEST)),
        confirmed,
    )
    return Message(nodes=nodes, urgency="page")


def results_card(tests: tuple[ReachTest, ...]) -> Message:
    """Which ways took the message, which refused, which were heard."""
    waiting = sum(one.state == "waiting" for one in tests)
    refused = sum(one.state == "refused" for one in tests)
    head = "Testing every way to you" if waiting else "Every way to you was tested"
    tone: Literal["info", "warning", "good"] = "warning" if refused else "good"
    nodes: list[Node] = [Header(text=head, tone="info" if waiting else tone)]
    nodes += [Text(spans=spans(bold(one.name), *_outcome(one))) for one in tests]
    told = "Accepted is not heard: what you confirm stands in ", code("/me contact"), "."
    return Message(nodes=(*nodes, Context(spans=spans(*told))))


def _outcome(one: ReachTest) -> Iterator[str]:
    if one.confirmed_at:
        yield f" ✔ you got it after {_seconds(one.confirmed_at - one.at)}"
    else:
        yield f" {WORDS[one.state]}"
        yield f": {one.error}" if one.error else ""


def _seconds(took: timedelta) -> str:
    seconds = int(took.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


def _title(name: str) -> str:
    return f"TEST for {name}: is this heard?"
