"""Prometheus Alertmanager's webhook, version 4 (and 3, which lacks fingerprints).

One body carries a whole group, firing and resolved mixed; it comes again at every group
interval. ``endsAt`` is the year 1 while firing. ``truncatedAlerts`` says how many were left out.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from domain.alert import AlertStatus, Parsed, Signal
from integrations.alerts.shape import (
    ANNOTATION,
    SUMMARY,
    Table,
    body_of,
    count,
    cut,
    digits,
    fingerprint,
    identity,
    instant,
    link,
    needed_table,
    rows,
    word,
    words,
    wrong,
)

SOURCE = "alertmanager"


def parse(body: JsonValue, integration: str, received: datetime) -> Parsed:
    """Read one delivery; a body without ``alerts`` is not understood."""
    told = body_of(body)
    if "alerts" not in told:
        return Parsed(understood=False)
    return read(told, Parsing(SOURCE, integration, received))


@dataclass(frozen=True)
class Parsing:
    """What every signal of one body shares."""

    source: str
    integration: str
    received: datetime


def read(told: Table, parsing: Parsing) -> Parsed:
    """The signals of a body with ``alerts``, as Alertmanager and Grafana send them."""
    common = _status(told.get("status"), "status", "firing")
    group_key = _group_key(told.get("groupKey"))
    return Parsed(
        signals=tuple(
            _signal(sent, f"alerts[{number}]", common, group_key, parsing)
            for number, sent in enumerate(rows(told["alerts"], "alerts"))
        ),
        truncated=count(told.get("truncatedAlerts"), "truncatedAlerts"),
    )


def _signal(
    sent: JsonValue, path: str, common: AlertStatus, group_key: str | None, parsing: Parsing
) -> Signal:
    one = needed_table(sent, path)
    labels = words(needed_table(one.get("labels"), f"{path}.labels"), f"{path}.labels")
    notes = words(one.get("annotations"), f"{path}.annotations", ANNOTATION)
    status = _status(one.get("status"), f"{path}.status", common)
    started = instant(one.get("startsAt"), f"{path}.startsAt")
    ended = instant(one.get("endsAt"), f"{path}.endsAt")
    given = word(one.get("fingerprint"), f"{path}.fingerprint", SUMMARY)
    return Signal(
        source=parsing.source,
        integration=parsing.integration,
        fingerprint=identity(given) if given else fingerprint(labels),
        status=status,
        name=labels.get("alertname") or "Alert without a name",
        summary=_summary(labels, notes),
        severity=labels.get("severity", ""),
        service=labels.get("service"),
        labels=labels,
        annotations=notes,
        starts_at=started or parsing.received,
        ends_at=(ended or parsing.received) if status == "resolved" else None,
        group_key=group_key,
        url=link(one.get("generatorURL"), f"{path}.generatorURL"),
        at=parsing.received,
        ordered_by="start" if started else "event",
    )


def _status(value: JsonValue, path: str, absent: AlertStatus) -> AlertStatus:
    if value is None:
        return absent
    if value == "firing":
        return "firing"
    if value == "resolved":
        return "resolved"
    raise wrong(path, "firing or resolved")


def _group_key(value: JsonValue) -> str | None:
    """A text; version 3 sent a number."""
    if isinstance(value, int):
        return digits(value, "groupKey")
    return identity(word(value, "groupKey", 1 << 20), SUMMARY) or None


def _summary(labels: dict[str, str], notes: dict[str, str]) -> str:
    found = notes.get("summary") or notes.get("description") or notes.get("message")
    return cut(found or labels.get("alertname", ""), SUMMARY)
