"""What rings nobody, and the reason it gives."""

from typing import Any

import pytest

from domain.errors import Invalid
from domain.matcher import parse_matchers
from domain.noise import feed_only, quiet
from domain.silence import Silence, require_naming, silenced_by
from tests.fakes.signals import NOON, at

TRINO = {"alertname": "TrinoQueryFailures", "service": "trino"}


def silence(*matchers: str, **changes: Any) -> Silence:
    """A silence from noon for an hour."""
    usual = {
        "id": "SIL-1",
        "matchers": parse_matchers(" ".join(matchers)),
        "starts_at": NOON,
        "ends_at": at(60),
        "created_by": "bob",
        "why": "upgrade",
    }
    return Silence.model_validate(usual | changes)


@pytest.mark.parametrize(
    ("traits", "severity"),
    [
        ({"alertname": "Watchdog"}, "critical"),
        ({"alertname": "dead-mans_switch"}, ""),
        ({"alertname": "Anything"}, "none"),
    ],
)
def test_a_heartbeat_rings_nobody(traits: dict[str, str], severity: str):
    """Dead-man alerts fire always: their presence says nothing."""
    verdict = quiet(traits, severity, [], NOON)
    assert verdict is not None
    assert verdict.action == "suppressed"
    assert verdict.reason.startswith("heartbeat")


def test_information_is_for_the_feed():
    """The verdict names the severity; one set by a route may have no word."""
    assert feed_only("info ").reason == "feed only: severity info"
    assert feed_only("").reason == "feed only: severity none"


@pytest.mark.parametrize("severity", ["critical", "warning", "info", "", "weird"])
def test_everything_else_goes_on(severity: str):
    """Whether a severity rings is for the route to say, not for noise."""
    assert quiet(TRINO, severity, [], NOON) is None


def test_a_silenced_alert_says_whose_silence_and_why():
    """The reason names the silence, its author, its end and its purpose."""
    verdict = quiet(TRINO, "critical", [silence("service=trino")], at(1))
    assert verdict is not None
    assert verdict.action == "silenced"
    assert verdict.reason == "silence SIL-1 by bob until 2026-11-21 13:00 UTC: upgrade"


@pytest.mark.parametrize(("minute", "hidden"), [(-1, False), (0, True), (59, True), (60, False)])
def test_a_silence_holds_from_its_start_until_before_its_end(minute: int, hidden: bool):
    """Outside its time it hides nothing."""
    assert (silenced_by(TRINO, [silence("service=trino")], at(minute)) is not None) is hidden


def test_of_several_silences_the_longest_is_named():
    """People want to know when it will ring again."""
    several = [silence("service=trino"), silence("service=trino", id="SIL-2", ends_at=at(90))]
    found = silenced_by(TRINO, several, at(1))
    assert found is not None
    assert found.id == "SIL-2"


def test_a_silence_for_something_else_hides_nothing():
    """Every matcher must fit."""
    other = silence("service=trino", "env=prod")
    assert not other.hides(TRINO)
    assert silenced_by(TRINO, [other], at(1)) is None


@pytest.mark.parametrize("name", ["service", "alertname", "fingerprint"])
def test_a_silence_names_what_it_hides(name: str):
    """One equality on service, alert or fingerprint is enough."""
    require_naming(parse_matchers(f"env=prod {name}=x"))


@pytest.mark.parametrize(
    "matchers",
    ["env=prod", "service!=x", "service=~trino|kafka", "service="],
)
def test_a_silence_that_names_nothing_is_refused(matchers: str):
    """Rule 8: no silence over everything."""
    with pytest.raises(Invalid, match="must name what it hides") as refused:
        require_naming(parse_matchers(matchers))
    assert refused.value.field == "matchers"
