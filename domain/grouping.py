"""Which alerts belong together: one group becomes one incident.

A sender that groups (Alertmanager, Grafana) is believed: same group key, same group, for as long
as that group is open. Everything else is grouped by what it is about, a service or else an alert
name in one environment, as long as alerts keep coming without a pause longer than `GAP`.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.alert import Signal
from domain.base import Frozen

GAP = timedelta(minutes=10)
SURROUNDINGS = ("env", "environment", "cluster", "region")


class Group(Frozen):
    """Alerts that are handled as one; ``last_at`` is when its newest episode started."""

    id: str
    key: str
    integration: str
    service: str | None = None
    incident: str | None = None
    open: bool = True
    count: int = 1
    first_at: datetime
    last_at: datetime


class Attach(Frozen):
    """Join the open group ``group``."""

    group: str
    reason: str


class Open(Frozen):
    """Begin a group under ``key``."""

    key: str
    reason: str


def key_of(signal: Signal, service: str | None) -> str:
    """The key under which open groups are looked up; ``service`` is the one routed to.

    For a sent group key it ends in its SHA-256, which Alertmanager itself gives to other
    receivers as the deduplication key.
    """
    if signal.group_key:
        return f"{signal.integration}:{_hashed(signal.group_key)}"
    about = f"service:{service}" if service else f"alert:{signal.name}"
    return _hashed(about, *(signal.labels.get(name, "") for name in SURROUNDINGS))


def choose(
    signal: Signal, service: str | None, groups: Iterable[Group], gap: timedelta = GAP
) -> Attach | Open:
    """The group of a newly firing signal, among ``groups`` (any; only fitting ones count)."""
    key = key_of(signal, service)
    fitting = (one for one in groups if one.open and one.key == key)
    found = max(fitting, key=lambda one: one.last_at, default=None)
    if found is None:
        return Open(key=key, reason=f"no open group {_what(signal, service)}")
    if signal.group_key:
        return Attach(group=found.id, reason=f"{signal.source} sent it in this group")
    return _by_pause(signal, service, found, gap)


def _by_pause(signal: Signal, service: str | None, group: Group, gap: timedelta) -> Attach | Open:
    pause = abs(signal.starts_at - group.last_at)
    what = _what(signal, service)
    if pause > gap:
        return Open(key=group.key, reason=f"the last alert {what} was over {_minutes(gap)} ago")
    return Attach(group=group.id, reason=f"another alert {what} within {_minutes(gap)}")


def _what(signal: Signal, service: str | None) -> str:
    if signal.group_key:
        return f"for this group of {signal.source}"
    return f"of {service}" if service else f"named {signal.name}"


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:g} min"


def _hashed(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()
