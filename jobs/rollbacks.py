"""Rollbacks: written down before the pipeline is asked, asked at most once, told when it ends."""

from typing import Any

from domain.base import Frozen
from domain.errors import Permanent
from domain.incident_jobs import ShowIncident
from domain.ports import RollbackOrder, RolledBack
from domain.rollback import (
    BeginRollback,
    RollBack,
    Rollback,
    ShowRollback,
    TellRollback,
    WatchRollback,
    deadline,
)
from domain.rollback_card import rollback_card
from jobs.approvals import place_of, say
from jobs.drawing import Drawn
from jobs.personal import DirectMessage
from jobs.reaching import chats_of
from jobs.registry import Effect, Ports, Reaction
from storage.unit import Unit

NO_PIPELINE = "no deploy pipeline is connected"


class Ended(Frozen):
    """What came of it; without an answer ``refused`` says why the pipeline did nothing."""

    pipeline: str
    answer: RolledBack | None = None
    refused: str = ""


async def begin(unit: Unit, job: BeginRollback) -> None:
    """The intent is on disk before the pipeline hears of it."""
    rollback = await unit.rollbacks.need(job.deployment)
    await unit.rollbacks.begin(rollback)
    usual = deadline(await unit.rollbacks.took(rollback.service, rollback.environment))
    await unit.jobs.add(WatchRollback(deployment=rollback.id), due=unit.now + usual)


async def load(unit: Unit, job: RollBack) -> RollbackOrder | Ended | None:
    """What the pipeline is asked for; an end where safe mode began since it was released."""
    rollback = await unit.rollbacks.need(job.deployment)
    if rollback.state != "running":
        return None
    if mode := await unit.safe_mode.current():
        return Ended(pipeline="", refused=mode.line.rstrip("."))
    return await _order(unit, rollback)


async def _order(unit: Unit, rollback: Rollback) -> RollbackOrder:
    """With what the pipeline calls everything."""
    target = await unit.catalog.deployments.get(rollback.target)
    told = await unit.told_deployments.get(rollback.target)
    way = rollback.way
    named = (
        {
            "source": way.source,
            "name": way.name,
            "workflow": way.rollback,
            "theirs": way.theirs(rollback.environment) or rollback.environment,
        }
        if way
        else {}
    )
    return RollbackOrder(
        key=rollback.id,
        service=rollback.service,
        environment=rollback.environment,
        version=rollback.good,
        commit=(target.commit if target else None) or "",
        reference=told.key if told else "",
        **named,
    )


async def act(ports: Ports, loaded: RollbackOrder | Ended) -> Ended:
    """Ask, once. A no is an answer; anything else that goes wrong leaves it unknown."""
    if isinstance(loaded, Ended):
        return loaded
    deployer = ports.deployer or ports.deployers.get(loaded.source)
    if deployer is None:
        return Ended(pipeline="", refused=NO_PIPELINE)
    pipeline = deployer.name
    try:
        return Ended(pipeline=pipeline, answer=await deployer.roll_back(loaded))
    except Permanent as refusal:
        return Ended(pipeline=pipeline, refused=str(refusal))


async def save(unit: Unit, job: RollBack, outcome: Ended) -> None:
    """Its end, as the pipeline said it."""
    rollback = await unit.rollbacks.need(job.deployment)
    how: dict[str, Any] = {"state": "failed", "detail": outcome.refused}
    if outcome.answer:
        how = {"state": "done", "took": outcome.answer.took}
    await unit.rollbacks.end(rollback, how | {"pipeline": outcome.pipeline})


async def lost(unit: Unit, job: RollBack, error: str) -> None:
    """Nobody saw its end: it is not asked again, and a person is."""
    rollback = await unit.rollbacks.need(job.deployment)
    if rollback.state == "running":
        await unit.rollbacks.end(rollback, {"state": "unknown", "detail": error})


async def watch(unit: Unit, job: WatchRollback) -> None:
    """Longer than usual is no failure, but worth a line (rules.md 16)."""
    rollback = await unit.rollbacks.need(job.deployment)
    if rollback.state == "running":
        await unit.rollbacks.tell(rollback)


async def show(unit: Unit, job: ShowRollback) -> None:
    """Owe the message to where it was asked for, or to whoever asked."""
    rollback = await unit.rollbacks.need(job.deployment)
    place = rollback.place
    if rollback.approval:
        place = await place_of(unit, await unit.approvals.need(rollback.approval))
    told = TellRollback(deployment=rollback.id, state=job.state, place=place)
    if place is None:
        told = told.model_copy(update={"user": rollback.by})
    await unit.jobs.add(told, key=f"tell:{rollback.id}:{job.state}")
    if rollback.incident:
        await unit.jobs.add(
            ShowIncident(incident=rollback.incident), key=f"~show:{rollback.incident}"
        )


async def load_tell(unit: Unit, job: TellRollback) -> Drawn | DirectMessage | None:
    """The message; None where the rollback has moved on meanwhile."""
    rollback = await unit.rollbacks.need(job.deployment)
    if rollback.state != job.state:
        return None
    message = rollback_card(rollback, await _since(unit, rollback))
    key = f"rollback:{rollback.id}:{job.state}"
    if job.place:
        return Drawn(place=job.place, message=message, key=key)
    user = job.user or rollback.by
    platform = (await chats_of(unit, user))[0]
    return DirectMessage(platform=platform, user=user, message=message, key=key)


async def tell_failed(unit: Unit, job: TellRollback, error: str) -> None:  # noqa: ARG001
    """The room is closed to us: whoever asked is told at least."""
    if job.place:
        rollback = await unit.rollbacks.need(job.deployment)
        direct = job.model_copy(update={"place": None, "user": rollback.by})
        await unit.jobs.add(direct, key=f"tell:{rollback.id}:{job.state}@{rollback.by}")


async def _since(unit: Unit, rollback: Rollback) -> str:
    """What its time is counted from, as it was."""
    if rollback.approval is None:
        return "the start"
    approval = await unit.approvals.need(rollback.approval)
    given = all(grant.kind == "approval" for grant in approval.grants)
    return "approval" if given else "the go-ahead"


BEGIN_ROLLBACK = Reaction(BeginRollback, begin)
ROLL_BACK = Effect(RollBack, load, act, save, lost)
WATCH_ROLLBACK = Reaction(WatchRollback, watch)
SHOW_ROLLBACK = Reaction(ShowRollback, show)
TELL_ROLLBACK = Effect(TellRollback, load_tell, say, failed=tell_failed)
