"""Showing that an address is one's own: a code goes there, and comes back by its owner."""

from datetime import datetime, timedelta
from typing import ClassVar

from domain.base import Frozen
from domain.contact import KeptKind
from domain.errors import Refused, Stale
from domain.facts import Fact
from domain.job import Job
from domain.message import Header, Message, Text, bold, code, spans
from domain.one_time_code import LASTS, TRIES, spaced

MOST_CODES = 5
MOST_CONTACTS = 10
HOUR = timedelta(hours=1)
ANEW = "Ask for a new one: /me contact add, with the same address."
MINUTES = int(LASTS.total_seconds()) // 60


class ContactCode(Frozen):
    """A code that was sent to a contact method; ``tries`` are the wrong ones typed meanwhile.

    ``refused`` is what the way said that did not take it.
    """

    id: str
    contact: str
    user: str
    tries: int = 0
    refused: str = ""
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def works(self, now: datetime) -> bool:
        """Whether it still verifies."""
        return self.used_at is None and self.tries < TRIES and now < self.expires_at


class SendContactCode(Job):
    """Send a code to the address that it verifies. It is made again from its id to be sent."""

    kind: ClassVar[str] = "send_contact_code"
    priority: ClassVar[int] = 20
    max_attempts: ClassVar[int] = 3
    code: str


class TellRefused(Job):
    """Tell whoever waits for a code that it did not get through."""

    kind: ClassVar[str] = "tell_refused"
    max_attempts: ClassVar[int] = 3
    code: str


class TellVerified(Job):
    """Tell the address that an admin gave of the new one, so that a wrong one is noticed."""

    kind: ClassVar[str] = "tell_verified"
    max_attempts: ClassVar[int] = 3
    contact: str


class ContactAdded(Fact):
    """Somebody gave an address; the address itself is in no fact."""

    kind: ClassVar[str] = "contact_added"
    template: ClassVar[str] = "{by} added a contact method of {person}: {method}"
    person: str
    method: KeptKind


class ContactVerified(Fact):
    """Pages go to the address from now on."""

    kind: ClassVar[str] = "contact_verified"
    template: ClassVar[str] = "{by} verified a contact method of {person}: {method}"
    person: str
    method: KeptKind


class ContactRemoved(Fact):
    """The address was forgotten."""

    kind: ClassVar[str] = "contact_removed"
    template: ClassVar[str] = "{by} removed a contact method of {person}: {method}"
    person: str
    method: KeptKind


def need_room(contacts: int, codes: int) -> None:
    """Raises `Refused` for too many: nobody fills a stranger's mailbox by this."""
    if contacts >= MOST_CONTACTS:
        raise Refused(f"You have {contacts} already: remove one first, with /me contact remove.")
    if codes >= MOST_CODES:
        raise Refused(f"{codes} codes went out within an hour: type /me contact add again later.")


def need_working(found: ContactCode, now: datetime) -> None:
    """Raises `Stale` for a code that works no more, saying how to get another."""
    if found.used_at is not None:
        raise Stale(f"That code was used already. {ANEW}", field="code")
    if not found.works(now):
        raise Stale(f"That code has expired. {ANEW}", field="code")


def code_letter(name: str, made: str) -> Message:
    """What is sent to an address that nobody has verified: no word of any incident."""
    asked = f"{name} wants to be paged at this address by Tocsin. The code that shows it is theirs:"
    how = f" within {MINUTES} minutes, once. If you are not {name}, do nothing."
    typed = code(f"/me contact verify {spaced(made)}")
    return Message(
        nodes=(
            Header(text="Tocsin: is this address yours?"),
            Text(spans=spans(asked)),
            Text(spans=spans(bold(spaced(made)))),
            Text(spans=spans("Type ", typed, how)),
        )
    )


def refused_notice(shown: str, error: str) -> Message:
    """What whoever asked for a code is told instead."""
    told = f"The code for {shown} did not get through: {error}. Look at the address with "
    return Message(nodes=(Text(spans=spans(told, code("/me contact"), ".")),))


def verified_letter(name: str, shown: str) -> Message:
    """What the address that is known already is told of the new one."""
    told = f"Pages for {name} go to {shown} too from now on."
    undo = spans("If that was not you, type ", code("/me contact remove"), " and tell an admin.")
    return Message(
        nodes=(
            Header(text="Tocsin: you have a new address for pages"),
            Text(spans=spans(told)),
            Text(spans=undo),
        )
    )
