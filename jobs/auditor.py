"""What the auditor found is put right: better a page twice than never."""

from domain.auditor_jobs import PageRoused, Rouse
from domain.paging import Cause
from jobs.registry import Reaction
from storage.unit import Unit
from storage.views import auditor

CAUSE = Cause(text="nothing rang for it any more, the auditor found")


async def rouse(unit: Unit, job: Rouse) -> None:
    """Ring, where it is still true that nothing would."""
    if job.fault == "silent":
        await _rouse_incident(unit, job.subject)
    else:
        await _rouse_page(unit, job.subject)


async def _rouse_incident(unit: Unit, name: str) -> None:
    incident = await unit.incidents.need(name)
    standing = await auditor.standing(unit.scope, name)
    if standing is None or standing.live:
        return
    policy = await unit.catalog.policy_or_admins(incident.policy)
    await unit.escalations.stop(incident, CAUSE.text)
    await unit.escalations.begin(incident, policy, CAUSE)


async def _rouse_page(unit: Unit, name: str) -> None:
    page = await unit.pages.look(name)
    if page is None:
        return
    incident = await unit.incidents.need(page.incident)
    await unit.bundles.for_person(page.user)
    page = await unit.pages.need(name)
    if page.state != "sent" or not incident.open or await auditor.rings(unit.scope, page.id):
        return
    await unit.facts.add(incident.subject, PageRoused(page=page.id, person=page.user))
    await unit.pages.end(page, "expired", "tocsin")
    anew = {"id": unit.ids.new(), "created_at": unit.now, "bundle": None}
    await unit.pager.page(page.model_copy(update=anew))


ROUSE = Reaction(Rouse, rouse)
