"""Which alerts are one incident."""

import hashlib
from typing import Any

import pytest

from domain.grouping import Attach, Group, Open, choose, key_of
from tests.fakes.signals import NOON, a_signal, at

SENT = {"group_key": '{}:{alertname="A", le="<0.5>"}'}


def group(key: str, **changes: Any) -> Group:
    """An open group that began at noon."""
    usual = {"id": "g1", "key": key, "integration": "am", "first_at": NOON, "last_at": NOON}
    return Group.model_validate(usual | changes)


def test_a_sent_group_key_is_hashed_as_alertmanager_does():
    """The key ends in sha256(groupKey), which Alertmanager gives to PagerDuty and Opsgenie."""
    expected = hashlib.sha256(SENT["group_key"].encode()).hexdigest()
    assert key_of(a_signal(**SENT), "trino") == f"am:{expected}"


def test_group_keys_of_two_integrations_never_meet():
    """Two Alertmanagers may send the same key for different things."""
    assert key_of(a_signal(**SENT), None) != key_of(a_signal(integration="b", **SENT), None)


def test_a_senders_group_is_joined_while_it_is_open():
    """However much time has passed, the sender's own grouping holds."""
    told = a_signal(starts_at=at(600), **SENT)
    chosen = choose(told, "trino", [group(key_of(told, "trino"))])
    assert chosen == Attach(group="g1", reason="alertmanager sent it in this group")


@pytest.mark.parametrize("other", [{"open": False}, {"key": "am:other"}])
def test_closed_and_other_groups_are_not_joined(other: dict[str, Any]):
    """A group that has ended takes nothing more; neither does one of another key."""
    told = a_signal(**SENT)
    chosen = choose(told, None, [group(key_of(told, None)).model_copy(update=other)])
    assert chosen == Open(
        key=key_of(told, None), reason="no open group for this group of alertmanager"
    )


def test_alerts_of_one_service_are_one_group():
    """Different alerts of a service, from any sender, within ten minutes."""
    first = a_signal()
    second = a_signal(name="TrinoSlow", integration="grafana", starts_at=at(9))
    chosen = choose(second, "trino", [group(key_of(first, "trino"))])
    assert chosen == Attach(group="g1", reason="another alert of trino within 10 min")


def test_a_long_pause_begins_a_new_group():
    """More than ten minutes after the last alert it is another matter."""
    told = a_signal(starts_at=at(11))
    chosen = choose(told, "trino", [group(key_of(told, "trino"))])
    assert isinstance(chosen, Open)
    assert chosen.reason == "the last alert of trino was over 10 min ago"


def test_without_a_service_the_alert_name_counts():
    """Alerts that nobody owns are grouped by what they are called."""
    told = a_signal(name="DiskFull")
    assert choose(told, None, []) == Open(
        key=key_of(told, None), reason="no open group named DiskFull"
    )
    assert key_of(told, None) != key_of(a_signal(name="Other"), None)


@pytest.mark.parametrize("label", ["env", "environment", "cluster", "region"])
def test_environments_are_kept_apart(label: str):
    """The same service in production and staging is not one incident."""
    here, there = (a_signal(labels={label: value}) for value in ("prod", "staging"))
    assert key_of(here, "trino") != key_of(there, "trino")


def test_of_several_fitting_groups_the_latest_is_joined():
    """Two groups of one key may be open: the one that was busy last goes on."""
    told = a_signal(starts_at=at(12))
    groups = [group(key_of(told, "t"), id=f"g{n}", last_at=at(n)) for n in (3, 10, 7)]
    chosen = choose(told, "t", groups)
    assert isinstance(chosen, Attach)
    assert chosen.group == "g10"
