"""A signal is one delivered notification; an alert is the condition it tells of.

Signals arrive late, twice and in any order. The state of an alert is that of its newest signal:
newest by (start, status, end), where resolved comes after firing. So every order of the same
deliveries ends alike and repeating them changes nothing.
"""

from datetime import datetime
from typing import Any, Literal

from domain.base import Frozen
from domain.deploy_event import DeployEvent
from domain.noise import Verdict
from domain.severity import Severity
from domain.urgency import Urgency, meaning

AlertStatus = Literal["firing", "resolved"]
Kind = Literal["opened", "refired", "updated", "resolved", "ignored", "stale"]

UNOPENED = Verdict(action="suppressed", reason="resolved before it was seen firing")


class Signal(Frozen):
    """One alert as a source delivered it, in our words.

    ``integration`` is the namespace of the fingerprint (one per token or source);
    ``severity`` is what the sender wrote, not yet ours; ``group_key`` is set where the sender
    groups. Times are UTC; ``ends_at`` is None while firing. ``at`` is when the event happened
    by the sender's word, else when it arrived.

    Most senders repeat when the episode started, and that orders their signals
    (``ordered_by`` "start"). Some only say what happens now (PagerDuty, a bare
    ``{"status": "firing"}``): theirs are ordered by ``at`` ("event"), and ``starts_at`` only
    counts where the signal begins an episode.
    """

    source: str
    integration: str
    fingerprint: str
    status: AlertStatus
    name: str
    summary: str
    severity: str
    service: str | None = None
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime
    ends_at: datetime | None = None
    group_key: str | None = None
    url: str | None = None
    at: datetime | None = None
    ordered_by: Literal["start", "event"] = "start"

    @property
    def seen_at(self) -> datetime:
        """The instant this signal speaks of."""
        return self.at or self.starts_at


class Parsed(Frozen):
    """What a body held: signals or words about deployments, how many signals the sender left out,
    and whether it was understood. ``answers`` names what rings outside and was answered there.

    A body of a known source in an unknown shape has ``understood`` False and no signals: it is
    kept raw and shown.
    """

    signals: tuple[Signal, ...] = ()
    answers: tuple[str, ...] = ()
    deployments: tuple[DeployEvent, ...] = ()
    truncated: int = 0
    understood: bool = True


class Alert(Frozen):
    """A condition, known by (integration, fingerprint), as its newest signal tells it.

    ``count`` is how many episodes it has moved through; a repeated delivery and a late word of
    an older episode do not count. ``severity`` is the sender's word on our scale (a route
    changes the incident's, not this). ``service`` is the sender's word until routing knows
    better. ``group``, ``incident``, ``verdict`` and ``urgency`` are decided once per episode and
    are empty until then. ``seen_at`` is the instant of its newest signal. ``id`` and ``number``
    are given at the first save.
    """

    id: str = ""
    number: int = 0
    integration: str
    fingerprint: str
    source: str
    status: AlertStatus
    severity: Severity
    service: str | None = None
    name: str
    summary: str
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime
    ends_at: datetime | None = None
    count: int = 1
    group: str | None = None
    incident: str | None = None
    verdict: Verdict | None = None
    urgency: Urgency | None = None
    url: str | None = None
    group_key: str | None = None
    seen_at: datetime


DECIDED = ("service", "group_key", "group", "incident", "verdict", "urgency")
SHARED = (Alert.model_fields.keys() & Signal.model_fields.keys()) - {"severity", "seen_at"}


class Change(Frozen):
    """What a signal did to its alert.

    opened    first seen, firing: decide about it
    refired   a new episode fires: decide about it again
    updated   the same episode, in new words
    resolved  it was firing and is over
    ignored   nobody needs to act, but the alert remembers something: save it
    stale     older than what is known, or the same again: ``alert`` is as it was
    """

    kind: Kind
    reason: str
    alert: Alert


def apply(alert: Alert | None, signal: Signal) -> Change:
    """What ``signal`` makes of ``alert`` (None where the fingerprint is new)."""
    if alert is None:
        return _first(signal)
    if signal.ordered_by == "event":
        return _event(alert, _told(signal))
    return _newest(alert, _told(signal))


