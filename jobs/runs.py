"""Runs: what comes next is written down, then done at most once, then told on one card."""

from datetime import datetime

from domain.base import Frozen
from domain.errors import Permanent
from domain.message import sentence
from domain.ports import Place
from domain.run import BUSY, Run, StepOrder, StepOutcome, following
from domain.run_jobs import AdvanceRun, CarryOutStep, ProbeStep
from domain.run_output import Attempt, Heard
from domain.runbook import Action, HttpRequest, Wait
from jobs.approvals import say
from jobs.drawing import Drawn
from jobs.personal import DirectMessage
from jobs.reaching import chats_of
from jobs.registry import Effect, Ports, Reaction
from jobs.run_cards import place_of
from storage.unit import Unit

LONGEST_PROBE_S = 10


class Work(Frozen):
    """What is to be done now: an order for an adapter and what checks it, or words to say; or
    why nothing is."""

    attempt: Attempt
    order: StepOrder | None = None
    check: StepOrder | None = None
    said: DirectMessage | Drawn | None = None
    held: str = ""


async def advance(unit: Unit, job: AdvanceRun) -> None:
    """Begin the step that comes next; end the run where none does."""
    run = await unit.runs.need(job.run)
    if run.closed or run.status not in ("planned", "running"):
        return
    if mode := await unit.safe_mode.current():
        await unit.runs.moved(run.being("paused", mode.line), "safe mode pauses")
        return
    going = run.being("running", run.detail)
    beginning = following(going)
    for number in beginning:
        going = await unit.runs.begin(going, number)
    if not beginning and not going.first(*BUSY):
        await unit.runs.end(going)


def _attempt(job: CarryOutStep | ProbeStep) -> Attempt:
    return Attempt(run=job.run, step=job.step, attempt=job.attempt)


async def load(unit: Unit, job: CarryOutStep) -> Work | None:
    """What is to be done; None where this try is not the one at work any more."""
    attempt = _attempt(job)
    run = await unit.runs.attempted(attempt)
    if run is None:
        return None
    if held := await _held(unit, run) or _stopped_beside(run):
        return Work(attempt=attempt, held=held)
    planned, undoing = run.action(job.step), run.step(job.step).undoing
    action = planned.undo if undoing and planned.undo else planned.action
    key = f"{run.id}:{job.step}:{job.attempt}"
    if action.message is not None:
        return Work(attempt=attempt, said=await _said(unit, run, action, key))
    order = StepOrder(key=key, action=action, timeout=planned.timeout, route=planned.route)
    if undoing or planned.verify is None:
        return Work(attempt=attempt, order=order)
    check = order.model_copy(update={"key": f"{key}:check", "action": planned.verify})
    return Work(attempt=attempt, order=order, check=check)


async def _held(unit: Unit, run: Run) -> str:
    """Why nothing may be done now, although it was allowed to."""
    if run.closed:
        return "the run was stopped"
    mode = await unit.safe_mode.current()
    return mode.line if mode else ""


def _stopped_beside(run: Run) -> str:
    """Why a step that was about to begin is not: one beside it failed, or somebody paused."""
    return "" if run.status == "running" else f"the run is {run.status}"


async def _said(unit: Unit, run: Run, action: Action, key: str) -> DirectMessage | Drawn:
    """The words of a step, in its room; where nobody reads along, to whoever asked."""
    message = sentence(action.message or "")
    place = await place_of(unit, run)
    if action.room:
        place = Place(platform=unit.installation.home_platform, room=action.room)
    if place:
        return Drawn(place=place, message=message, key=key)
    platform = (await chats_of(unit, run.by))[0]
    return DirectMessage(platform=platform, user=run.by, message=message, key=key)


async def act(ports: Ports, work: Work) -> StepOutcome:
    """Do it, once, and check it. A no is an answer; of anything else nobody knows."""
    if work.held:
        return StepOutcome(held=work.held)
    try:
        if work.said:
            await say(ports, work.said)
            return StepOutcome(ok=True)
        return await _done_and_checked(ports, work)
    except Permanent as refusal:
        return StepOutcome(ok=False, detail=str(refusal))


