"""Prometheus metrics in a registry of their own: base units, few labels, never an id in one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from storage.tally import Levels, Tally

WAITS_S = (0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600)
REQUESTS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


@dataclass(frozen=True)
class Metric:
    """One metric as it is exported; ``buckets`` are seconds, for histograms."""

    kind: Literal["counter", "gauge", "histogram"]
    name: str
    told: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


EVENTS = Metric(
    "counter", "tocsin_events_received_total", "Deliveries on disk", ("source", "outcome")
)
NOTIFY = Metric(
    "histogram",
    "tocsin_ingest_to_notify_seconds",
    "From an incident's detection to the first ring of its first page",
    buckets=WAITS_S,
)
ACK = Metric(
    "histogram",
    "tocsin_incident_ack_seconds",
    "From an incident's declaration to its acknowledgement",
    buckets=WAITS_S,
)
CHAT_UP = Metric("gauge", "tocsin_chat_up", "1 where an outside chat answers", ("platform",))
CHAT_BUSY = Metric(
    "gauge",
    "tocsin_chat_busy_seconds",
    "For how long an outside chat still wants to be left alone, where that is long",
    ("platform",),
)
CHAT_ERRORS = Metric(
    "counter", "tocsin_chat_api_errors_total", "Calls to a chat that failed", ("platform",)
)
CHAT_SHORTENED = Metric(
    "counter",
    "tocsin_chat_shortened_total",
    "Messages that a chat does not take whole, and that were shortened",
    ("platform",),
)
PAGES = Metric("counter", "tocsin_pages_total", "Rings of pages", ("channel", "result"))
ESCALATIONS = Metric("counter", "tocsin_escalations_total", "Steps of policies rung", ("step",))
MODEL = Metric("counter", "tocsin_llm_requests_total", "Calls to a model", ("model", "result"))
COST = Metric("counter", "tocsin_llm_cost_usd_total", "What models cost, in US dollars")
OPEN = Metric("gauge", "tocsin_incidents_open", "Incidents that are not resolved", ("severity",))
QUEUE = Metric("gauge", "tocsin_queue_depth", "Jobs that are not done", ("lane", "state"))
LAG = Metric("gauge", "tocsin_scheduler_lag_seconds", "Age of the oldest job that is due")
UNSEALED = Metric("gauge", "tocsin_audit_unsealed", "Audit rows that wait for the sealer")
DUTY = Metric("gauge", "tocsin_duty_age_seconds", "Since a duty last finished a cycle", ("duty",))
FINDINGS = Metric(
    "gauge", "tocsin_auditor_findings", "What the auditor's last look found that will not ring"
)
CLEAN = Metric(
    "gauge",
    "tocsin_auditor_clean_age_seconds",
    "Since the auditor last found nothing wrong; +Inf where it never has",
)
REQUESTS = Metric(
    "histogram",
    "tocsin_http_request_seconds",
    "Requests answered",
    ("route", "status"),
    buckets=REQUESTS_S,
)
BUILD = Metric("gauge", "tocsin_build_info", "1, with the version", ("version",))
ALL = (
    EVENTS, NOTIFY, ACK, PAGES, ESCALATIONS, MODEL, COST, OPEN, QUEUE, LAG, UNSEALED, DUTY,
    FINDINGS, CLEAN, REQUESTS, CHAT_UP, CHAT_BUSY, CHAT_ERRORS, CHAT_SHORTENED, BUILD,
)  # fmt: skip


class Metrics:
    """The metrics of one process."""

    def __init__(self, version: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # the library types all else
        self._registry = CollectorRegistry()
        self._counters = {one: self._counter(one) for one in ALL if one.kind == "counter"}
        self._gauges = {one: self._gauge(one) for one in ALL if one.kind == "gauge"}
        self._histograms = {one: self._histogram(one) for one in ALL if one.kind == "histogram"}
        self._gauges[BUILD].labels(version).set(1)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request by the pattern of its route."""
        self._histograms[REQUESTS].labels(route or "none", str(status)).observe(seconds)

    def chat_failed(self, platform: str) -> None:
        """Count a call that a chat did not answer, or refused."""
        self._counters[CHAT_ERRORS].labels(platform).inc()

    def chat_shortened(self, platform: str) -> None:
        """Count a message that did not fit whole."""
        self._counters[CHAT_SHORTENED].labels(platform).inc()

    def aged(self, ages: Mapping[str, float]) -> None:
        """Note how old the duties' pulses are."""
        for duty, age in ages.items():
            self._gauges[DUTY].labels(duty).set(age)

    def happened(self, tally: Tally) -> None:
        """Count what was committed since the last time."""
        self._count(EVENTS, tally.events)
        self._count(PAGES, tally.pages)
        self._count(ESCALATIONS, tally.escalations)
        self._count(MODEL, tally.models)
        self._counters[COST].inc(tally.cost_usd)
        self._observe(NOTIFY, tally.notify_s)
        self._observe(ACK, tally.ack_s)

    def stand(self, levels: Levels) -> None:
        """Note how things stand; a level that is not named has gone to nothing."""
        self._level(OPEN, levels.open)
        self._level(QUEUE, levels.queue)
        self._level(CHAT_UP, levels.chats)
        self._level(CHAT_BUSY, levels.busy_s)
        self._gauges[LAG].set(levels.lag_s)
        self._gauges[UNSEALED].set(levels.unsealed)
        self._gauges[FINDINGS].set(levels.findings)
        self._gauges[CLEAN].set(levels.clean_age_s)

    def _count(self, metric: Metric, counts: Mapping[tuple[str, ...], int]) -> None:
        for labels, count in counts.items():
            self._counters[metric].labels(*labels).inc(count)

    def _observe(self, metric: Metric, seconds: Iterable[float]) -> None:
        for one in seconds:
            self._histograms[metric].observe(max(0.0, one))

    def _level(self, metric: Metric, levels: Mapping[tuple[str, ...], int]) -> None:
        self._gauges[metric].clear()
        for labels, level in levels.items():
            self._gauges[metric].labels(*labels).set(level)

    def _counter(self, one: Metric) -> Counter:
        return Counter(one.name, one.told, one.labels, registry=self._registry)

    def _gauge(self, one: Metric) -> Gauge:
        return Gauge(one.name, one.told, one.labels, registry=self._registry)

    def _histogram(self, one: Metric) -> Histogram:
        return Histogram(
            one.name, one.told, one.labels, registry=self._registry, buckets=one.buckets
        )
