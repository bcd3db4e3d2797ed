"""Whether a rollback has helped, as far as can be said at each look."""

from datetime import timedelta
from typing import Any

import pytest

from domain.deployment import Deployment
from domain.probe import Probe
from domain.run import StepOutcome
from domain.verification import BLIND, IN_A_ROW, Look, Verification, overtaken, seen
from tests.fakes.conditions import MINUTE
from tests.fakes.stores import NOON

INFO = Probe(url="https://trino.example.com/v1/info", text='starting":false')
LOOKS = [
    # what fired has the window to end; what begins is said at once
    (3, Look(firing=3), 5, "watching", ""),
    (3, Look(firing=1), 10, "bad", "1 of 3 alerts still fire"),
    (3, Look(), 10, "good", ""),
    (0, Look(anew=("TrinoDown",)), 1, "bad", "TrinoDown began to fire since"),
    (0, Look(anew=("a", "b", "c", "d")), 1, "bad", "a, b, c and 1 more began to fire since"),
    # a probe may fail while it starts, and not at the end
    (0, Look(failing=("down",)), 1, "watching", ""),
    (0, Look(failing=("down",)), 10, "bad", "down"),
    (0, Look(), 9, "watching", ""),
]


def watched(**told: Any) -> Verification:
    return Verification.model_validate({"since": NOON, "until": NOON + 10 * MINUTE} | told)


@pytest.mark.parametrize(("fired", "look", "minutes", "verdict", "why"), LOOKS)
def test_what_a_look_says(fired: int, look: Look, minutes: int, verdict: str, why: str) -> None:
    """The window is ten minutes."""
    after = seen(watched(fired=fired, probes=(INFO,)), look, NOON + minutes * MINUTE)
    assert (after.verdict, after.why) == (verdict, why)
    assert after.warned == (verdict == "bad")
    assert after.undecided


def test_where_nothing_was_watched_nobody_says_that_it_is_well() -> None:
    """No alert fired and no probe is declared; either would be something."""
    over = NOON + 10 * MINUTE
    blind = seen(watched(), Look(), over)
    assert (blind.verdict, blind.why) == ("good", BLIND)
    assert seen(watched(fired=1), Look(), over).why == ""


def test_a_probe_that_fails_thrice_is_enough() -> None:
    """One that answers in between begins the count anew."""
    after = watched(probes=(INFO,))
    for failing in (True, True, False, True, True):
        look = Look(failing=("down",) if failing else ())
        after = seen(after, look, NOON + MINUTE)
        assert after.verdict == "watching"
    assert after.misses == IN_A_ROW - 1
    assert seen(after, look, NOON + MINUTE).verdict == "bad"


def test_what_it_says_in_figures() -> None:
    """Alerts before and now, probes that are well; nothing where nothing is known."""
    assert watched().figures == ""
    assert watched(fired=3).figures == "alerts 3 → 3"
    look = Look(firing=1, anew=("x",), failing=("down",))
    assert watched(fired=3, probes=(INFO, INFO), look=look).figures == (
        "alerts 3 → 2, probes 1 of 2 good"
    )
    kept = watched().being("bad", NOON, "down").being("kept", NOON, by="bob")
    assert (kept.warned, kept.by, kept.undecided) == (True, "bob", False)


OUTCOMES = [
    (StepOutcome(ok=True, detail="answered 200", output='{"starting":false}'), ""),
    (StepOutcome(ok=True, detail="answered 200", output="{}"), "answered 200, without"),
    (StepOutcome(ok=True, output="{}"), "it answered, without"),
    (StepOutcome(ok=False, detail="answered 503"), "/v1/info: answered 503"),
    (StepOutcome(ok=None), "/v1/info: no answer"),
]


@pytest.mark.parametrize(("outcome", "wrong"), OUTCOMES)
def test_a_probe_is_well_or_says_what_is_wrong(outcome: StepOutcome, wrong: str) -> None:
    """Its status and its words both have to be as expected."""
    assert wrong in INFO.wrong(outcome)
    assert bool(wrong) == bool(INFO.wrong(outcome))
    order = INFO.order("k")
    assert order.action.http
    assert (order.action.http.url, order.timeout) == (INFO.url, timedelta(seconds=5))


@pytest.mark.parametrize(
    "odd",
    [{"url": "ftp://x"}, {"url": "http://user:x@host/"}, {"timeout": "10m"}, {"expect": [7]}],
)
def test_a_probe_asks_by_http_and_soon(odd: dict[str, Any]) -> None:
    """What could not be asked is refused where it is declared."""
    assert Probe.model_validate({"url": "http://h:8080/", "timeout": "7s"}).timeout.seconds == 7
    with pytest.raises(ValueError, match=r"url|timeout|expect"):
        Probe.model_validate({"url": "http://h:8080/"} | odd)


def went_out(number: int, status: str, minutes: int, service: str = "trino") -> Deployment:
    return Deployment.model_validate(
        {
            "id": f"DEP-{number}", "number": number, "service": service, "environment": "prod",
            "version": f"v{number}", "status": status, "started_at": NOON + minutes * MINUTE,
            "source": "ci",
        }
    )  # fmt: skip


def test_what_went_out_since_is_no_rollback() -> None:
    """Of the same service, and neither before nor without success."""
    before, failed = went_out(13, "success", -1), went_out(15, "failure", 2)
    other, later = went_out(16, "success", 3, "kafka"), went_out(17, "in_progress", 4)
    own = went_out(14, "success", 0)
    known = (before, own, failed, other)
    assert overtaken(known, "DEP-14", "trino", NOON) is None
    assert overtaken((*known, later), "DEP-14", "trino", NOON) == later
