"""Which changes are named before an incident, in which order, and by what evidence."""

from datetime import timedelta

import pytest

from domain.deployment import Deployment
from domain.plain import plain
from domain.suspects import Circumstances, HitRate, suspects, suspects_card, words_of
from tests.fakes.stores import NOON

ABOUT = Circumstances(
    service="trino",
    at=NOON,
    beneath=("kafka", "minio"),
    words=words_of(["Superset charts fail since v4.1.1."]),
)


def deployed(number: int, service: str, minutes: float, **more: object) -> Deployment:
    ended = NOON - timedelta(minutes=minutes)
    usual = {
        "id": f"DEP-{number}", "number": number, "service": service, "environment": "prod",
        "version": f"v{number}", "status": "success", "source": "ci",
        "started_at": ended - timedelta(minutes=3), "finished_at": ended,
    }  # fmt: skip
    return Deployment.model_validate(usual | more)


def test_the_same_service_stands_first_then_what_it_stands_on_then_what_alerts_name() -> None:
    """Among those the last; what has nothing to do with it is not named."""
    known = [
        deployed(1, "superset", 1),
        deployed(2, "minio", 2),
        deployed(3, "kafka", 90),
        deployed(4, "trino", 40),
        deployed(5, "trino", 6),
        deployed(6, "payments", 1),
        deployed(7, "proxy", 5, version="v4.1.1", status="failure"),
    ]
    told = [(one.deployment.id, one.why, one.near) for one in suspects(known, ABOUT)]
    assert told == [
        ("DEP-5", "6 min, same service", True),
        ("DEP-4", "40 min, same service", False),
        ("DEP-3", "1 h 30 m, trino stands on it", False),
        ("DEP-2", "2 min, trino stands on it", False),
        ("DEP-1", "1 min, named by an alert", False),
    ]
    cleared = suspects(known, ABOUT, ["DEP-5", "DEP-4", "DEP-3"])
    assert [one.deployment.id for one in cleared] == ["DEP-2", "DEP-1", "DEP-7"]
    assert cleared[-1].why == "5 min, named by an alert, failure"


@pytest.mark.parametrize("minutes", [-1, -10, 121])
def test_what_ended_later_or_long_before_is_not_named(minutes: float) -> None:
    """Two hours back, and nothing after it began."""
    assert suspects([deployed(1, "trino", minutes)], ABOUT) == ()


def test_what_is_under_way_is_named_and_not_near() -> None:
    """A rollback while it goes out is not offered first."""
    running = deployed(1, "trino", 4, status="in_progress", finished_at=None)
    (one,) = suspects([running], ABOUT)
    assert (one.why, one.near) == ("7 min, same service, in progress", False)


def test_what_changed_elsewhere_stands_behind() -> None:
    """A version on its way through staging hides nothing that went to production."""
    elsewhere = deployed(2, "trino", 1, environment="staging")
    found = suspects([elsewhere, deployed(1, "trino", 6)], ABOUT)
    told = [(one.deployment.id, one.why, one.near) for one in found]
    assert told == [
        ("DEP-1", "6 min, same service", True),
        ("DEP-2", "1 min, same service, in staging", False),
    ]


def test_the_hit_rate_has_its_n() -> None:
    """Never a percentage without it."""
    assert HitRate(hits=2, judged=3).told.endswith("was it 2 of 3 times.")
    assert HitRate().told == "Nobody has said yet whether a change named first was it."


def test_where_nothing_changed_that_is_said() -> None:
    """Within which time was looked; silence would read like a fault."""
    told = plain(suspects_card((), "INC-42", HitRate(hits=2, judged=3)))
    assert told == (
        "Nothing is known to have changed in the 2 h before. On this installation the change named"
        " first was it 2 of 3 times."
    )
