"""How a run moves: what is begun, what a failure leaves standing, what a person decides."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import Invalid, Stale
from domain.run import (
    Run,
    StepOutcome,
    acts_outside,
    begun,
    ended,
    following,
    guard_of,
    through,
)
from domain.run_moves import confirmed, paused, resumed, stopped, undone
from domain.run_output import tail, whole_lines
from domain.runbook import Action
from domain.runbook_plan import PlannedStep, RunPlan

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
WELL, WRONG, NOBODY_KNOWS = (StepOutcome(ok=ok) for ok in (True, False, None))


def run(*steps: dict[str, Any], **more: Any) -> Run:
    """A running run of these steps, each a message where nothing else is said."""
    planned = tuple(
        PlannedStep.model_validate(
            {"number": number, "name": f"s{number}", "runbook": "r", "safety": "read"}
            | {"action": Action(message="x"), "timeout": timedelta(minutes=1)}
            | one
        )
        for number, one in enumerate(steps, 1)
    )
    plan = RunPlan(runbook="r", title="R", service=None, environment="prod", versions={"r": "1"},
                   values={}, steps=planned)  # fmt: skip
    told = {"id": "RUN-1", "number": 1, "runbook": "r", "plan": plan, "team": None, "by": "bob"}
    more = {"status": "running", "steps": begun(plan), "started_at": AT} | more
    return Run.model_validate(told | more)


def at_work(one: Run, *numbers: int) -> Run:
    """With these steps begun."""
    for number in numbers:
        one = one.having(number, status="running", attempt=1, undoing=one.undoing)
    return one


BESIDE = {"together": 1}


def test_what_is_together_is_begun_together():
    """And what comes after it waits for all of it, also for one that is tried again."""
    made = run({}, BESIDE, BESIDE | {"retries": 1}, {})
    assert following(made) == (1,)
    made = made.having(1, status="succeeded")
    assert following(made) == (2, 3)
    made = ended(at_work(made, 2, 3), 3, WRONG, AT)
    assert (made.step(3).status, following(made)) == ("waiting", (3,))
    made = ended(at_work(made, 3), 2, WELL, AT)
    assert following(made) == ()
    assert following(ended(made, 3, WELL, AT)) == (4,)
    assert following(made.being("paused")) == ()


def test_a_failure_beside_others():
    """The run stands, and says what became of each; two that are stuck are decided on in turn."""
    made = at_work(run(BESIDE, BESIDE, BESIDE, {}), 1, 2, 3)
    made = ended(made, 2, WRONG, AT)
    assert (made.status, made.detail) == ("failed", "step 2, s2 (beside it: 1 running, 3 running)")
    made = ended(made, 1, NOBODY_KNOWS, AT)
    made = ended(made, 3, StepOutcome(held="no"), AT)
    assert made.status == "unknown"
    assert "step 2, s2 (beside it: 1 unknown, 3 not begun)" in made.detail
    with pytest.raises(Stale, match="has failed there"):
        resumed(made, "again", "bob", 3)
    made = resumed(made, "skip", "bob", 2)
    assert (made.status, following(made)) == ("unknown", ())
    made = resumed(made, "again", "bob")
    assert (made.status, following(made)) == ("running", (1, 3))


def test_what_is_not_begun_when_a_run_is_stopped():
    """Is left out."""
    made = stopped(at_work(run(BESIDE, BESIDE), 1, 2), "bob", AT)
    made = ended(made, 2, StepOutcome(held="the run was stopped"), AT)
    assert (made.closed, made.over) == (True, False)
    made = ended(made, 1, NOBODY_KNOWS, AT)
    assert (made.detail, made.over) == ("stopped by bob", True)
    assert made.step(2).status == "skipped"


def test_several_things_are_asked_for():
    """Then somebody says which was done."""
    made = run(BESIDE, BESIDE).having(1, status="asks").having(2, status="asks")
    with pytest.raises(Stale, match="name a step"):
        confirmed(made, None, "bob", AT)
    made = confirmed(made, 2, "bob", AT)
    assert confirmed(made, None, "bob", AT).step(1).status == "succeeded"


def test_on_with_a_step():
    """What stands before it is left out; what was agreed to once is not done twice."""
    made = run({}, {}, {"safety": "disruptive"}, {})
    with pytest.raises(Stale, match="is at work"):
        resumed(made, "from", "bob", 2)
    with pytest.raises(Invalid, match="Say which step"):
        resumed(made, "from", "bob")
    with pytest.raises(Invalid, match="has steps 1 to 4"):
        resumed(made, "from", "bob", 5)
    failed = made.having(1, status="succeeded").having(2, status="failed").being("failed")
    on = resumed(failed, "from", "bob", 3)
    assert [one.status for one in on.steps] == ["succeeded", "skipped", "waiting", "waiting"]
    again = resumed(failed, "from", "bob", 1)
    assert [one.status for one in again.steps] == ["waiting"] * 4
    with pytest.raises(Stale, match="agreed to once"):
        resumed(failed.having(3, status="succeeded"), "from", "bob", 2)


def test_back_it_goes_one_by_one():
    """The last first, whatever was begun together; one that cannot be undone is decided on."""
    undo = BESIDE | {"undo": Action(message="back")}
    made = run(undo, undo)
    for number in (1, 2):
        made = ended(at_work(made, number), number, WELL, AT)
    back = undone(made, "bob")
    assert following(back) == (2,)
    assert following(at_work(back, 2)) == ()
    stuck = ended(at_work(back, 2), 2, WRONG, AT)
    assert stuck.detail == "step 2, s2, while undoing (beside it: 1 succeeded)"
    assert following(resumed(stuck, "again", "bob")) == (2,)
    assert following(resumed(stuck, "skip", "bob")) == (1,)


def test_the_end_of_what_was_said():
    """A secret that is cut in two is in neither half."""
    key = "-----BEGIN PRIVATE KEY-----\n" + "MIIE\n" * 300 + "-----END PRIVATE KEY-----\n"
    told = tail("x" * 9000 + "\n" + key + "the end")
    assert "MIIE" not in told
    assert told.endswith("the end")
    assert tail("a" * 9000) == "a" * 2000
    assert tail("mine is s3cr3t-s3cr3t", ("s3cr3t-s3cr3t",)) == "mine is [secret 1]"
    assert whole_lines("one\ntwo") == "one\n"
    assert whole_lines("one") == ""


OVER = {"status": "failed", "closed": True}


@pytest.mark.parametrize(
    ("made", "move", "told"),
    [
        (run({}, status="paused"), lambda one: paused(one, "bob"), "RUN-1 is paused"),
        (run({}, **OVER), lambda one: paused(one, "bob"), "RUN-1 is failed"),
        (run({}, **OVER), lambda one: stopped(one, "bob", AT), "RUN-1 is over"),
        (run({}, **OVER), lambda one: resumed(one, "on", "bob"), "RUN-1 is over"),
        (run({}), lambda one: resumed(one, "on", "bob"), "RUN-1 is running"),
        (run({}), lambda one: confirmed(one, None, "bob", AT), "asks for nothing there"),
        (run({}), lambda one: confirmed(one, 1, "bob", AT), "asks for nothing there"),
        (
            run({}).having(1, status="failed"),
            lambda one: resumed(one, "done", "bob"),
            "It is known",
        ),
        (run({}).having(1, status="asks"), lambda one: undone(one, "bob"), "is at work"),
        (run({}), lambda one: undone(one, "bob"), "Nothing of RUN-1 can be undone"),
    ],
)
def test_what_cannot_be_done_now_is_refused(made: Run, move: Callable[[Run], Run], told: str):
    """By how the run stands: a button may be older than what happened since."""
    with pytest.raises(Stale, match=told):
        move(made)


def test_what_a_person_decides_is_written_at_the_step():
    """By whom; a pause ends with a word."""
    unknown = run({}, {}).having(1, status="unknown")
    done = resumed(unknown.being("unknown"), "done", "bob")
    assert (done.step(1).status, done.step(1).detail) == ("succeeded", "done, says bob")
    held = paused(done, "bob")
    assert (held.status, held.detail, following(held)) == ("paused", "by bob", ())
    assert following(resumed(held, "on", "bob")) == (2,)
    over = stopped(unknown.being("unknown"), "bob", AT)
    assert (over.status, over.closed, over.step(2).status) == ("unknown", True, "skipped")
    back = run({}, undoing=True).having(1, status="asks", undoing=True)
    assert confirmed(back, 1, "bob", AT).step(1).status == "undone"


@pytest.mark.parametrize(
    ("safety", "environment", "needs"),
    [
        ("read", "prod", None),
        ("reversible", "staging", None),
        ("reversible", "prod", 1),
        ("disruptive", "staging", 1),
        ("destructive", "staging", 1),
        ("destructive", "prod", 2),
    ],
)
def test_how_many_have_to_agree(safety: str, environment: str, needs: int | None):
    """By what it could break, and where."""
    plan = run({"safety": safety}).plan.model_copy(update={"environment": environment})
    held = guard_of(plan)
    assert (held.needs if held else None) == needs


def test_what_acts_outside_is_known_before():
    """A message does not; a command does, be it only to take a step back."""
    assert not acts_outside(run({}).plan)
    assert acts_outside(run({"undo": Action(command=("a",))}).plan)


def test_at_its_end_a_run_is_over():
    """Whether it went forward or back; its facts stand where people look."""
    assert (through(run({}), AT).status, through(run({}), AT).closed) == ("succeeded", True)
    assert through(run({}, undoing=True, detail="undone by bob"), AT).detail == "undone by bob"
    assert following(run({}).having(1, status="succeeded")) == ()
    assert run({}).subject == "run:RUN-1"
    assert run({}, incident="INC-1").subject == "incident:INC-1"
    assert run({}).target == "r prod"
