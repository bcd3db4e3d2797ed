"""Signals and alerts to test with, alike but for what a test names."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.alert import Signal

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def a_signal(**changes: Any) -> Signal:
    """A firing Alertmanager signal of one trino alert that began at noon."""
    usual = {
        "source": "alertmanager",
        "integration": "am",
        "fingerprint": "f1",
        "status": "firing",
        "name": "TrinoQueryFailures",
        "summary": "38 % of queries fail",
        "severity": "critical",
        "labels": {"alertname": "TrinoQueryFailures", "severity": "critical"},
        "annotations": {},
        "starts_at": NOON,
        "at": NOON,
    }
    return Signal.model_validate(usual | changes)


def resolved(**changes: Any) -> Signal:
    """As `a_signal`, over after five minutes."""
    return a_signal(**({"status": "resolved", "ends_at": at(5), "at": at(5)} | changes))
