"""Rollbacks: written down before the pipeline is asked, asked at most once, followed to the end."""

from typing import Any

from domain.base import Frozen
from domain.deployer import Asked, Deployer, RollbackOrder, Seen
from domain.errors import Permanent, Retry
from domain.rollback import Rollback, outdated
from domain.rollback_jobs import (
    DRAWN_EVERY,
    BeginRollback,
    DrawRollback,
    FollowRollback,
    RollBack,
)
from jobs.registry import Effect, Ports, Reaction
from jobs.rollback_alarms import alarm
from storage.unit import Unit

NO_PIPELINE = "no deploy pipeline is connected"


class Ended(Frozen):
    """What came of asking; without an answer ``refused`` says why the pipeline did nothing."""

    pipeline: str
    answer: Seen | None = None
    refused: str = ""


class Following(Frozen):
    """What was asked for, and what became of it as far as is known."""

    order: RollbackOrder
    asked: Asked


async def begin(unit: Unit, job: BeginRollback) -> None:
    """The intent is on disk before the pipeline hears of it."""
    rollback = await unit.rollbacks.need(job.deployment)
    if why := await _outdated(unit, rollback):
        await alarm(unit, await unit.rollbacks.end(rollback, {"state": "failed", "detail": why}))
        return
    firing = await unit.alerts.telling_of(rollback)
    await unit.rollbacks.begin(rollback, len(firing))


async def load(unit: Unit, job: RollBack) -> RollbackOrder | Ended | None:
    """What the pipeline is asked for; an end where it should not be asked any more."""
    rollback = await unit.rollbacks.need(job.deployment)
    if rollback.state != "running" or rollback.asked:
        return None
    if why := await _outdated(unit, rollback):
        return Ended(pipeline="", refused=why)
    return _order(rollback)


async def _outdated(unit: Unit, rollback: Rollback) -> str:
    """Why it is not handed over although it was agreed to: something has changed since."""
    if mode := await unit.safe_mode.current():
        return mode.line.rstrip(".")
    service = await unit.catalog.services.get(rollback.service)
    if not unit.installation.executes(service.team if service else None):
        return "execution is off for this service's team"
    there = await unit.catalog.deployments.there(rollback.environment)
    return outdated(there, rollback, unit.now)


def _order(rollback: Rollback) -> RollbackOrder:
    """With what the pipeline calls everything, as it was when it was released."""
    return RollbackOrder(
        key=rollback.id,
        service=rollback.service,
        environment=rollback.environment,
        version=rollback.good,
        commit=rollback.commit,
        **_named(rollback),
    )


def _named(rollback: Rollback) -> dict[str, Any]:
    """The pipeline, and what it is asked with; nothing where a single one stands in for all."""
    if rollback.way is None:
        return {}
    way = rollback.way.pipeline
    return {
        "source": way.source,
        "name": way.name,
        "workflow": way.rollback,
        "theirs": rollback.way.theirs or rollback.environment,
        "reference": rollback.way.reference,
        "argv": rollback.way.argv,
        "route": rollback.way.route,
        "timeout": way.timeout,
    }


def _deployer(ports: Ports, order: RollbackOrder) -> Deployer | None:
    return ports.deployer or ports.deployers.get(order.source)


async def act(ports: Ports, loaded: RollbackOrder | Ended) -> Ended:
    """Ask, once. A no is an answer; anything else that goes wrong leaves it unknown."""
    if isinstance(loaded, Ended):
        return loaded
    deployer = _deployer(ports, loaded)
    if deployer is None:
        return Ended(pipeline="", refused=NO_PIPELINE)
    try:
        return Ended(pipeline=deployer.name, answer=await deployer.ask(loaded))
    except Permanent as refusal:
        return Ended(pipeline=deployer.name, refused=str(refusal))


async def save(unit: Unit, job: RollBack, outcome: Ended) -> None:
    """What the pipeline made of it."""
    rollback = await unit.rollbacks.need(job.deployment)
    if outcome.answer:
        await _hear(unit, rollback, outcome.answer, outcome.pipeline)
        return
    how = {"state": "failed", "detail": outcome.refused, "pipeline": outcome.pipeline}
    await alarm(unit, await unit.rollbacks.end(rollback, how))


async def lost(unit: Unit, job: RollBack | FollowRollback, error: str) -> None:
    """Nobody saw its end: it is not asked again, and a person is."""
    rollback = await unit.rollbacks.need(job.deployment)
    if rollback.state == "running":
        how = {"state": "unknown", "detail": error}
        await alarm(unit, await unit.rollbacks.end(rollback, how))


async def load_follow(unit: Unit, job: FollowRollback) -> Following | None:
    """What is looked for; None where its end is known."""
    rollback = await unit.rollbacks.need(job.deployment)
    if rollback.state != "running" or rollback.asked is None:
        return None
    return Following(order=_order(rollback), asked=rollback.asked)


async def follow(ports: Ports, loaded: Following) -> Seen:
    """Look once. Who does not answer works on, as far as anybody knows."""
    deployer = _deployer(ports, loaded.order)
    if deployer is None:
        return Seen(asked=loaded.asked, lost=NO_PIPELINE)
    try:
        return await deployer.look(loaded.order, loaded.asked)
    except Retry as silent:
        return Seen(asked=loaded.asked.model_copy(update={"said": str(silent)}))
    except Permanent as refusal:
        return Seen(asked=loaded.asked, lost=str(refusal))


async def save_follow(unit: Unit, job: FollowRollback, outcome: Seen) -> None:
    """How far it is; its end, where it has come to one."""
    rollback = await unit.rollbacks.need(job.deployment)
    if rollback.state == "running":
        await _hear(unit, rollback, outcome, rollback.pipeline)


async def _hear(unit: Unit, rollback: Rollback, seen: Seen, pipeline: str) -> None:
    await unit.rollbacks.seen(rollback, seen, pipeline)
    after = await unit.rollbacks.need(rollback.id)
    if after.state == "unknown":
        await alarm(unit, after)


async def keep_drawing(unit: Unit, job: DrawRollback) -> None:
    """While it runs its card says for how long; it says too when that is longer than usual."""
    rollback = await unit.rollbacks.need(job.deployment)
    if rollback.state == "running":
        await unit.rollbacks.show(rollback)
        await unit.jobs.add(job, due=unit.now + DRAWN_EVERY)


BEGIN_ROLLBACK = Reaction(BeginRollback, begin)
ROLL_BACK = Effect(RollBack, load, act, save, lost)
FOLLOW_ROLLBACK = Effect(FollowRollback, load_follow, follow, save_follow, lost)
DRAW_ROLLBACK = Reaction(DrawRollback, keep_drawing)
