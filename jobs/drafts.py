"""Whoever a postmortem's draft is left to is told that it waits, when they are up."""

from domain.incident_jobs import TellDraft
from domain.pace import morning_of
from domain.postmortem_card import waiting_letter
from domain.rest import calm_over
from jobs.reaching import Sending, by_another, send, ways_of
from jobs.registry import Effect
from storage.unit import Unit

WAYS = ("chat", "email")


async def owe_telling(unit: Unit, name: str) -> None:
    """Owe it for now, at night for 09:00 by their clock (rules.md 24), and in no quiet hours."""
    incident = await unit.incidents.need(name)
    person = await unit.people.get(incident.draft_owner or "")
    if person is None or not person.active:
        return
    morning = morning_of(unit.now, person.timezone)
    due = calm_over(morning, person.quiet_hours, person.timezone)
    tell = TellDraft(incident=name, user=person.id)
    await unit.jobs.add(tell, due=due, key=f"draft:{name}", subject=incident.subject)


async def load(unit: Unit, job: TellDraft) -> Sending | None:
    """What they read, unless somebody has published it meanwhile."""
    kept = await unit.postmortems.get(job.incident)
    if kept is None or kept.status == "published":
        return None
    way, *others = await ways_of(unit, job.user, WAYS, job.tried)
    message = waiting_letter(job.incident, unit.installation.public_url)
    key = f"draft:{job.incident}:{job.user}"
    return Sending(user=job.user, way=way, message=message, key=key, others=bool(others))


TELL = Effect(TellDraft, load, send, by_another)
