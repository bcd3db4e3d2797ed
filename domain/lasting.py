"""Ways that go on ringing by themselves until they are told that somebody has answered."""

from typing import Literal

from domain.base import Frozen
from domain.contact import ContactKind

LASTING: frozenset[str] = frozenset({"pushover"})

# "over": nobody is asked any more, whoever answered elsewhere.
Settled = Literal["acked", "over"]


class Alarm(Frozen):
    """What rings outside for a page or a list, and how it stands here."""

    kind: ContactKind
    address: str
    name: str
    settled: Settled


def alarm_of(key: str) -> str:
    """What all rings of one page, or of one list, are known by outside."""
    return ":".join(key.split(":")[:2])
