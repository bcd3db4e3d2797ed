"""What is kept from ringing, and why: every alert that wakes nobody carries the reason."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from domain.base import Frozen
from domain.errors import Invalid
from domain.matcher import Matcher, fits

Action = Literal["opened", "attached", "silenced", "inhibited", "suppressed"]

HEARTBEATS = frozenset({"watchdog", "deadmansswitch", "deadmanswitch", "heartbeat"})
HEARTBEAT_SEVERITIES = frozenset({"none", "heartbeat"})
NAMING = ("service", "alertname", "fingerprint")


BASELINE = "baseline: "


class Verdict(Frozen):
    """What was done with an alert, and the sentence that explains it."""

    action: Action
    reason: str


class Silence(Frozen):
    """Alerts that fit every matcher ring nobody from ``starts_at`` until before ``ends_at``."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    why: str

    def hides(self, traits: Mapping[str, str]) -> bool:
        """Whether it speaks of an alert with these traits, whatever the time."""
        return fits(self.matchers, traits)


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


def quiet(
    traits: Mapping[str, str], severity: str, silences: Iterable[Silence], now: datetime
) -> Verdict | None:
    """Why a newly firing alert rings nobody, whatever a route says; None where it may ring.

    ``traits`` are `domain.alert.traits` once its service is known, ``severity`` is the sender's
    own word. A heartbeat always fires, so only its absence means something.
    """
    if _is_heartbeat(traits, severity):
        return Verdict(action="suppressed", reason="heartbeat: it always fires, rings nobody")
    if silence := silenced_by(traits, silences, now):
        return Verdict(action="silenced", reason=_because(silence))
    return None


def feed_only(severity: str) -> Verdict:
    """The verdict where severity asks for nobody: it is shown in the feed (rules.md 5)."""
    return Verdict(action="suppressed", reason=f"feed only: severity {severity.strip() or 'none'}")


def _is_heartbeat(traits: Mapping[str, str], severity: str) -> bool:
    name = traits.get("alertname", "").lower().replace("-", "").replace("_", "")
    return name in HEARTBEATS or severity.strip().lower() in HEARTBEAT_SEVERITIES


def _because(silence: Silence) -> str:
    return (
        f"silence {silence.id} by {silence.created_by} until "
        f"{silence.ends_at:%Y-%m-%d %H:%M} UTC: {silence.why}"
    )


def baseline(source: str) -> Verdict:
    """The verdict on what fired before ``source`` was first heard (rules.md 5)."""
    reason = f"{BASELINE}it fired before {source} was first heard here"
    return Verdict(action="suppressed", reason=reason)


def is_baseline(verdict: Verdict) -> bool:
    """Whether the alert was listed only because it fired before its source was heard."""
    return verdict.reason.startswith(BASELINE)