def retold(alert: Alert) -> Signal:
    """The newest signal of ``alert`` once more, as far as it was kept."""
    shared = {name: getattr(alert, name) for name in SHARED}
    return Signal(**shared, severity=alert.severity.value, at=alert.seen_at)


def traits(told: Signal | Alert) -> dict[str, str]:
    """What matchers see: the labels, and alertname, service, fingerprint and source."""
    known = {
        "alertname": told.name,
        "fingerprint": told.fingerprint,
        "source": told.source,
        "service": told.service or told.labels.get("service", ""),
    }
    return told.labels | known


def _first(signal: Signal) -> Change:
    alert = _told(signal)
    if signal.status == "firing":
        return _change("opened", "first time this alert is seen", alert)
    return _change("ignored", UNOPENED.reason, _with(alert, verdict=UNOPENED))


def _newest(alert: Alert, told: Alert) -> Change:
    if told.starts_at > alert.starts_at:
        return _next_episode(alert, told)
    if _is_newer(told, alert):
        return _same_episode(alert, told)
    if told.starts_at < alert.starts_at:
        return _change("stale", "about an older episode", alert)
    if told.status != alert.status:
        return _change("stale", "this episode has already resolved", alert)
    return _change("stale", "already known", alert)


def _event(alert: Alert, told: Alert) -> Change:
    """Order by event: the latest event tells, and firing after a resolve begins an episode."""
    if told.seen_at < alert.seen_at:
        return _change("stale", "older than the last event", alert)
    if alert.status == "resolved" and told.status == "firing":
        if told.seen_at == alert.seen_at:
            return _change("stale", "resolved at the same instant", alert)
        return _next_episode(alert, _with(told, starts_at=told.seen_at))
    over = alert.ends_at or told.ends_at or told.seen_at
    ends_at = over if told.status == "resolved" else None
    return _newest(alert, _with(told, starts_at=alert.starts_at, ends_at=ends_at))


def _next_episode(alert: Alert, told: Alert) -> Change:
    fresh = _with(told, id=alert.id, number=alert.number, count=alert.count + 1)
    if fresh.status == "firing":
        return _change("refired", "fires again", fresh)
    if alert.status == "firing":
        return _change("resolved", "a later episode has already resolved", _kept(alert, fresh))
    return _change("ignored", UNOPENED.reason, _with(fresh, verdict=UNOPENED))


def _same_episode(alert: Alert, told: Alert) -> Change:
    after = _kept(alert, told, "id", "number", "count")
    if told.status != alert.status:
        return _change("resolved", "the sender says resolved", after)
    if _words(told) == _words(alert):
        return _change("ignored", "said again", after)
    if told.status == "resolved":
        return _change("ignored", "resolved, in new words", after)
    return _change("updated", "the same episode, in new words", after)


def _kept(alert: Alert, told: Alert, *further: str) -> Alert:
    """``told`` with what was decided about ``alert``, and ``further`` fields of it."""
    return _with(told, **{name: getattr(alert, name) for name in (*DECIDED, *further)})


def _told(signal: Signal) -> Alert:
    told = {name: getattr(signal, name) for name in SHARED}
    severity = meaning(signal.severity).severity
    return Alert.model_construct(None, **told | {"severity": severity, "seen_at": signal.seen_at})


def _is_newer(told: Alert, known: Alert) -> bool:
    one, other = _when(told), _when(known)
    return _words(told) > _words(known) if one == other else one > other


def _when(alert: Alert) -> tuple[Any, ...]:
    ended = alert.ends_at or alert.starts_at
    return alert.starts_at, alert.status == "resolved", ended, alert.seen_at


def _words(alert: Alert) -> tuple[Any, ...]:
    """What people read. Between signals alike in all else the greater text wins: any fixed
    choice would do, so long as it does not depend on which came first."""
    labels, annotations = sorted(alert.labels.items()), sorted(alert.annotations.items())
    return alert.name, alert.summary, alert.severity, labels, annotations, alert.url or ""


def _with(alert: Alert, **fields: Any) -> Alert:
    return alert.model_copy(update=fields)


def _change(kind: Kind, reason: str, alert: Alert) -> Change:
    return Change(kind=kind, reason=reason, alert=alert)
