"""Contact methods: how a page rings a person, and whether that can wake them.

The plan follows one default rule by urgency. Rings are numbered by their place in the whole plan,
whatever methods the person has: a number always means the same ring, and verifying a method
during a page neither repeats nor moves one.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import timedelta
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from domain.base import Frozen
from domain.plain import one_line

ContactKind = Literal[
    "chat", "push", "email", "sms", "voice", "pushover", "ntfy", "pagerduty", "webhook"
]
# A phone number is kept to be read by people; nothing rings it.
KeptKind = Literal[ContactKind, "phone"]
Urgency = Literal["high", "low"]

NAMES: dict[ContactKind, str] = {
    "chat": "chat",
    "push": "web push",
    "email": "e-mail",
    "sms": "SMS",
    "voice": "voice call",
    "pushover": "Pushover",
    "ntfy": "ntfy",
    "pagerduty": "PagerDuty",
    "webhook": "webhook",
}
# What sounds on a phone that is set to Do Not Disturb.
WAKING: frozenset[ContactKind] = frozenset({"sms", "voice", "pushover", "ntfy", "pagerduty"})
# Who was rung by a way so lately is not rung by it in another's place.
LATELY = timedelta(minutes=5)
LONGEST_TOLD = 80
NO_WAY = "nothing that wakes is set up here"
USER_KEY = re.compile(r"[A-Za-z0-9]{30}")
ROUTING_KEY = re.compile(r"[A-Za-z0-9]{32}")
DEFAULT_KEY = "default"
TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
BETWEEN_DIGITS = re.compile(r"[\s().\-/]")


class ContactMethod(Frozen):
    """An address of a person; it counts only once it is verified.

    ``id`` is how jobs and rings name it, which never hold an address.
    """

    kind: ContactKind
    address: str
    verified: bool = False
    id: str = ""


class RingAt(Frozen):
    """Ring number ``k``: ``after`` the page was sent, by the person's methods of ``kind``."""

    k: int
    after: timedelta
    kind: ContactKind
    reason: str


class Wakeable(Frozen):
    """Whether a page can sound through Do Not Disturb."""

    ok: bool
    reason: str


class Planned(NamedTuple):
    """A ring's place in the plan: the first of ``kinds`` that the person has rings."""

    minute: int
    kinds: tuple[ContactKind, ...]


# Who has no chat is told by something else at once: no page goes out unannounced.
AT_ONCE = Planned(0, ("chat", "email", "webhook"))
TEXT: tuple[ContactKind, ...] = ("sms", "pushover", "ntfy", "pagerduty", "webhook")
FIRST: dict[Urgency, tuple[Planned, ...]] = {
    "high": (
        AT_ONCE,
        Planned(0, ("push",)),
        Planned(1, TEXT),
        Planned(2, ("voice",)),
        Planned(3, ("chat",)),
        Planned(4, ("chat",)),
        Planned(4, ("voice",)),
    ),
    "low": (Planned(0, ("chat", "push", "webhook")), Planned(15, ("email",))),
}
# High urgency goes on in rounds until an ack: a new chat message every minute, and the methods
# that wake at their minutes again, so that it does not end for a person without chat.
ROUND = 5
SILENCE = Planned(0, ())
AGAIN = (
    AT_ONCE,
    Planned(0, ("push",)),
    Planned(1, ("chat",)),
    Planned(1, TEXT),
    Planned(2, ("chat",)),
    Planned(2, ("voice",)),
    Planned(3, ("chat",)),
    Planned(4, ("chat",)),
    Planned(4, ("voice",)),
)


def ring_plan(
    urgency: Urgency, methods: Iterable[ContactMethod], chat_for: timedelta = timedelta()
) -> Iterator[RingAt]:
    """Every ring of a page in order; it does not end where urgency is high."""
    methods = tuple(methods)
    ring = ring_after(urgency, methods, 0, chat_for)
    while ring:
        yield ring
        ring = ring_after(urgency, methods, ring.k + 1, chat_for)


def ring_after(
    urgency: Urgency, methods: Iterable[ContactMethod], k: int, chat_for: timedelta = timedelta()
) -> RingAt | None:
    """Ring ``k``, or the next one that the person has a verified method for; None after the last.

    Rings that fall away leave the times of the others as they are; for the first ``chat_for`` all
    but those by chat do.
    """
    verified = _verified(methods)
    for number in range(k, k + _rings_within(chat_for) + len(FIRST[urgency]) + len(AGAIN)):
        minute, kinds = _planned(urgency, number)
        if timedelta(minutes=minute) < chat_for:
            kinds = tuple(kind for kind in kinds if kind == "chat")
        if kind := next((kind for kind in kinds if kind in verified), None):
            return _ring(urgency, number, minute, kind)
    return None


def rings_between(
    urgency: Urgency, methods: Iterable[ContactMethod], since: timedelta, until: timedelta
) -> bool:
    """Whether ``methods`` ring after ``since`` and before ``until``, from the page's creation."""
    for ring in ring_plan(urgency, methods):
        if ring.after >= until:
            return False
        if ring.after > since:
            return True
    return False


