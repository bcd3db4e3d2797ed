"""Whether a chat platform is there: what ends in *down*, and what it takes to be up again.

Down: three calls in a row that got no answer, one that was refused together with the sign of life
asked for right after it, or signs of life that fail for a minute (rules.md 20). Up again: three
signs of life in a row, so that a platform that comes and goes is not announced each time.

Down too: it takes what is sent and answers for itself, but people answer elsewhere and nothing is
heard from it. Signs of life say nothing about that: up again when somebody is heard, or after half
an hour for another try.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.base import Frozen

LOST_CALLS = 3
PROBE_EVERY = timedelta(seconds=20)
SILENT = timedelta(seconds=60)
SIGNS = 3
UNHEARD = 3
UNHEARD_PEOPLE = 2
REMEMBERED = timedelta(hours=1)
DEAF_FOR = timedelta(minutes=30)
LONG_BUSY = timedelta(minutes=2)
DEAF = "what it delivered was answered by other means, and nothing is heard from it"
TOLD_AGAIN = timedelta(minutes=30)


class ChatState(Frozen):
    """A platform as it stands ``since``; ``silent_since`` is the first sign of life that failed
    while it counts as up, ``signs`` how many came in a row while it counts as down. Somebody was
    ``heard_at`` last; ``deaf`` says that it is down because nobody is. ``busy_since`` and
    ``busy_until`` are of the last long time for which it wanted to be left alone."""

    platform: str
    up: bool = True
    since: datetime
    silent_since: datetime | None = None
    signs: int = 0
    error: str = ""
    told_at: datetime | None = None
    heard_at: datetime | None = None
    deaf: bool = False
    busy_since: datetime | None = None
    busy_until: datetime | None = None

    def told_lately(self, now: datetime) -> bool:
        """Whether people know that it was down, from half an hour ago or less."""
        return self.told_at is not None and now - self.told_at < TOLD_AGAIN


def lost(state: ChatState, error: str, now: datetime) -> ChatState:
    """Its calls get no answer: down from now on, unless it is already. What is deaf stays so: that
    it answers again does not mean that it hears."""
    if state.deaf:
        return state
    if not state.up:
        return state.model_copy(update={"signs": 0, "error": error})
    gone = {"up": False, "since": state.silent_since or now, "silent_since": None, "signs": 0}
    return state.model_copy(update=gone | {"error": error})


def silent(state: ChatState, error: str, now: datetime) -> ChatState:
    """A sign of life did not come."""
    since = state.silent_since or now
    if not state.up or now - since >= SILENT:
        return lost(state, error, now)
    return state.model_copy(update={"silent_since": since, "error": error})


def alive(state: ChatState, now: datetime) -> ChatState:
    """A sign of life came."""
    if state.up:
        return state.model_copy(update={"silent_since": None, "error": ""})
    if state.deaf:
        # nobody may be there to be heard: after a while it counts as heard, and is watched anew
        return heard(state, now) if now - state.since >= DEAF_FOR else state
    if state.signs + 1 < SIGNS:
        return state.model_copy(update={"signs": state.signs + 1})
    return state.model_copy(update=BACK | {"since": now})


BACK = {"up": True, "silent_since": None, "signs": 0, "error": "", "deaf": False}


class AnsweredElsewhere(Frozen):
    """A page that the chat delivered at ``rung_at`` and that its person answered."""

    user: str
    rung_at: datetime


def is_deaf(answered: Iterable[AnsweredElsewhere], heard_at: datetime | None) -> bool:
    """Whether people answer what it delivers, and not there: three pages of at least two people
    since anything was heard from it. One alone may simply sit before the dashboard."""
    unheard = [one for one in answered if heard_at is None or one.rung_at > heard_at]
    people = {one.user for one in unheard}
    return len(unheard) >= UNHEARD and len(people) >= UNHEARD_PEOPLE


def deafened(state: ChatState, now: datetime) -> ChatState:
    """It counts as down, though it answers for itself."""
    gone = {"up": False, "since": now, "silent_since": None, "signs": 0, "error": DEAF}
    return state.model_copy(update=gone | {"deaf": True})


def is_long(busy_since: datetime, busy_until: datetime) -> bool:
    """Whether a chat that says "later", and has taken nothing since, does so for so long that the
    operator must know."""
    return busy_until - busy_since >= LONG_BUSY


def heard(state: ChatState, now: datetime) -> ChatState:
    """Somebody did something there: where that alone was missing, it is up again."""
    known = state.model_copy(update={"heard_at": now})
    return known.model_copy(update=BACK | {"since": now}) if state.deaf else known
