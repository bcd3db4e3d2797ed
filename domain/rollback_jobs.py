"""What a rollback owes, and what can happen to it."""

from datetime import timedelta
from typing import ClassVar, Literal

from domain.facts import Fact
from domain.job import Job
from domain.place import Place
from domain.rollback import RollbackState
from domain.verification import Verdict

LOOK_EVERY = timedelta(seconds=2)
DRAWN_EVERY = timedelta(seconds=5)
Part = Literal["progress", "end", "alarm"]
PARTS: tuple[Part, ...] = ("progress", "end", "alarm")


class BeginRollback(Job):
    """Write down that the pipeline is about to be asked, before it is."""

    kind: ClassVar[str] = "begin_rollback"
    priority: ClassVar[int] = 20
    deployment: str


class RollBack(Job):
    """Ask the pipeline, at most once: what nobody saw the end of, a person looks into."""

    kind: ClassVar[str] = "roll_back"
    priority: ClassVar[int] = 20
    delivery: ClassVar[Literal["at_least_once", "at_most_once"]] = "at_most_once"
    max_attempts: ClassVar[int] = 1
    deployment: str


class FollowRollback(Job):
    """Look how the pipeline is doing; that changes nothing, so it may be looked at twice."""

    kind: ClassVar[str] = "follow_rollback"
    priority: ClassVar[int] = 20
    deployment: str


class DrawRollback(Job):
    """Keep the card moving while the pipeline works."""

    kind: ClassVar[str] = "draw_rollback"
    deployment: str


class VerifyRollback(Job):
    """Look whether it has helped."""

    kind: ClassVar[str] = "verify_rollback"
    deployment: str


class ShowRollback(Job):
    """Redraw the rollback's cards where they stand, and post them where they are missing."""

    kind: ClassVar[str] = "show_rollback"
    priority: ClassVar[int] = 40
    deployment: str


class ShowRollbackIn(Job):
    """Post or redraw one of its cards in a room."""

    kind: ClassVar[str] = "show_rollback_in"
    priority: ClassVar[int] = 40
    deployment: str
    part: Part
    place: Place


class ShowRollbackTo(Job):
    """Post or redraw one of its cards in somebody's direct room; ``tried`` are chats that said
    no."""

    kind: ClassVar[str] = "show_rollback_to"
    priority: ClassVar[int] = 40
    deployment: str
    part: Part
    user: str
    tried: tuple[str, ...] = ()


class RollbackStarted(Fact):
    """A rollback was released and is about to be handed to the pipeline."""

    kind: ClassVar[str] = "rollback_started"
    template: ClassVar[str] = "{by} rolls {service} {environment} back from {bad} to {good}"
    deployment: str
    service: str
    environment: str
    bad: str
    good: str


class RollbackEnded(Fact):
    """The pipeline said how it ended, or a person did."""

    kind: ClassVar[str] = "rollback_ended"
    template: ClassVar[str] = "Rollback of {service} {environment} to {good}: {state} {detail}"
    deployment: str
    service: str
    environment: str
    good: str
    state: RollbackState
    detail: str = ""


class RollbackVerified(Fact):
    """Whether it helped, as the alerts and the service's probes say, or a person does."""

    kind: ClassVar[str] = "rollback_verified"
    template: ClassVar[str] = (
        "{service} {environment} after the rollback to {good}: {verdict} {detail}"
    )
    deployment: str
    service: str
    environment: str
    good: str
    verdict: Verdict
    detail: str = ""
