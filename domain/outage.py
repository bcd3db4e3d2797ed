"""Whether a chat platform is there: what ends in *down*, and what it takes to be up again.

Down: three calls in a row that got no answer, one that was refused together with the sign of life
asked for right after it, or signs of life that fail for a minute (rules.md 20). Up again: three
signs of life in a row, so that a platform that comes and goes is not announced each time.
"""

from datetime import datetime, timedelta

from domain.base import Frozen

LOST_CALLS = 3
PROBE_EVERY = timedelta(seconds=20)
SILENT = timedelta(seconds=60)
SIGNS = 3
TOLD_AGAIN = timedelta(minutes=30)


class ChatState(Frozen):
    """A platform as it stands ``since``; ``silent_since`` is the first sign of life that failed
    while it counts as up, ``signs`` how many came in a row while it counts as down."""

    platform: str
    up: bool = True
    since: datetime
    silent_since: datetime | None = None
    signs: int = 0
    error: str = ""
    told_at: datetime | None = None

    def told_lately(self, now: datetime) -> bool:
        """Whether people know that it was down, from half an hour ago or less."""
        return self.told_at is not None and now - self.told_at < TOLD_AGAIN


def lost(state: ChatState, error: str, now: datetime) -> ChatState:
    """Its calls get no answer: down from now on, unless it is already."""
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
    if state.signs + 1 < SIGNS:
        return state.model_copy(update={"signs": state.signs + 1})
    back = {"up": True, "since": now, "silent_since": None, "signs": 0, "error": ""}
    return state.model_copy(update=back)
