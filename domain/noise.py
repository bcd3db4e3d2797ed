"""What is kept from ringing, and why: every alert that wakes nobody carries the reason."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from domain.base import Frozen
from domain.silence import Silence, silenced_by

Action = Literal["opened", "attached", "silenced", "inhibited", "suppressed"]

HEARTBEATS = frozenset({"watchdog", "deadmansswitch", "deadmanswitch", "heartbeat"})
HEARTBEAT_SEVERITIES = frozenset({"none", "heartbeat"})


BASELINE = "baseline: "


class Verdict(Frozen):
    """What was done with an alert, and the sentence that explains it."""

    action: Action
    reason: str


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
        return Verdict(action="silenced", reason=silence.because)
    return None


def feed_only(severity: str) -> Verdict:
    """The verdict where severity asks for nobody: it is shown in the feed (rules.md 5)."""
    return Verdict(action="suppressed", reason=f"feed only: severity {severity.strip() or 'none'}")


def _is_heartbeat(traits: Mapping[str, str], severity: str) -> bool:
    name = traits.get("alertname", "").lower().replace("-", "").replace("_", "")
    return name in HEARTBEATS or severity.strip().lower() in HEARTBEAT_SEVERITIES


def baseline(source: str) -> Verdict:
    """The verdict on what fired before ``source`` was first heard (rules.md 5)."""
    reason = f"{BASELINE}it fired before {source} was first heard here"
    return Verdict(action="suppressed", reason=reason)


def is_baseline(verdict: Verdict) -> bool:
    """Whether the alert was listed only because it fired before its source was heard."""
    return verdict.reason.startswith(BASELINE)
