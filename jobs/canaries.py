"""Canaries: whoever has a shift within a week is tried by the ways that were not tried lately."""

from datetime import datetime

from domain.account import named
from domain.canary import (
    AHEAD,
    REMINDED,
    RemindCanary,
    SendCanaries,
    canary_reminder,
    due,
    is_working_hour,
    next_working_hour,
)
from domain.oncall_jobs import TellOnCall
from domain.reachability import ReachTested, RingTest
from domain.schedule import final_shifts
from jobs.registry import Reaction
from storage.people import User
from storage.unit import Unit


async def send(unit: Unit, _job: SendCanaries) -> None:
    """By day only, by each person's own clock; nobody who is away. In the demo nothing rings."""
    if unit.installation.demo:
        return
    away = {one.user for one in await unit.absences.between(unit.now, unit.now)}
    for user in await _soon_on_call(unit, unit.now):
        person = await unit.people.get(user)
        if person and person.active and user not in away:
            await _try(unit, person)


async def _soon_on_call(unit: Unit, now: datetime) -> tuple[str, ...]:
    schedules = await unit.catalog.schedules.everything()
    shifts = (shift for one in schedules for shift in final_shifts(one, now, now + AHEAD))
    return tuple(sorted({shift.user for shift in shifts}))


async def _try(unit: Unit, person: User) -> None:
    if not is_working_hour(unit.now, person.timezone):
        return
    methods, tests = await unit.roster.methods(person.id), await unit.reach_tests.of(person.id)
    ways = due(methods, tests, unit.now)
    if not ways:
        return
    made = await unit.reach_tests.begin(person.id, [(one, named(one)) for one in ways])
    for one in made:
        await unit.jobs.add(RingTest(test=one.id), key=f"test:{one.id}")
    fact = ReachTested(person=person.id, methods=len(made))
    await unit.facts.add(f"person:{person.id}", fact)
    later = next_working_hour(unit.now + REMINDED, person.timezone)
    await unit.jobs.add(RemindCanary(user=person.id, round=made[0].round), due=later)


async def remind(unit: Unit, job: RemindCanary) -> None:
    """Once, of what was not heard."""
    tests = await unit.reach_tests.in_round(job.round)
    if unheard := [one for one in tests if one.confirmed_at is None]:
        key = f"canary:{job.round}"
        await unit.jobs.add(TellOnCall(user=job.user, message=canary_reminder(unheard), key=key))


SEND = Reaction(SendCanaries, send)
REMIND = Reaction(RemindCanary, remind)
