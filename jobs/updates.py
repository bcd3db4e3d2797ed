"""Updates that were promised: a reminder when one is late, at most five (experience: noise law)."""

from datetime import timedelta

from domain.incident_facts import UpdateOverdue
from domain.incident_jobs import RemindUpdate
from domain.pace import reminder_time
from jobs.registry import Reaction
from storage.unit import Unit

AGAIN = timedelta(minutes=30)
MOST = 5


async def remind(unit: Unit, job: RemindUpdate) -> None:
    """Say that the update is due, or in the morning where it can wait; look again after."""
    incident = await unit.incidents.need(job.incident)
    if not incident.open or incident.next_update_at != job.due:
        return
    lead = await unit.people.get(incident.commander or "")
    allowed = reminder_time(incident.severity, unit.now, lead.timezone if lead else "UTC")
    if allowed > unit.now:
        await unit.jobs.add(job, due=allowed, subject=incident.subject)
        return
    fact = await unit.facts.add(incident.subject, UpdateOverdue(due=job.due))
    await unit.incidents.announce(incident, fact)
    if job.times + 1 < MOST:
        again = job.model_copy(update={"times": job.times + 1})
        await unit.jobs.add(again, due=unit.now + AGAIN, subject=incident.subject)


REMIND = Reaction(RemindUpdate, remind)
