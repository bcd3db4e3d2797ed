"""Whoever is put on call, or relieved, by somebody else is told so."""

from domain.message import Message, Text, moment, spans
from domain.oncall_jobs import TellOnCall, TellStandIn
from domain.schedule import Override, Schedule
from jobs.reaching import Sending, by_another, send, ways_of
from jobs.registry import Effect
from storage.unit import Unit

WAYS = ("chat", "email")


async def load(unit: Unit, job: TellStandIn) -> Sending | None:
    """What was changed for them; None where it was taken back or is over."""
    schedule = await unit.catalog.schedules.get(job.schedule)
    found = [one for one in schedule.overrides if one.id == job.override] if schedule else []
    if schedule is None or not found or found[0].ends <= unit.now:
        return None
    way, *others = await ways_of(unit, job.user, WAYS, job.tried)
    message = await _message(unit, schedule, found[0], job.user)
    key = f"stand-in:{job.override}@{job.user}"
    return Sending(user=job.user, way=way, message=message, key=key, others=bool(others))


async def _message(unit: Unit, schedule: Schedule, override: Override, reader: str) -> Message:
    stand_in = await unit.people.need(override.user)
    if reader == override.user:
        said = f"You are on call for {schedule.name} from "
    else:
        said = f"{stand_in.name} has your place on call for {schedule.name} from "
    back = " It is yours again after that." if reader != override.user else ""
    why = f" Why: {override.reason}." if override.reason else ""
    told = spans(said, moment(override.starts), " to ", moment(override.ends), f".{back}{why}")
    return Message(nodes=(Text(spans=told),))


async def load_told(unit: Unit, job: TellOnCall) -> Sending:
    """What a person is told, by their next way."""
    way, *others = await ways_of(unit, job.user, WAYS, job.tried)
    return Sending(user=job.user, way=way, message=job.message, key=job.key, others=bool(others))


TELL_ON_CALL = Effect(TellOnCall, load_told, send, by_another)
TELL_STAND_IN = Effect(TellStandIn, load, send, by_another)
