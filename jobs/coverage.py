"""The coverage guard: whoever leads a team hears of a hole before somebody falls into it."""

from collections import defaultdict
from datetime import datetime

from domain.calendar_layer import calendar_risks
from domain.coverage import People, Risk, coverage_notice, risks
from domain.oncall_jobs import GuardCoverage, TellOnCall
from domain.pace import by_day
from jobs.registry import Reaction
from storage.unit import Unit

TOLD = "coverage_told"


async def guard(unit: Unit, _job: GuardCoverage) -> None:
    """Tell what is new since the last look; what was put right and breaks again is new."""
    found = await _risks(unit)
    before = set(await unit.settings.get(TOLD) or ())
    await unit.settings.put(TOLD, [one.key for one in found])
    fresh: dict[str, list[Risk]] = defaultdict(list)
    for one in found:
        if one.key not in before:
            fresh[one.team].append(one)
    for team, new in fresh.items():
        for user in await _leads(unit, team):
            await _tell(unit, user, team, tuple(new))


async def _risks(unit: Unit) -> tuple[Risk, ...]:
    schedules = await unit.catalog.schedules.everything()
    policies = await unit.catalog.policies.where()
    everybody = await unit.people.everybody()
    on_call = sorted({user for one in schedules for user in one.people})
    people = People(
        active={one.id: one.team for one in everybody if one.active},
        asleep={} if unit.installation.demo else await unit.roster.asleep(on_call),
        names={one.id: one.name for one in everybody},
    )
    by_id = {one.id: one for one in schedules}
    states = await unit.calendars.everything()
    return (
        *risks(schedules, policies, people, unit.now),
        *calendar_risks(states, by_id, unit.now),
    )


async def _leads(unit: Unit, team: str) -> tuple[str, ...]:
    """Whoever leads it; where nobody does, the admins."""
    found = await unit.catalog.teams.get(team)
    lead = await unit.people.get(found.lead) if found and found.lead else None
    if lead and lead.active:
        return (lead.id,)
    return tuple(one.user for one in await unit.roster.admins())


async def _tell(unit: Unit, user: str, team: str, new: tuple[Risk, ...]) -> None:
    """By day: nothing here is for tonight but what doctor and the schedule show as well."""
    person = await unit.people.need(user)
    at: datetime = unit.now
    told = TellOnCall(
        user=user, message=coverage_notice(new), key=f"coverage:{team}:{at.isoformat()}@{user}"
    )
    await unit.jobs.add(told, due=by_day(at, person.timezone))


GUARD_COVERAGE = Reaction(GuardCoverage, guard)