async def _done_and_checked(ports: Ports, work: Work) -> StepOutcome:
    """While it is done, whoever looks at the run reads what it says."""
    async with ports.outputs.hearing(work.attempt) as heard:
        outcome = await _perform(ports, work.order, heard)
        if not outcome.ok or work.check is None:
            return outcome
        checked = await _perform(ports, work.check, heard)
    if checked.ok:
        return outcome
    told = f"done, but its check failed: {checked.detail}"
    return outcome.model_copy(update={"ok": False, "detail": told, "output": checked.output})


async def _perform(ports: Ports, order: StepOrder | None, heard: Heard) -> StepOutcome:
    if order is None:
        return StepOutcome(ok=True)
    performer = ports.performer(order.action.kind)
    outcome = await performer.perform(order.model_copy(update={"heard": heard}))
    clean = {"output": ports.outputs.clean(outcome.output)}
    return outcome.model_copy(update=clean | {"detail": ports.outputs.clean(outcome.detail)})


async def save(unit: Unit, job: CarryOutStep, outcome: StepOutcome) -> None:
    """Its end, as it was told."""
    await unit.runs.end_step(_attempt(job), outcome)


async def lost(unit: Unit, job: CarryOutStep, error: str) -> None:
    """Nobody saw its end: it is not done again, and a person is asked."""
    await unit.runs.end_step(_attempt(job), StepOutcome(detail=error))


class Probe(Frozen):
    """What is asked, and until when it may be so."""

    order: StepOrder
    until: datetime
    held: str = ""


async def load_probe(unit: Unit, job: ProbeStep) -> Probe | None:
    """What to look at; None where nobody waits any more."""
    run = await unit.runs.attempted(_attempt(job))
    if run is None:
        return None
    step, planned = run.step(job.step), run.action(job.step)
    wait = planned.action.wait
    if wait is None or step.started_at is None:
        return None
    order = StepOrder(key=f"{run.id}:{job.step}:{job.attempt}", action=_asking(wait),
                      timeout=min(planned.timeout, wait.every * LONGEST_PROBE_S))  # fmt: skip
    until = step.started_at + planned.timeout
    return Probe(order=order, until=until, held=await _held(unit, run))


def _asking(wait: Wait) -> Action:
    return Action(http=HttpRequest(url=wait.url, expect=wait.expect))


async def probe(ports: Ports, loaded: Probe) -> tuple[Probe, StepOutcome]:
    """Look once. What does not answer does not hold yet."""
    if loaded.held:
        return loaded, StepOutcome(held=loaded.held)
    try:
        return loaded, await ports.performer("wait").perform(loaded.order)
    except Permanent as refusal:
        return loaded, StepOutcome(ok=False, detail=str(refusal))


async def save_probe(unit: Unit, job: ProbeStep, outcome: tuple[Probe, StepOutcome]) -> None:
    """It holds, or it is looked at again, or it took too long."""
    loaded, found = outcome
    run = await unit.runs.attempted(_attempt(job))
    wait = run.action(job.step).action.wait if run else None
    again = unit.now + wait.every if wait else loaded.until
    if found.ok or found.held:
        await unit.runs.end_step(_attempt(job), found)
    elif again < loaded.until:
        await unit.jobs.add(job, due=again, subject=job.run)
    else:
        late = StepOutcome(ok=False, detail=f"it did not hold in time: {found.detail}")
        await unit.runs.end_step(_attempt(job), late)


async def probe_lost(unit: Unit, job: ProbeStep, error: str) -> None:
    """It could not even be looked at."""
    await unit.runs.end_step(_attempt(job), StepOutcome(ok=False, detail=error))


ADVANCE_RUN = Reaction(AdvanceRun, advance)
CARRY_OUT_STEP = Effect(CarryOutStep, load, act, save, lost)
PROBE_STEP = Effect(ProbeStep, load_probe, probe, save_probe, probe_lost)
