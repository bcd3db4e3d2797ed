"""What an incident owes the world after a change."""

from datetime import datetime
from typing import ClassVar

from domain.job import Job, Lane
from domain.place import MessageRef, Place


class ShowIncident(Job):
    """Redraw the incident's living cards, and post those that are missing."""

    kind: ClassVar[str] = "show_incident"
    priority: ClassVar[int] = 40
    incident: str


class ShowCard(Job):
    """Post or redraw one card of the incident, in one room."""

    kind: ClassVar[str] = "show_card"
    priority: ClassVar[int] = 40
    incident: str
    place: Place


class ShowStorm(Job):
    """Post or redraw the one card that incidents of a storm share in a room."""

    kind: ClassVar[str] = "show_storm"
    priority: ClassVar[int] = 40
    storm: str
    place: Place


class ShowPages(Job):
    """Redraw the cards of everybody who was paged for the incident."""

    kind: ClassVar[str] = "show_pages"
    incident: str


class Announce(Job):
    """Say a fact of the incident as a new message in its home place and on other platforms.

    ``done_on`` names the surface it is only relayed from: where it was done it is no news. What
    stands ``at_home`` on a card of its own goes to the other platforms alone.
    """

    kind: ClassVar[str] = "announce"
    incident: str
    fact: str
    done_on: str | None = None
    at_home: bool = False


class PostAnnouncement(Job):
    """Post one announcement in one place."""

    kind: ClassVar[str] = "post_announcement"
    incident: str
    fact: str
    place: Place


class OpenRoom(Job):
    """Open the incident's home room; ``tried`` are platforms that refused to.

    ``returning`` is since when the home platform had been down: now that it is back, the room is
    opened there and leads from then on.
    """

    kind: ClassVar[str] = "open_room"
    incident: str
    tried: tuple[str, ...] = ()
    returning: datetime | None = None


class InviteToRoom(Job):
    """Bring people who have something to do with the incident into its room."""

    kind: ClassVar[str] = "invite_to_room"
    incident: str
    people: tuple[str, ...]


class PinCard(Job):
    """Keep the incident's card at the head of its room."""

    kind: ClassVar[str] = "pin_card"
    priority: ClassVar[int] = 60
    card: MessageRef


class ArchiveRoom(Job):
    """Close the room of an incident that has been over for a while."""

    kind: ClassVar[str] = "archive_room"
    priority: ClassVar[int] = 60
    incident: str


class RemindUpdate(Job):
    """Remind the lead that the update promised for ``due`` has not come."""

    kind: ClassVar[str] = "remind_update"
    incident: str
    due: datetime
    times: int = 0


class WatchResolved(Job):
    """Close the incident as self-healed if its alerts have stayed resolved since ``since``."""

    kind: ClassVar[str] = "watch_resolved"
    incident: str
    since: datetime


class SplitOff(Job):
    """Begin an incident of its own for a service whose alerts joined this one."""

    kind: ClassVar[str] = "split_off"
    priority: ClassVar[int] = 20
    incident: str
    service: str


class Refine(Job):
    """Ask a model for labels; rules have decided already (architecture.md idea 6)."""

    kind: ClassVar[str] = "refine"
    lane: ClassVar[Lane] = "slow"
    max_attempts: ClassVar[int] = 3
    incident: str


class ReadCatchup(Job):
    """Let a model tell ``reader`` where things stand; the rules have answered already."""

    kind: ClassVar[str] = "read_catchup"
    lane: ClassVar[Lane] = "slow"
    max_attempts: ClassVar[int] = 3
    incident: str
    reader: str
    asked: str


class SendCatchup(Job):
    """Send the model's newest reading to ``reader``, as far as facts carry it."""

    kind: ClassVar[str] = "send_catchup"
    incident: str
    reader: str
    asked: str


class DraftPostmortem(Job):
    """Write the first draft from the facts."""

    kind: ClassVar[str] = "draft_postmortem"
    lane: ClassVar[Lane] = "slow"
    incident: str


class TellDraft(Job):
    """Tell whoever a draft is left to that it waits; ``tried`` are the ways that refused."""

    kind: ClassVar[str] = "tell_draft"
    priority: ClassVar[int] = 60
    incident: str
    user: str
    tried: tuple[str, ...] = ()


class ShowPostmortem(Job):
    """Post the draft as a thread of its own, or redraw it."""

    kind: ClassVar[str] = "show_postmortem"
    incident: str


class ShowSection(Job):
    """Post or redraw one section of the draft."""

    kind: ClassVar[str] = "show_section"
    incident: str
    section: str
    place: Place
