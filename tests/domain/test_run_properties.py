"""Any plan against a model of a host: what is done was agreed to, and can be taken back."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.run import Run, StepOutcome, begun, ended, following, stuck_step, through, undoable
from domain.run_moves import How, resumed, undone
from domain.runbook import Action, Runbook
from domain.runbook_plan import RunPlan
from domain.runbook_render import render
from domain.server import Server

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHA"
SERVERS = {
    name: Server(id=name, host="10.0.0.1", user="ops", groups=("all",), host_keys=(KEY,))
    for name in ("w1", "w2", "w3")
}
OUTCOMES = st.sampled_from((True, True, True, False, None))
DECISIONS = st.sampled_from(("again", "skip", "done", "undo"))


def _step(name: str, where: str = "here") -> dict[str, Any]:
    """Adds its name to the host, or to each server; its undo takes that away again."""
    words = [name, where]
    return {"name": name, "command": ["add", *words], "undo": {"command": ["drop", *words]}}


@st.composite
def runbooks(draw: st.DrawFn) -> Runbook:
    """Steps alone, together, and for each server of a group, some of which do not apply."""
    steps: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(("alone", "together", "each", "never")))
        name = f"s{number}"
        if kind == "together":
            parts = [_step(f"{name}{part}") for part in range(draw(st.integers(2, 4)))]
            steps.append({"name": name, "parallel": parts})
        elif kind == "each":
            batch = {"for_each": "all", "batch": draw(st.integers(1, 3))}
            gate = draw(st.sampled_from(({}, {"gate": {"command": ["look"]}})))
            steps.append(_step(name, "${server}") | batch | gate)
        else:
            when = {"when": {"host": "other"}} if kind == "never" else {}
            steps.append(_step(name) | when | {"retries": draw(st.integers(0, 2))})
    told = {"id": "r", "title": "R", "parameters": [{"name": "host", "default": "x"}]}
    last = [_step("last")]
    return Runbook.model_validate(told | {"steps": steps + last})


@dataclass
class Host:
    """A model of all there is: names that were added; remembers everything that was done."""

    names: set[tuple[str, ...]] = field(default_factory=set)
    done: list[Action] = field(default_factory=list)

    def do(self, action: Action) -> None:
        """As the step says."""
        self.done.append(action)
        verb, *words = action.command or ("look",)
        if verb == "add":
            self.names.add(tuple(words))
        elif verb == "drop":
            self.names.discard(tuple(words))


@dataclass
class Life:
    """A run from its beginning to its end, its steps ending in any order and in any way."""

    data: st.DataObject
    run: Run
    host: Host = field(default_factory=Host)
    at_work: list[int] = field(default_factory=list)
    tries: Counter[tuple[int, int]] = field(default_factory=Counter)

    def live(self, steps: int = 200) -> None:
        """Until nothing is left to do, or nobody would wait so long."""
        for _ in range(steps):
            self._begin()
            if self.at_work:
                self._end()
            elif self.run.status in ("failed", "unknown"):
                self._decide()
            else:
                self.run = through(self.run, AT)
                return
        raise AssertionError("it has no end")

    def _begin(self) -> None:
        for number in following(self.run):
            attempt = self.run.step(number).attempt + 1
            going = {"status": "running", "attempt": attempt, "undoing": self.run.undoing}
            self.run = self.run.having(number, **going)
            self.tries[number, attempt] += 1
            self.at_work.append(number)

    def _end(self) -> None:
        """Of what nobody knows the end, it may have been done or not."""
        number = self.at_work.pop(self.data.draw(st.integers(0, len(self.at_work) - 1)))
        planned, step = self.run.action(number), self.run.step(number)
        ok = True if step.undoing else self.data.draw(OUTCOMES)
        if ok or self.data.draw(st.booleans()):
            self.host.do(planned.undo if step.undoing and planned.undo else planned.action)
        self.run = ended(self.run, number, StepOutcome(ok=ok), AT)

    def _decide(self) -> None:
        how: How | str = self.data.draw(DECISIONS)
        stuck = stuck_step(self.run)
        assert stuck
        if how == "undo" and undoable(self.run) and not self.run.undoing:
            self.run = undone(self.run, "bob")
            return
        known = stuck.status == "failed"
        how = "again" if how == "undo" or (how == "done" and known) else how
        self.run = resumed(self.run, how, "bob")  # type: ignore[arg-type]


def alive(data: st.DataObject, plan: RunPlan) -> Life:
    """A run of a plan that has just been begun."""
    told = {"id": "RUN-1", "number": 1, "runbook": "r", "plan": plan, "team": None, "by": "bob"}
    run = Run.model_validate(told | {"steps": begun(plan), "started_at": AT, "status": "running"})
    return Life(data, run)


@given(st.data(), runbooks())
@settings(max_examples=60, deadline=None)
def test_what_is_done_was_agreed_to_and_can_be_undone(data: st.DataObject, made: Runbook):
    """Every action stands in the plan, every try is made once, and afterwards it is as before."""
    plan = render(made, {}, {}, (), SERVERS)
    life = alive(data, plan)
    life.live()
    agreed = [one.action for one in plan.steps] + [one.undo for one in plan.steps if one.undo]
    assert all(action in agreed for action in life.host.done)
    assert set(life.tries.values()) == {1}
    if life.run.status == "succeeded":
        left_out = {one.number for one in life.run.steps if one.status == "skipped"}
        added = {one.action for one in plan.steps if one.undo and one.number not in left_out}
        trusted = {one.number for one in life.run.steps if "done, says" in one.detail}
        missing = {one.action for one in plan.steps if one.number in trusted}
        assert added - missing <= set(life.host.done)
    if life.run.status == "succeeded" and undoable(life.run):
        life.run = undone(life.run, "bob")
        life.live()
    skipped = [one for one in life.run.steps if one.status == "skipped" and one.attempt]
    if not skipped:
        assert life.host.names == set()
