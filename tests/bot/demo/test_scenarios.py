"""The scenarios: real bodies that come to what each of them promises."""

from datetime import timedelta
from pkgutil import iter_modules

import pytest

from bot.demo.scenarios import EXAMPLES, SCENARIOS, Delivery, example, scenario
from domain.alert import Alert, Change, Signal, apply, traits
from domain.classify import classify, subject_of
from domain.errors import NotFound
from domain.grouping import key_of
from domain.noise import quiet
from domain.severity import Severity
from integrations import alerts
from integrations.alerts.discovery import sources
from tests.fakes.signals import NOON

COMPONENTS = {
    "postgresql", "patroni", "etcd", "pgbouncer", "kafka", "zookeeper", "schema-registry", "minio",
    "nessie", "trino", "spark", "flink", "clickhouse", "airflow", "superset", "keycloak",
    "prometheus", "grafana", "alertmanager", "nginx", "redis",
}  # fmt: skip


def told(deliveries: tuple[Delivery, ...]) -> list[Signal]:
    """The signals of these deliveries, each received when it was sent."""
    return [
        signal
        for one in deliveries
        for signal in sources()[one.source].parse(one.body, "demo", NOON + one.after).signals
    ]


def replay(name: str, times: int = 1) -> tuple[dict[str, Alert], list[Change]]:
    """What the signals of a scenario come to."""
    alerts: dict[str, Alert] = {}
    changes = []
    for signal in told(scenario(name, NOON)) * times:
        changes.append(apply(alerts.get(signal.fingerprint), signal))
        alerts[signal.fingerprint] = changes[-1].alert
    return alerts, changes


def loud(name: str) -> list[Signal]:
    """The signals that open something and are not kept quiet."""
    alerts: dict[str, Alert] = {}
    found = []
    for signal in told(scenario(name, NOON)):
        change = apply(alerts.get(signal.fingerprint), signal)
        alerts[signal.fingerprint] = change.alert
        if change.kind in ("opened", "refired"):
            found.append(signal)
    return [
        one
        for one in found
        if classify(subject_of(one)).urgency != "none"
        and not quiet(traits(one), one.severity, [], NOON)
    ]


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_the_same_for_the_same_instant(name: str):
    """No clock, no chance; in order, and about the demo's platform only."""
    deliveries = scenario(name, NOON)
    assert deliveries == scenario(name, NOON)
    assert [one.after for one in deliveries] == sorted(one.after for one in deliveries)
    assert deliveries[0].after == timedelta()
    assert {one.service for one in told(deliveries)} <= COMPONENTS


@pytest.mark.parametrize("name", SCENARIOS)
def test_replaying_a_scenario_changes_nothing(name: str):
    """Every delivery may come twice."""
    once, _ = replay(name)
    twice, _ = replay(name, times=2)
    shown = {"status", "starts_at", "ends_at", "count", "summary"}
    assert {key: one.model_dump(include=shown) for key, one in once.items()} == {
        key: one.model_dump(include=shown) for key, one in twice.items()
    }


def test_bad_deploy_is_one_group_of_14_alerts_and_sev2():
    """14 alerts of trino in production, one group, led by what people feel."""
    alerts, _ = replay("bad-deploy")
    signals = told(scenario("bad-deploy", NOON))
    assert len(alerts) == 14
    assert {key_of(one, "trino") for one in signals} == {key_of(signals[0], None)}
    first = classify(subject_of(signals[0]))
    assert (signals[0].summary, first.severity, first.urgency) == (
        "38 % of queries fail on trino prod",
        Severity.SEV2,
        "high",
    )
    assert {one.labels["env"] for one in signals} == {"prod"}
    assert all(one.status == "firing" for one in alerts.values())


def test_disk_full_gets_worse():
    """A warning rings nobody at night; two minutes later the same group is critical."""
    first, *_, last = loud("disk-full")
    assert [classify(subject_of(one)).urgency for one in (first, last)] == ["low", "high"]
    assert key_of(first, None) == key_of(last, None)
    assert last.starts_at - first.starts_at == timedelta(minutes=2)


def test_cascade_goes_from_patroni_to_trino():
    """What fails first is named first, and every service has its own group."""
    order = list(dict.fromkeys(one.service for one in loud("cascade")))
    assert order == ["patroni", "postgresql", "pgbouncer", "nessie", "trino", "superset"]


def test_noisy_night_wakes_nobody():
    """Everything is low or kept quiet, most of it flaps, and all but the heartbeat is over."""
    alerts, changes = replay("noisy-night")
    assert {classify(subject_of(one)).urgency for one in loud("noisy-night")} == {"low"}
    assert sum(change.kind == "refired" for change in changes) > 20
    assert [one.name for one in alerts.values() if one.status == "firing"] == ["Watchdog"]


def test_false_alarm_is_over_after_two_minutes():
    """It pages, and heals before anybody could act."""
    alerts, changes = replay("false-alarm")
    (alert,) = alerts.values()
    assert [change.kind for change in changes] == ["opened", "resolved"]
    assert classify(subject_of(loud("false-alarm")[0])).urgency == "high"
    assert alert.ends_at == NOON + timedelta(minutes=2)


ALERT_SOURCES = [one.name for one in iter_modules(alerts.__path__) if one.name in sources()]


@pytest.mark.parametrize("source", ALERT_SOURCES)
def test_every_source_of_alerts_has_an_example(source: str):
    """`tocsin send alert --example SOURCE` works for each there is."""
    (signal,) = sources()[source].parse(example(source, NOON), "demo", NOON).signals
    assert (signal.service, signal.status, signal.starts_at) == ("trino", "firing", NOON)
    assert classify(subject_of(signal)).urgency == "high"


def test_an_example_sent_again_later_fires_again():
    """Sending an example a minute later is a new episode or a new alert, never nothing."""
    for source in EXAMPLES:
        parse = sources()[source].parse
        later = NOON + timedelta(minutes=1)
        (first,) = parse(example(source, NOON), "demo", NOON).signals
        (second,) = parse(example(source, later), "demo", later).signals
        again = apply(apply(None, first).alert, second)
        assert again.kind == "refired" or second.fingerprint != first.fingerprint


@pytest.mark.parametrize(("ask", "known"), [(scenario, "bad-deploy"), (example, "alertmanager")])
def test_an_unknown_name_lists_those_there_are(ask, known: str):
    """The sentence says what to type."""
    with pytest.raises(NotFound, match=known):
        ask("nonsense", NOON)
