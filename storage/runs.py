"""Runs of runbooks: every step written down before it is done, and after."""

from typing import Any

from sqlalchemy import select

from domain.errors import Stale
from domain.facts import Fact
from domain.run import Run, StepOutcome, ended, through
from domain.run_jobs import (
    AdvanceRun,
    CarryOutStep,
    ProbeStep,
    RunEnded,
    RunMoved,
    RunStarted,
    ShowRun,
    StepBegun,
    StepEnded,
)
from domain.run_output import Attempt
from domain.runbook_plan import told
from storage.facts import Facts
from storage.jobs import Jobs
from storage.rows import Documents
from storage.scope import Scope
from storage.tables.incidents import incidents
from storage.tables.runs import runs

NEWEST = 200


class Runs(Documents[Run]):
    """The runs. A change goes with its fact, its card, and what comes next."""

    table = runs
    model = Run
    noun = "run"
    found_by = "see /runbook status"

    def __init__(self, scope: Scope, facts: Facts, jobs: Jobs) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self.facts = facts
        self.jobs = jobs

    def write(self, value: Run) -> dict[str, Any]:
        """A run as its document, with what it is looked up by beside it."""
        names = {"number", "runbook", "status", "incident", "target", "started_at"}
        looked_up = {name: getattr(value, name) for name in names}
        return super().write(value) | looked_up | {"closed": value.over}

    async def remedies(self, runbook: str) -> tuple[Run, ...]:
        """The newest runs of a runbook that nobody asked for, the newest first."""
        newest = {"order": runs.c.number.desc(), "limit": NEWEST}
        rule = runs.c.doc[("automatic", "match")].as_string()
        return await self.where(runs.c.runbook == runbook, rule.is_not(None), **newest)

    async def need_free(self, target: str) -> None:
        """Raises `Stale` where a run is at work on a target."""
        await self.scope.exclusively(f"run:{target}")
        busy = await self.first(runs.c.target == target, runs.c.closed.is_(False))
        if busy and busy.incident and await self._is_private(busy.incident):
            raise Stale(f"Another run works on {target}: wait for it.")
        if busy and busy.closed:
            raise Stale(f"{busy.id} was stopped and ends its step on {target}: wait for it.")
        if busy:
            raise Stale(
                f"{busy.id} ({busy.runbook}) is {busy.status} on {target}: wait for it, or stop it"
                f" with /runbook stop {busy.id}."
            )

    async def _is_private(self, incident: str) -> bool:
        query = select(incidents.c.private).where(incidents.c.id == incident)
        return bool((await self.scope.connection.execute(query)).scalar())

    async def release(self, run: Run) -> None:
        """Write down what will be; each step is done in a job of its own."""
        await self.add(run)
        version = run.plan.versions[run.runbook]
        fact = RunStarted(run=run.id, runbook=run.runbook, hash=version, approval=run.approval)
        await self._told(run, fact)
        await self._advance(run)

    async def moved(self, run: Run, move: str) -> Run:
        """A person decided something: it is on record, and what follows is begun."""
        await self.save(run)
        await self._told(run, RunMoved(run=run.id, move=move))
        await self._advance(run)
        return run

    async def begin(self, run: Run, number: int) -> Run:
        """Write down that a step is about to be done: from here on nobody else does it."""
        step, planned = run.step(number), run.action(number)
        action = planned.undo if run.undoing and planned.undo else planned.action
        attempt = step.attempt + 1
        manual = action.kind == "manual"
        begun = run.having(
            number,
            status="asks" if manual else "running",
            attempt=attempt,
            undoing=run.undoing,
            started_at=self.scope.now,
            finished_at=None,
            output_tail="",
        )
        await self.save(begun)
        await self._told(begun, StepBegun(run=run.id, step=number, attempt=attempt), told(action))
        if not manual:
            kind = ProbeStep if action.kind == "wait" else CarryOutStep
            job = kind(run=run.id, step=number, attempt=attempt)
            await self.jobs.add(job, key=f"step:{run.id}:{number}:{attempt}", subject=run.id)
        return begun

    async def attempted(self, attempt: Attempt) -> Run | None:
        """The run, where this very attempt is the one at work."""
        run = await self.need(attempt.run)
        step = run.step(attempt.step)
        return run if (step.status, step.attempt) == ("running", attempt.attempt) else None

    async def said(self, attempt: Attempt, output: str) -> None:
        """So far a step at work has said this: whoever looks reads it, and no fact is made."""
        run = await self.attempted(attempt)
        if run and run.step(attempt.step).output_tail != output:
            saved = await self.save(run.having(attempt.step, output_tail=output))
            await self._shown(saved)

    async def end_step(self, attempt: Attempt, outcome: StepOutcome) -> None:
        """An attempt came to its end, or to one that nobody saw."""
        run = await self.attempted(attempt)
        if run is None:
            return
        after = ended(run, attempt.step, outcome, self.scope.now)
        await self.save(after)
        step, began = after.step(attempt.step), run.step(attempt.step).started_at
        took = (self.scope.now - began).total_seconds() if began else 0.0
        fact = StepEnded(
            run=run.id,
            step=step.number,
            attempt=attempt.attempt,
            status="held" if outcome.held else step.status,
            exit_code=step.exit_code,
            took_s=took,
            detail=outcome.held or step.detail,
        )
        await self._told(after, fact)
        await self._advance(after)

    async def end(self, run: Run) -> None:
        """Nothing is left to do."""
        done = await self.save(through(run, self.scope.now))
        await self.closed(done)

    async def closed(self, run: Run) -> None:
        """It is over, and the timeline says how."""
        fact = RunEnded(run=run.id, runbook=run.runbook, status=run.status, detail=run.detail)
        await self._told(run, fact)

    async def _advance(self, run: Run) -> None:
        await self.jobs.add(AdvanceRun(run=run.id), key=f"~advance:{run.id}", subject=run.id)

    async def _told(self, run: Run, fact: Fact, text: str | None = None) -> None:
        await self.facts.add(run.subject, fact, text)
        await self._shown(run)

    async def _shown(self, run: Run) -> None:
        await self.jobs.add(ShowRun(run=run.id), key=f"~run:{run.id}", subject=run.id)
        self.scope.topics.add("runs")
        if run.incident:
            self.scope.topics.add(run.subject)
