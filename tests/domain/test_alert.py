"""Newest wins: whatever the order and however often signals arrive, an alert ends alike."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert import Alert, Change, Signal, apply, traits
from domain.grouping import key_of
from domain.severity import Severity
from integrations.alerts.discovery import sources
from tests.fakes.signals import NOON, a_signal, at, resolved

LIVE = Path(__file__).parents[1] / "payloads" / "webhooks_live"

times = st.integers(0, 4).map(at)
signals = st.builds(
    lambda status, start, end, seen, summary: a_signal(
        status=status,
        starts_at=start,
        ends_at=start + end if status == "resolved" else None,
        at=seen,
        summary=summary,
    ),
    st.sampled_from(["firing", "resolved"]),
    times,
    st.integers(0, 2).map(lambda minutes: timedelta(minutes=minutes)),
    times,
    st.sampled_from(["38 %", "41 %", "12 %"]),
)


def run(told: Iterable[Signal], alert: Alert | None = None) -> tuple[Alert | None, list[Change]]:
    """Apply signals one after the other."""
    changes: list[Change] = []
    for one in told:
        changes.append(apply(alert, one))
        alert = changes[-1].alert
    return alert, changes


def kinds(told: Iterable[Signal]) -> list[str]:
    """What each signal did."""
    return [change.kind for change in run(told)[1]]


def state(alert: Alert | None) -> dict[str, Any]:
    """What must not depend on the order; how many episodes were seen on the way may."""
    assert alert is not None
    return alert.model_dump(exclude={"count", "verdict"})


@given(
    st.lists(signals, min_size=1, max_size=6).flatmap(
        lambda told: st.tuples(st.just(told), st.permutations(told + told[:2]))
    )
)
def test_every_order_with_duplicates_ends_alike(cases: tuple[list[Signal], list[Signal]]):
    """I6: the final state is a function of the set of signals."""
    told, shuffled = cases
    assert state(run(told)[0]) == state(run(shuffled)[0])


@given(st.lists(signals, min_size=1, max_size=6))
def test_a_second_delivery_of_everything_changes_nothing(told: list[Signal]):
    """Redelivery, in order, leaves the alert as it is, its count included."""
    once, _ = run(told)
    twice, changes = run(told, once)
    assert twice == once
    assert {change.kind for change in changes} == {"stale"}


@given(st.lists(signals, min_size=1, max_size=6))
def test_an_alert_never_opens_or_fires_again_for_an_episode_that_is_over(told: list[Signal]):
    """Each episode opens at most once, and never after it was seen resolved."""
    _, changes = run(told)
    opening = [one.alert.starts_at for one in changes if one.kind in ("opened", "refired")]
    assert len(opening) == len(set(opening))
    over = {one.starts_at: place for place, one in enumerate(told) if one.status == "resolved"}
    assert all(
        over.get(change.alert.starts_at, place) >= place
        for place, change in enumerate(changes)
        if change.kind in ("opened", "refired")
    )


def test_an_episode_from_first_firing_to_its_end():
    """First seen opens, new words update, the same words are ignored, the end resolves."""
    told = [a_signal(), a_signal(at=at(1)), a_signal(summary="41 %", at=at(2)), resolved()]
    assert kinds(told) == ["opened", "ignored", "updated", "resolved"]


def test_a_new_episode_fires_again_and_is_judged_anew():
    """A later start is another episode: counted, and free of what was decided before."""
    alert, _ = run([a_signal(), resolved()])
    assert alert is not None
    decided = alert.model_copy(update={"id": "ALR-1", "incident": "INC-1", "group": "g1"})
    change = apply(decided, a_signal(starts_at=at(30), at=at(30)))
    assert (change.kind, change.alert.count, change.alert.id) == ("refired", 2, "ALR-1")
    assert (change.alert.incident, change.alert.group, change.alert.verdict) == (None, None, None)


def test_what_was_decided_stays_through_an_episode():
    """New words and the end keep id, group, incident and the service that routing found."""
    decided = {"id": "ALR-7", "number": 7, "incident": "INC-1", "group": "g", "service": "trino"}
    alert = apply(None, a_signal()).alert.model_copy(update=decided)
    for told in (a_signal(summary="41 %", at=at(1)), resolved()):
        alert = apply(alert, told).alert
        assert {name: getattr(alert, name) for name in decided} == decided


def test_resolved_before_firing_opens_nothing_and_the_late_firing_stays_resolved():
    """The end of an unseen episode is remembered, so that its firing arriving late is stale."""
    _, (first, late) = run([resolved(), a_signal()])
    assert (first.kind, late.kind, late.alert.status) == ("ignored", "stale", "resolved")
    assert first.alert.verdict is not None
    assert first.alert.verdict.reason == "resolved before it was seen firing"


def test_a_later_episode_seen_only_resolved_ends_the_one_that_fires():
    """When the second firing was never delivered, its end still ends the alert."""
    alert, changes = run([a_signal(), resolved(starts_at=at(10), ends_at=at(12))])
    assert changes[-1].kind == "resolved"
    assert alert is not None
    assert (alert.status, alert.starts_at, alert.ends_at, alert.count) == (
        "resolved", at(10), at(12), 2,
    )  # fmt: skip


def test_a_later_episode_seen_only_resolved_after_a_resolved_one_is_remembered():
    """Nothing was firing, so nothing happens, but its late firing will be known as over."""
    later = {"starts_at": at(10), "ends_at": at(12)}
    assert kinds([resolved(), resolved(**later), a_signal(starts_at=at(10))]) == [
        "ignored", "ignored", "stale",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (a_signal(), "already known"),
        (a_signal(starts_at=at(-5)), "about an older episode"),
        (resolved(starts_at=at(-5), ends_at=at(-1)), "about an older episode"),
    ],
)
def test_stale_says_why(told: Signal, reason: str):
    """What is older or the same leaves the alert alone and gives the reason."""
    before = apply(None, a_signal()).alert
    change = apply(before, told)
    assert (change.kind, change.reason, change.alert) == ("stale", reason, before)


def test_a_resolve_told_again_later_is_ignored():
    """A resolved alert repeated by its sender asks nobody to act, in old words or new."""
    told = [a_signal(), resolved(), resolved(at=at(6)), resolved(at=at(7), summary="over")]
    assert kinds(told) == ["opened", "resolved", "ignored", "ignored"]


def event(minute: float, status: str = "firing", **changes: Any) -> Signal:
    """A signal of a sender that dates its events, not its episodes."""
    ends_at = at(minute) if status == "resolved" else None
    dated = {"starts_at": at(minute), "at": at(minute), "ordered_by": "event", "ends_at": ends_at}
    return a_signal(status=status, **(dated | changes))


def test_events_make_one_episode_until_a_resolve():
    """Firing again without a resolve in between is the same episode, from its first event on."""
    alert, changes = run([event(0), event(1), event(2, "resolved"), event(3, "resolved")])
    assert [one.kind for one in changes] == ["opened", "ignored", "resolved", "ignored"]
    assert alert is not None
    assert (alert.starts_at, alert.ends_at) == (NOON, at(2))


def test_an_event_after_the_resolve_fires_again():
    """A reopened incident keeps its old creation time, yet begins an episode where it reopens."""
    alert, changes = run([event(0), event(2, "resolved"), event(5, starts_at=NOON)])
    assert [one.kind for one in changes] == ["opened", "resolved", "refired"]
    assert alert is not None
    assert (alert.starts_at, alert.count) == (at(5), 2)


def test_events_order_by_their_own_time():
    """Whatever the order of arrival, the latest event tells the status."""
    told = [event(0), event(1, summary="acknowledged"), event(2, "resolved"), event(2)]
    ends = {run(order)[0].status for order in permutations(told)}  # type: ignore[union-attr]
    assert ends == {"resolved"}


def test_an_older_event_is_stale():
    """Events older than the newest one say nothing."""
    _, changes = run([event(3), event(1, "resolved")])
    assert (changes[-1].kind, changes[-1].reason) == ("stale", "older than the last event")


def test_a_signal_without_its_own_time_speaks_of_its_start():
    """Where the sender dates nothing else, the start is all there is."""
    assert a_signal(at=None).seen_at == NOON


def test_severity_is_the_senders_word_on_our_scale():
    """An alert shows SEV1–SEV5, whatever the sender calls it."""
    assert apply(None, a_signal(severity="critical")).alert.severity is Severity.SEV2


def test_traits_hold_labels_and_what_every_alert_has():
    """Matchers may ask for alertname, service, fingerprint and source of any sender."""
    found = traits(a_signal(labels={"env": "prod", "service": "trino"}))
    assert found == {
        "env": "prod",
        "service": "trino",
        "alertname": "TrinoQueryFailures",
        "fingerprint": "f1",
        "source": "alertmanager",
    }


def live_signals() -> list[Signal]:
    """Every signal of the recorded session, in the order of its deliveries."""
    parse = sources()["alertmanager"].parse
    found: list[Signal] = []
    for path in sorted(LIVE.glob("deliveries/*.json")):
        delivery = json.loads(path.read_text())
        received = NOON + timedelta(seconds=delivery["t_rel_s"])
        found.extend(parse(delivery["body"], "am", received).signals)
    return found


def replay(
    told: Iterable[Signal], alerts: dict[str, Alert]
) -> tuple[dict[str, Alert], Counter[str]]:
    """Apply signals to the alerts they speak of; also how often each kind of change came."""
    changes = Counter[str]()
    after = dict(alerts)
    for one in told:
        change = apply(after.get(one.fingerprint), one)
        after[one.fingerprint] = change.alert
        changes[change.kind] += 1
    return after, changes


def test_the_recorded_session_comes_to_what_is_expected():
    """Real deliveries give exactly the expected alerts, episodes, final states and groups."""
    expected = json.loads((LIVE / "expected.json").read_text())
    told = live_signals()
    alerts, changes = replay(told, {})
    assert len(told) == expected["alert_instances_in_bodies"]
    assert len(alerts) == changes["opened"] == expected["distinct_fingerprints"]
    assert sum(one.count for one in alerts.values()) == expected["distinct_fingerprint_episodes"]
    assert Counter(one.status for one in alerts.values()) == expected["final_status"]
    assert Counter(one.name for one in alerts.values()) == expected["by_alertname"]
    assert len({key_of(one, None) for one in told}) == expected["distinct_groupKeys"]


def test_replaying_the_recorded_session_changes_nothing():
    """The same deliveries, arriving an hour later, leave every alert as it was."""
    told = live_signals()
    once, _ = replay(told, {})
    later = [one.model_copy(update={"at": one.seen_at + timedelta(hours=1)}) for one in told]
    twice, changes = replay(later, once)
    assert set(changes) == {"stale", "ignored"}
    assert [shown(one) for one in twice.values()] == [shown(one) for one in once.values()]


def test_the_recorded_session_backwards_ends_alike():
    """Delivered in the opposite order it ends in the same states."""
    told = live_signals()
    assert {name: state(one) for name, one in replay(told, {})[0].items()} == {
        name: state(one) for name, one in replay(reversed(told), {})[0].items()
    }


def shown(alert: Alert) -> dict[str, Any]:
    """All of an alert but when it was last heard of."""
    return alert.model_dump(exclude={"seen_at"})
