"""Remedies: which runbook is meant, what it is told, and why it is not run now."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.guard import Guard
from domain.remedy import held_back, meant_for, next_look, speaks_of, told_by, too_dangerous
from domain.run import Run, RunStep
from domain.runbook import Action, Automatic, Runbook
from domain.runbook_faults import faults
from tests.domain.test_run import run

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
RULE = Automatic(match="alertname=Stuck", given={"host": "a"}, from_labels={"host": "instance"},
                 most_per_hour=2, cool_down=timedelta(minutes=20))  # fmt: skip

HOUR_AGO = NOW - timedelta(hours=1)
STEP = RunStep(number=1, name="Drain", status="undone", finished_at=NOW - timedelta(minutes=10))


def ran(minutes: int, **told: Any) -> Run:
    """A run that was begun so long ago, and has helped."""
    at = NOW - timedelta(minutes=minutes)
    whole = {"status": "succeeded", "closed": True, "helped": True, "finished_at": at}
    return run({}, **{"started_at": at, "automatic": RULE} | whole | told)


def test_which_runbook_is_meant():
    """The first that fits; a label that is missing leaves what its author gave."""
    meant = Runbook(id="b", title="B", automatic=RULE)
    found = meant_for((Runbook(id="a", title="A"), meant), {"alertname": "Stuck"})
    assert found == (meant, RULE)
    assert meant_for((meant,), {"alertname": "Other"}) is None
    assert told_by(RULE, {"instance": "b"}) == {"host": "b"}
    assert told_by(RULE, {}) == {"host": "a"}
    fits, other = {"alertname": "Stuck", "fingerprint": "f"}, {"fingerprint": "g"}
    assert speaks_of(RULE, "", fits)
    assert speaks_of(RULE, "g", other)
    assert not speaks_of(RULE, "f", other)
    assert [".".join(map(str, one.place)) for one in faults(meant)] == [
        "automatic.given.host",
        "automatic.from_labels.host",
    ]
    with pytest.raises(ValueError, match="is no matcher"):
        Automatic(match="Stuck")


@pytest.mark.parametrize(
    ("earlier", "rearmed", "told"),
    [
        ([], None, ""),
        ([ran(40)], None, ""),
        ([ran(10)], None, "it ran as RUN-1, and cools down until 12:10"),
        ([ran(30), ran(59)], None, "it ran 2 times within an hour"),
        ([ran(30), ran(61)], None, ""),
        ([ran(30, helped=None)], None, "RUN-1 is not over yet"),
        ([ran(30, closed=False)], None, "RUN-1 is not over yet"),
        ([ran(30, status="unknown", helped=None)], None, "RUN-1 is unknown, so it stopped"),
        ([ran(30), ran(90, helped=False)], None, "RUN-1 did not help, so it stopped"),
        ([ran(30), ran(90, helped=False)], NOW - timedelta(minutes=45), ""),
        ([ran(30), ran(90, helped=False)], NOW - timedelta(minutes=85), "RUN-1 did not help"),
        ([ran(30, status="failed", started_at=HOUR_AGO)], NOW - timedelta(minutes=45), "RUN-1 is"),
        ([ran(30, status="undone", steps=(STEP,))], NOW - timedelta(minutes=20), "RUN-1 is undone"),
    ],
)
def test_why_it_is_not_run_now(earlier: list[Run], rearmed: datetime | None, told: str):
    """Too soon, too often, or it went wrong and nobody has let it again."""
    said = held_back(RULE, earlier, rearmed, NOW)
    assert said.startswith(told) if told else said == ""


def test_what_a_person_has_to_run():
    """What disturbs, what nothing takes back, and what an admin has guarded."""
    guard = Guard(id="g", command="runbook run")
    undone = {"safety": "reversible", "undo": Action(message="back")}
    assert too_dangerous(run({}, undone).plan, ()) == ""
    told = too_dangerous(run(undone, {"safety": "reversible"}).plan, ())
    assert told == "nothing takes back step 2, s2, so a person runs it"
    assert "a guard stands before" in too_dangerous(run({}).plan, (guard,))
    assert "is destructive" in too_dangerous(run({"safety": "destructive"}).plan, ())


def test_when_it_is_looked_after():
    """While it runs each minute; some time after its end; at once where it went wrong."""
    assert next_look(ran(1, status="failed"), RULE, NOW) is None
    assert next_look(ran(1, status="running", finished_at=None), RULE, NOW) == NOW + timedelta(
        minutes=1
    )
    assert next_look(ran(1), RULE, NOW) == NOW + timedelta(minutes=9)
    assert next_look(ran(10), RULE, NOW) is None
