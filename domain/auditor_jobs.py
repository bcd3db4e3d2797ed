"""What the auditor owes, and what can come of it."""

from typing import ClassVar, Literal

from domain.facts import Fact
from domain.job import Job, Lane


class Rouse(Job):
    """Make what would not ring any more ring again, where that is still so."""

    kind: ClassVar[str] = "rouse"
    lane: ClassVar[Lane] = "page"
    fault: Literal["silent", "mute"]
    subject: str


class PageRoused(Fact):
    """A page that had stopped ringing without an answer is made anew."""

    kind: ClassVar[str] = "page_roused"
    template: ClassVar[str] = "The page to {person} had stopped ringing; it rings again"
    page: str
    person: str