def standing_in(refused: str, lately: AbstractSet[str]) -> tuple[ContactKind, ...]:
    """What is tried at once where ``refused`` took no ring: what wakes first, then all others.

    What rang ``lately`` has said it already.
    """
    waking = (*(one for one in TEXT if one in WAKING), "voice")
    ordered = dict.fromkeys((*waking, *(one for one in NAMES if one != "chat"), "chat"))
    return tuple(one for one in ordered if one != refused and one not in lately)


def _rings_within(time: timedelta) -> int:
    """How many places of the plan at most lie within so long."""
    return (time // timedelta(minutes=ROUND) + 1) * len(AGAIN) if time else 0


def wakeable(
    methods: Iterable[ContactMethod], able: frozenset[ContactKind] = frozenset()
) -> Wakeable:
    """Whether a verified method breaks through Do Not Disturb, and if not, what to do.

    ``able`` are the kinds that the installation can send by.
    """
    methods = tuple(methods)
    verified = _verified(methods)
    if waking := verified & WAKING:
        return Wakeable(ok=True, reason=f"rung through Do Not Disturb by {_listed(waking)}")
    if waiting := {method.kind for method in methods} & WAKING:
        reason = f"{_listed(waiting)} not verified yet; type /me contact verify"
    elif verified:
        reason = f"{_listed(verified)} only, silent in Do Not Disturb; {_to_add(able)}"
    else:
        reason = f"no verified contact method; {_to_add(able)}"
    return Wakeable(ok=False, reason=f"not wakeable: {reason}")


def _to_add(able: frozenset[ContactKind]) -> str:
    """What would wake them, as far as it exists: nobody is told to add what nothing sends by."""
    waking = able & WAKING
    return f"add {_listed(waking, 'or')} with /me contact add" if waking else NO_WAY


def email_address(text: str) -> str:
    """``text`` if it is one address and nothing else: no name, no second one, no line break.

    Raises `ValueError` with a sentence.
    """
    try:
        return Address(addr_spec=text.strip()).addr_spec
    except (ValueError, IndexError, HeaderParseError):
        raise ValueError(f"{one_line(text, LONGEST_TOLD)!r} is no e-mail address") from None


def phone_number(text: str) -> str:
    """``text`` as an international number: a plus and digits. Raises `ValueError`, a sentence."""
    found = BETWEEN_DIGITS.sub("", text.strip().replace("(0)", ""))
    if not PHONE.fullmatch(found):
        shown = one_line(text, LONGEST_TOLD)
        raise ValueError(f"{shown!r} is no phone number; type it like +49 30 1234567")
    return found


def ntfy_topic(text: str) -> str:
    """``text`` as the name of an ntfy topic. Raises `ValueError` with a sentence."""
    found = text.strip()
    if not TOPIC.fullmatch(found):
        shown = one_line(text, LONGEST_TOLD)
        raise ValueError(f"{shown!r} is no ntfy topic: letters, digits, - and _, at most 64")
    return found


def pushover_user(text: str) -> str:
    """``text`` as a user key of Pushover. Raises `ValueError` with a sentence."""
    found = text.strip()
    if not USER_KEY.fullmatch(found):
        raise ValueError("that is no user key of Pushover: 30 letters and digits, as its app shows")
    return found


def routing_key(text: str) -> str:
    """``text`` as a routing key of PagerDuty, or ``default`` for that of the installation.

    Raises `ValueError` with a sentence.
    """
    found = text.strip()
    if found.casefold() == DEFAULT_KEY:
        return DEFAULT_KEY
    if not ROUTING_KEY.fullmatch(found):
        raise ValueError("that is no routing key of PagerDuty: 32 letters and digits, or default")
    return found


def masked(kind: KeptKind, address: str) -> str:
    """Enough of an address for its owner to know it, and no more."""
    if kind == "email":
        name, _, domain = address.rpartition("@")
        return f"{name[:1]}…@{domain}"
    if kind == "pagerduty" and address == DEFAULT_KEY:
        return address
    if kind in ("ntfy", "pushover", "pagerduty"):
        return f"{address[:2]}…"
    if kind in ("webhook", "push"):
        return f"{urlsplit(address).hostname}/…"
    if kind in ("phone", "sms", "voice"):
        return f"{address[:3]}…{address[-2:]}"
    return address


def _planned(urgency: Urgency, k: int) -> Planned:
    first = FIRST[urgency]
    if k < len(first):
        return first[k]
    if urgency == "low":
        return SILENCE
    rounds, place = divmod(k - len(first), len(AGAIN))
    minute, kinds = AGAIN[place]
    return Planned(minute + ROUND * (rounds + 1), kinds)


def _ring(urgency: Urgency, k: int, minute: int, kind: ContactKind) -> RingAt:
    when = f"after {minute} min" if minute else "at once"
    reason = f"{urgency} urgency: {NAMES[kind]} {when}"
    return RingAt(k=k, after=timedelta(minutes=minute), kind=kind, reason=reason)


def _verified(methods: Iterable[ContactMethod]) -> set[ContactKind]:
    return {method.kind for method in methods if method.verified}


def _listed(kinds: AbstractSet[ContactKind], last: str = "and") -> str:
    """``chat, web push and e-mail``, in the order of the plan."""
    names = [name for kind, name in NAMES.items() if kind in kinds]
    return f" {last} ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
