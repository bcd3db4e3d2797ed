"""Safe mode: pages, acks and notes go on, and nothing outside is changed or asked (rules.md 30)."""

from datetime import datetime
from typing import ClassVar

from domain.base import Frozen
from domain.buttons import button
from domain.facts import Fact
from domain.job import Job
from domain.message import Actions, Header, Message, Text, code, moment, spans
from domain.place import Place

SUBJECT = "safe-mode"
SETTING = "safe_mode"
# Where nobody has signed in yet: neither who nor why
ON_OPEN_PAGES = "Safe mode is on."
ON_CARDS = "⚠ safe mode: no rollbacks, no model · "


class SafeMode(Frozen):
    """That it is on: ``by`` is the person who turned it on, ``name`` what people call them."""

    by: str
    name: str
    since: datetime
    why: str

    @property
    def line(self) -> str:
        """All of it in one line, for banners and refusals."""
        return f"Safe mode is on since {self.since:%Y-%m-%d %H:%M} UTC, by {self.name}: {self.why}"


class SafeModeOn(Fact):
    """Somebody stopped everything that acts outside."""

    kind: ClassVar[str] = "safe_mode_on"
    template: ClassVar[str] = "{by} turned safe mode on: {text}"


class SafeModeOff(Fact):
    """Somebody else let it go on."""

    kind: ClassVar[str] = "safe_mode_off"
    template: ClassVar[str] = "{by} turned safe mode off, which {began_by} had turned on"
    began_by: str


class SpreadSafeMode(Job):
    """Tell the room of all incidents on each platform, and let the cards say so."""

    kind: ClassVar[str] = "spread_safe_mode"
    priority: ClassVar[int] = 15
    mode: SafeMode
    ended_by: str = ""


class TellSafeMode(Job):
    """Tell one room; ``ended_by`` is the name of who turned it off, empty where it began."""

    kind: ClassVar[str] = "tell_safe_mode"
    priority: ClassVar[int] = 20
    mode: SafeMode
    ended_by: str = ""
    place: Place


def stopped(mode: SafeMode, what: str) -> str:
    """Why ``what`` is refused, and who can change that."""
    return (
        f"{what} stops in safe mode. {mode.line.rstrip('.')}. Anybody in charge but {mode.name} can"
        " type /safe-mode off."
    )


def not_twice(mode: SafeMode) -> str:
    """What is said to who wants to end what they began."""
    return (
        f"You turned safe mode on yourself, {mode.name}, so it takes somebody else to turn it off:"
        " ask another commander or admin to look and type /safe-mode off."
    )


def safe_mode_card(mode: SafeMode) -> Message:
    """What it is, who began it and why, and how it ends."""
    goes_on = "Pages, acks, notes, updates and everything else about incidents go on."
    stops = "Rollbacks are not started and not handed over, and no model is asked: rules decide."
    ends = spans("It ends when somebody else than ", mode.name, " types ", code("/safe-mode off"))
    return Message(
        nodes=(
            Header(text="⚠ Safe mode is on", tone="warning"),
            Text(spans=spans("Since ", moment(mode.since), f", by {mode.name}: {mode.why}")),
            Text(spans=spans(f"{goes_on} {stops}")),
            Text(spans=(*ends, *spans("."))),
            Actions(buttons=(button("safe-mode off", "", "Turn it off…"),)),
        )
    )


def safe_mode_ended(mode: SafeMode, ended_by: str) -> Message:
    """That it is over, and what it was about."""
    was = spans("It was on since ", moment(mode.since), f", by {mode.name}: {mode.why}")
    again = "What was stopped meanwhile is not made up for: start it again if it is still wanted."
    return Message(
        nodes=(
            Header(text=f"Safe mode is off, by {ended_by}", tone="good"),
            Text(spans=was),
            Text(spans=spans(again)),
        )
    )
