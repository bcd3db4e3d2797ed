"""Remedies: an alert's runbook is run by itself where an admin and its author allow it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.alert import Alert, traits
from domain.errors import Refused
from domain.incident import Incident
from domain.place import Place
from domain.remedy import (
    LookAfterRemedy,
    Remediate,
    RemedyBegun,
    RemedyHeld,
    RemedyLooked,
    RemedyStopped,
    held_back,
    meant_for,
    next_look,
    speaks_of,
    told_by,
    too_dangerous,
    why_wrong,
)
from domain.run import Run, acts_outside, begun, target_of
from domain.runbook import Automatic, Runbook
from domain.runbook_plan import RunPlan
from domain.runbook_render import render
from domain.service import Catalogue
from jobs.registry import Reaction
from storage.unit import Unit

OFF = "no admin has turned runbooks on for its team"
QUIET = "its alerts are quiet by now"
FIRST_LOOK = timedelta(minutes=1)


class Remedy(NamedTuple):
    """A runbook, by which rule it is run, and exactly what it would do."""

    plan: RunPlan
    rule: Automatic
    team: str | None


async def remediate(unit: Unit, job: Remediate) -> None:
    """Run it, or say on the timeline why not. Whoever is paged is paged all the same."""
    incident = await unit.incidents.need(job.incident)
    shelf = await unit.catalog.runbooks.where(order=unit.catalog.runbooks.table.c.id)
    meant = meant_for(shelf, job.traits)
    if meant is None or not unit.installation.automatic or not incident.open:
        return
    runbook, rule = meant
    try:
        await _need_firing(unit, rule, job)
        remedy = await _remedy(unit, runbook, rule, job)
        await _need_allowed(unit, remedy)
    except Refused as refusal:
        fact = RemedyHeld(runbook=runbook.id, why=refusal.text)
        await unit.facts.add(incident.subject, fact)
    else:
        await _begin(unit, incident, remedy, job.traits["fingerprint"])


async def _need_firing(unit: Unit, rule: Automatic, job: Remediate) -> None:
    """Raises `Refused` where what it is meant for has healed: after an outage this comes late."""
    own = [one for one in await unit.alerts.of(job.incident) if one.status == "firing"]
    if not _any(rule, job.traits["fingerprint"], own):
        raise Refused(QUIET)


def _any(rule: Automatic, fingerprint: str, alerts: Iterable[Alert]) -> bool:
    return any(speaks_of(rule, fingerprint, traits(one)) for one in alerts)


async def _remedy(unit: Unit, runbook: Runbook, rule: Automatic, job: Remediate) -> Remedy:
    services = await unit.catalog.services.where()
    names = tuple(one.id for one in services)
    service = Catalogue(services).named(runbook.service or "")
    servers = {one.id: one for one in await unit.catalog.servers.where()}
    shelf = {one.id: one for one in await unit.catalog.runbooks.where()}
    plan = render(runbook, told_by(rule, job.traits), shelf, names, servers)
    return Remedy(plan, rule, service.team if service else None)


async def _need_allowed(unit: Unit, remedy: Remedy) -> None:
    """Raises `Refused` with what stands against it. From here on nobody else begins one."""
    await unit.runs.need_free(target_of(remedy.plan))
    mode = await unit.safe_mode.current()
    off = acts_outside(remedy.plan) and not unit.installation.executes(remedy.team)
    why = mode.line if mode else OFF if off else ""
    why = why or too_dangerous(remedy.plan, await unit.guards.everything())
    if why := why or await _held_back(unit, remedy):
        raise Refused(why)


async def _held_back(unit: Unit, remedy: Remedy) -> str:
    name = remedy.plan.runbook
    said = await unit.settings.get(f"rearmed:{name}")
    rearmed = datetime.fromisoformat(said) if said else None
    return held_back(remedy.rule, await unit.runs.remedies(name), rearmed, unit.now)


async def _begin(unit: Unit, incident: Incident, remedy: Remedy, fingerprint: str) -> None:
    number, plan = await unit.numbers.next("RUN"), remedy.plan
    run = Run(
        id=f"RUN-{number}",
        number=number,
        runbook=plan.runbook,
        plan=plan,
        team=remedy.team,
        by="tocsin",
        incident=incident.id,
        automatic=remedy.rule,
        place=_place(unit, incident),
        steps=begun(plan),
        started_at=unit.now,
    )
    await unit.runs.release(run)
    fact = RemedyBegun(run=run.id, runbook=run.runbook, safety=plan.safety)
    await unit.incidents.announce(incident, await unit.facts.add(incident.subject, fact))
    look = LookAfterRemedy(run=run.id, fingerprint=fingerprint)
    await unit.jobs.add(look, due=unit.now + FIRST_LOOK, subject=run.id)


def _place(unit: Unit, incident: Incident) -> Place:
    """Where its card goes as long as the incident has none."""
    room = incident.alert_room or unit.installation.incidents_room
    return Place(platform=unit.installation.home_platform, room=room)


async def look_after(unit: Unit, job: LookAfterRemedy) -> None:
    """Its alerts are quiet some time after its end, or it is stopped and the room is told."""
    run = await unit.runs.need(job.run)
    if run.automatic is None or run.incident is None:
        return
    again = next_look(run, run.automatic, unit.now)
    if again is not None:
        await unit.jobs.add(job, due=again, subject=run.id)
        return
    incident = await _goes_on(unit, run.incident)
    told = await unit.alerts.firing_since(run.started_at)
    quiet = not _any(run.automatic, job.fingerprint, told)
    helped = run.status == "succeeded" and quiet
    run = await unit.runs.save(run.model_copy(update={"helped": helped}))
    if helped:
        looked = RemedyLooked(run=run.id, runbook=run.runbook)
        await unit.facts.add(incident.subject, looked)
        return
    why = why_wrong(run) if run.status == "succeeded" else f"is {run.status}"
    stopped = RemedyStopped(run=run.id, runbook=run.runbook, why=why)
    await unit.incidents.announce(incident, await unit.facts.add(incident.subject, stopped))


async def _goes_on(unit: Unit, name: str) -> Incident:
    """The incident, or the one that it was merged into."""
    incident = await unit.incidents.need(name)
    while incident.merged_into:
        incident = await unit.incidents.need(incident.merged_into)
    return incident


REMEDIATE = Reaction(Remediate, remediate)
LOOK_AFTER_REMEDY = Reaction(LookAfterRemedy, look_after)
