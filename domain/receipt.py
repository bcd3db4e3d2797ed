"""Receipts: what a provider gave when it took a message, and what it tells of it afterwards.

*Accepted* is not *delivered*, and neither is *heard*: only an answer ends a page (rules.md 3).
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar, Literal

from domain.base import Frozen
from domain.contact import ContactKind
from domain.job import Job, Lane

# "told": the provider says by itself what came of it; "asked": it must be asked.
News = Literal["none", "told", "asked"]
# "over": a call came to its end; whether anybody pressed a key is ours to know.
Told = Literal["delivered", "over", "undelivered", "failed", "busy", "no answer"]
Emergency = Literal["waiting", "acknowledged", "expired"]

# It never arrived: the next way rings in its place.
LOST: frozenset[Told] = frozenset({"undelivered", "failed", "busy", "no answer"})
# Nobody need put anything right where a telephone was busy or lay in another room.
AMISS: frozenset[Told] = frozenset({"undelivered", "failed"})
ASK_EVERY = timedelta(seconds=10)
# A provider may tell of a message before its own answer to us is on disk.
LOOKS = 4
LOOK_AGAIN = timedelta(seconds=5)


class Receipt(Frozen):
    """``id`` is the provider's own name of what it took, empty where it gives none. ``codes`` are
    those of the pages that one acknowledgement of it answers, where it is asked for."""

    id: str = ""
    news: News = "none"
    codes: tuple[str, ...] = ()


NO_RECEIPT = Receipt()


class HeedReceipt(Job):
    """A provider tells what came of the message that it calls ``receipt``; ``looks`` counts how
    often nothing of that name was found."""

    kind: ClassVar[str] = "heed_receipt"
    lane: ClassVar[Lane] = "page"
    priority: ClassVar[int] = 8
    receipt: str
    told: Told
    reason: str = ""
    looks: int = 0


class AskReceipt(Job):
    """Ask whether somebody has acknowledged what rings outside, for as long as it is asked of
    them; ``alarm`` names the page or list, ``pages`` those that this message named."""

    kind: ClassVar[str] = "ask_receipt"
    priority: ClassVar[int] = 30
    max_attempts: ClassVar[int] = 5
    way: ContactKind
    receipt: str
    alarm: str
    pages: tuple[str, ...] = ()


def ring_of(key: str) -> tuple[str, str]:
    """By what the ring of that key was due, and which contact method made it."""
    *_, method, way = key.split(":")
    return method, way


def ways_lost(keys: Iterable[str], method: str) -> tuple[str, ...]:
    """Of the rings of these keys that failed, the ways that were tried for what was due by
    ``method``."""
    found = (ring_of(key) for key in keys)
    return tuple(dict.fromkeys(way for due, way in found if due == method))


def outcome(told: Told, *, answered: bool) -> str:
    """The word on cards: a call that nobody answered by a key was no answer."""
    if told == "over":
        return "answered" if answered else "no key"
    return told
