"""What can go wrong in the demo: each scenario is a list of deliveries through the real door."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from pydantic import JsonValue

from bot.demo.bodies import (
    Condition,
    Firing,
    alertmanager_body,
    generic_body,
    grafana_body,
    pagerduty_body,
)
from domain.base import Frozen
from domain.errors import NotFound

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class Delivery(Frozen):
    """A body to post to ``/hooks/{source}``, so long after the scenario began."""

    after: timedelta
    source: str
    body: JsonValue


def scenario(name: str, now: datetime) -> tuple[Delivery, ...]:
    """The deliveries of a scenario that begins at ``now``, in order; raises `NotFound`."""
    if name not in SCENARIOS:
        raise NotFound(f"There is no scenario {name}; type one of {', '.join(SCENARIOS)}.")
    return tuple(sorted(SCENARIOS[name](now), key=lambda one: one.after))


def example(source: str, now: datetime) -> JsonValue:
    """One alert as ``source`` would send it; raises `NotFound`."""
    if source not in EXAMPLES:
        raise NotFound(f"There is no example of {source}; type one of {', '.join(EXAMPLES)}.")
    return EXAMPLES[source](Firing(condition=TRINO[0], starts_at=now))


def bad_deploy(now: datetime) -> Iterator[Delivery]:
    """trino v248 went out six minutes ago; 14 alerts of one group, told three times."""
    for count, seconds in ((5, 0), (11, 10), (14, 25), (14, 60)):
        yield _delivery(timedelta(seconds=seconds), _all(TRINO[:count], now))


def disk_full(now: datetime) -> Iterator[Delivery]:
    """A disk fills: a warning first, two minutes later it is critical."""
    filling = Firing(condition=CLICKHOUSE[0], starts_at=now)
    full = Firing(condition=CLICKHOUSE[1], starts_at=now + 2 * MINUTE)
    yield _delivery(timedelta(), [filling])
    yield _delivery(2 * MINUTE, [filling, full])


def cascade(now: datetime) -> Iterator[Delivery]:
    """patroni loses its leader, and what stands on PostgreSQL follows, one by one to trino."""
    for place, conditions in enumerate(CASCADE):
        after = place * 20 * SECOND
        yield _delivery(after, _all(conditions, now + after))


def noisy_night(now: datetime) -> Iterator[Delivery]:
    """Two hours of warnings and information that come and go; nobody needs to get up."""
    heartbeat = Firing(condition=WATCHDOG, starts_at=now)
    for round_ in range(12):
        begins = round_ * 10 * MINUTE
        yield _delivery(begins, [heartbeat])
        for place, condition in enumerate(NOISE):
            if (round_ + place) % 3:
                yield from _flap(condition, now, begins + place * 20 * SECOND)


def false_alarm(now: datetime) -> Iterator[Delivery]:
    """A target seems down and is back after two minutes, before anybody did anything."""
    yield from _flap(NGINX, now, timedelta(), lasts=2 * MINUTE)


def _flap(
    condition: Condition, now: datetime, after: timedelta, lasts: timedelta = 3 * MINUTE
) -> Iterator[Delivery]:
    started = now + after
    over = Firing(condition=condition, starts_at=started, ends_at=started + lasts)
    yield _delivery(after, [Firing(condition=condition, starts_at=started)])
    yield _delivery(after + lasts, [over])


def _all(conditions: Sequence[Condition], starts_at: datetime) -> list[Firing]:
    return [Firing(condition=one, starts_at=starts_at) for one in conditions]


def _delivery(after: timedelta, alerts: list[Firing]) -> Delivery:
    return Delivery(after=after, source="alertmanager", body=alertmanager_body(alerts))


def _condition(service: str, name: str, severity: str, summary: str, at: str = "") -> Condition:
    return Condition(name=name, service=service, severity=severity, summary=summary, instance=at)


def _trino(name: str, severity: str, summary: str, at: str = "") -> Condition:
    return _condition("trino", name, severity, summary, at)


TRINO = (
    _trino("TrinoQueryFailures", "critical", "38 % of queries fail on trino prod"),
    _trino(
        "TrinoCoordinatorErrors", "critical", "The coordinator answers 41 % of requests with 5xx"
    ),
    _trino("TrinoErrorBudgetBurn", "critical", "The error budget burns 22 times too fast"),
    _trino("TrinoPlannerExceptions", "warning", "The planner throws 120 exceptions a minute"),
    _trino("TrinoQueuedQueries", "warning", "214 queries are queued, usually under 20"),
    *(
        _trino(
            "TrinoWorkerTaskFailures", "warning", f"Tasks fail on worker {n}", f"worker-{n}:8080"
        )
        for n in range(1, 7)
    ),
    _trino("TrinoQueryLatency", "warning", "Half of all queries take longer than 90 s"),
    _trino("TrinoClientRetries", "warning", "Clients retry 6 times as often as an hour ago"),
    _trino("TrinoSplitsBlocked", "warning", "1,900 splits wait for memory"),
)
CLICKHOUSE = (
    _condition("clickhouse", "ClickHouseDiskFilling", "warning",
               "The data disk is 85 % full and fills within 4 hours", "ch-1:9363"),
    _condition("clickhouse", "ClickHouseDiskFull", "critical",
               "The data disk is 97 % full, inserts are refused", "ch-1:9363"),
)  # fmt: skip
CASCADE = (
    (_condition("patroni", "PatroniNoLeader", "critical", "The cluster has no leader"),),
    (
        _condition("postgresql", "PostgresqlReadOnly", "critical", "No instance takes writes"),
        _condition(
            "postgresql", "PostgresqlReplicationLag", "warning", "Replicas lag 95 s", "pg-2"
        ),
    ),
    (_condition("pgbouncer", "PgbouncerServerErrors", "critical", "Pools cannot connect"),),
    (_condition("nessie", "NessieCommitFailures", "critical", "Catalogue commits fail"),),
    (_condition("trino", "TrinoCatalogueErrors", "critical", "Queries fail to load tables"),),
    (_condition("superset", "SupersetChartErrors", "warning", "Charts of trino fail to load"),),
)
WATCHDOG = _condition("prometheus", "Watchdog", "none", "The alerting chain works")
NOISE = (
    _condition("redis", "RedisHitRateLow", "info", "The hit rate is 71 %"),
    _condition("kafka", "KafkaConsumerLag", "warning", "A consumer is 40,000 messages behind"),
    _condition("airflow", "AirflowTaskRetries", "warning", "A task was retried twice"),
    _condition("spark", "SparkExecutorLost", "info", "An executor was replaced"),
    _condition("flink", "FlinkCheckpointSlow", "warning", "A checkpoint took 48 s"),
    _condition("keycloak", "KeycloakLoginFailures", "info", "30 logins failed in 5 min"),
)
NGINX = _condition(
    "nginx", "NginxTargetDown", "critical", "nginx on edge-2 does not answer", "edge-2"
)

SCENARIOS: dict[str, Callable[[datetime], Iterator[Delivery]]] = {
    "bad-deploy": bad_deploy,
    "disk-full": disk_full,
    "cascade": cascade,
    "noisy-night": noisy_night,
    "false-alarm": false_alarm,
}
EXAMPLES: dict[str, Callable[[Firing], JsonValue]] = {
    "alertmanager": lambda alert: alertmanager_body([alert]),
    "grafana": grafana_body,
    "pagerduty": pagerduty_body,
    "generic": generic_body,
}
