"""Watching whether a rollback has helped: looked at every few seconds until the window is over."""

import asyncio
from collections.abc import Sequence

from domain.base import Frozen
from domain.deployment import Deployment
from domain.errors import Permanent, Retry
from domain.probe import Probe
from domain.rollback import Rollback, forgotten
from domain.rollback_jobs import VerifyRollback
from domain.verification import Look, Verification, overtaken, seen
from jobs.registry import Effect, Ports
from jobs.rollback_alarms import alarm
from storage.unit import Unit


class Watched(Frozen):
    """What is asked, and under which key."""

    key: str
    probes: tuple[Probe, ...]


async def load(unit: Unit, job: VerifyRollback) -> Watched | None:
    """The probes; None where nobody watches any more."""
    rollback = await unit.rollbacks.need(job.deployment)
    watched = rollback.verification
    if watched is None or watched.verdict != "watching":
        return None
    return Watched(key=f"verify:{rollback.id}", probes=watched.probes)


async def probe(ports: Ports, loaded: Watched) -> tuple[str, ...]:
    """Ask all of them at once; what is wrong of each."""
    found = await asyncio.gather(*(_asked(ports, one, loaded.key) for one in loaded.probes))
    return tuple(told for told in found if told)


async def _asked(ports: Ports, one: Probe, key: str) -> str:
    try:
        return one.wrong(await ports.performer("http").perform(one.order(key)))
    except (Permanent, Retry) as refusal:
        return f"{one.url}: {refusal}"


async def save(unit: Unit, job: VerifyRollback, failing: Sequence[str]) -> None:
    """What was seen, and what comes of it."""
    rollback = await unit.rollbacks.need(job.deployment)
    watched = rollback.verification
    if watched is None or watched.verdict != "watching":
        return
    later = await _later(unit, rollback, watched)
    if later is None:
        await _judge(unit, rollback, watched, await _look(unit, rollback, failing))
    elif later.status == "success":
        why = f"{later.version} ({later.id}) went out there"
        await unit.rollbacks.verified(rollback, watched.being("overtaken", unit.now, why))
    else:
        await unit.rollbacks.verified(rollback, watched)


async def _later(unit: Unit, rollback: Rollback, watched: Verification) -> Deployment | None:
    """What went out there since it began, or is about to: then what is seen is not its own."""
    there = await unit.catalog.deployments.there(rollback.environment)
    known = (one for one in there if not forgotten(one, unit.now))
    since = rollback.began_at or watched.since
    return overtaken(known, rollback.id, rollback.service, since)


async def _look(unit: Unit, rollback: Rollback, failing: Sequence[str]) -> Look:
    firing = await unit.alerts.telling_of(rollback)
    since = rollback.ended_at or unit.now
    anew = tuple(dict.fromkeys(one.name for one in firing if one.starts_at > since))
    before = sum(1 for one in firing if one.starts_at <= since)
    return Look(firing=before, anew=anew, failing=tuple(failing))


async def _judge(unit: Unit, rollback: Rollback, watched: Verification, look: Look) -> None:
    after = await unit.rollbacks.verified(rollback, seen(watched, look, unit.now))
    if after.verification and after.verification.verdict == "bad":
        await alarm(unit, after)


async def unseen(unit: Unit, job: VerifyRollback, error: str) -> None:
    """It could not even be looked at: nobody may take that for well."""
    rollback = await unit.rollbacks.need(job.deployment)
    watched = rollback.verification
    if watched and watched.verdict == "watching":
        bad = watched.being("bad", unit.now, f"it could not be looked at: {error}")
        await alarm(unit, await unit.rollbacks.verified(rollback, bad))


VERIFY_ROLLBACK = Effect(VerifyRollback, load, probe, save, unseen)
