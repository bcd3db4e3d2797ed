"""Silences: alerts that fit ring nobody for a while, by whose word, and what that hides."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from domain.base import Frozen
from domain.errors import Invalid
from domain.facts import Fact
from domain.job import Job
from domain.matcher import Matcher, fits

RESPONDER_MOST = timedelta(hours=4)
NAMING = ("service", "alertname", "fingerprint")


class Silence(Frozen):
    """Alerts that fit every matcher ring nobody from ``starts_at`` until before ``ends_at``."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    why: str

    @property
    def subject(self) -> str:
        """What its facts and its job belong to."""
        return f"silence:{self.id}"

    @property
    def named(self) -> str:
        """The matchers, as people type them."""
        return " ".join(str(one) for one in self.matchers)

    @property
    def because(self) -> str:
        """What an alert that it hides is told."""
        until = f"{self.ends_at:%Y-%m-%d %H:%M} UTC"
        return f"silence {self.id} by {self.created_by} until {until}: {self.why}"

    def hides(self, traits: Mapping[str, str]) -> bool:
        """Whether it speaks of an alert with these traits, whatever the time."""
        return fits(self.matchers, traits)

    def has_hidden(self, reason: str) -> bool:
        """Whether it is why a verdict with this ``reason`` was given."""
        return reason.startswith(f"silence {self.id} ")


class SilenceAdded(Fact):
    """Alerts that fit are kept quiet for a while; the reason is the text."""

    kind: ClassVar[str] = "silence_added"
    template: ClassVar[str] = "{matchers} silenced until {until} by {by}: {text}"
    silence: str
    matchers: str
    until: datetime


class SilenceLifted(Fact):
    """A silence was ended before its time."""

    kind: ClassVar[str] = "silence_lifted"
    template: ClassVar[str] = "Silence of {matchers} ended early by {by}"
    silence: str
    matchers: str


class TellSilenceOver(Job):
    """Tell whoever set a silence that it is over, and what it hid (rules.md 8)."""

    kind: ClassVar[str] = "tell_silence_over"
    priority: ClassVar[int] = 60
    silence: str
    user: str
    tried: tuple[str, ...] = ()


def require_naming(matchers: Iterable[Matcher]) -> None:
    """Raise `Invalid` unless one matcher names a service, alert or fingerprint (rules.md 8)."""
    if not any(one.op == "=" and one.name in NAMING and one.value for one in matchers):
        raise Invalid(
            "A silence must name what it hides: add service=…, alertname=… or fingerprint=….",
            field="matchers",
        )


def silenced_by(
    traits: Mapping[str, str], silences: Iterable[Silence], now: datetime
) -> Silence | None:
    """The silence in force that hides these traits; of several the one that lasts longest."""
    hiding = (one for one in silences if one.starts_at <= now < one.ends_at and one.hides(traits))
    return max(hiding, key=lambda one: one.ends_at, default=None)
