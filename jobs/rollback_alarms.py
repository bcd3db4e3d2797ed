"""Who is woken when a rollback has not helped, or nobody knows what became of it."""

from domain.incident import Incident, activate
from domain.incident_facts import IncidentDeclared
from domain.paging import Cause, Page, Reason
from domain.rollback import OURS, Rollback
from domain.severity import Severity
from jobs.paging import ring_again
from storage.unit import Unit

CAUSES = {
    "failed": "{target} was not rolled back to {good}",
    "unknown": "nobody knows whether {target} was rolled back to {good}",
    "done": "{target} is not well after the rollback to {good}",
}


async def alarm(unit: Unit, rollback: Rollback) -> None:
    """Ring for the incident that it was for; where that is over, or never was, it makes one of its
    own."""
    cause = CAUSES[rollback.state].format(
        target=f"{rollback.service} {rollback.environment}", good=rollback.good
    )
    incident = await unit.incidents.get(rollback.incident) if rollback.incident else None
    if incident and incident.open:
        await _ring(unit, incident, rollback, cause)
    else:
        await _begin(unit, rollback, cause)


async def _ring(unit: Unit, incident: Incident, rollback: Rollback, cause: str) -> None:
    """Whoever asked for it first; while somebody is being paged already, beside them."""
    if incident.private:  # a page is read on lock screens (rules.md 2)
        cause = "its rollback needs a look"
    if not await unit.escalations.running(incident.id):
        await ring_again(unit, incident, rollback.by, cause)
        return
    if await unit.pages.ringing(incident.id, rollback.by):
        return
    page = Page(
        id=unit.ids.new(),
        incident=incident.id,
        user=rollback.by,
        escalation=None,
        step=0,
        urgency="high",
        why=cause,
        created_at=unit.now,
    )
    await unit.pager.page(page, Reason(asked=True))


async def _begin(unit: Unit, rollback: Rollback, cause: str) -> None:
    """An incident of the service, paged by its policy, whoever asked for the rollback first."""
    number = await unit.numbers.next("INC")
    service = await unit.catalog.services.get(rollback.service)
    made = Incident(
        id=f"INC-{number}",
        number=number,
        title=f"{cause[:1].upper()}{cause[1:]}",
        stage="triage",
        severity=Severity.SEV3,
        service=rollback.service,
        team=service.team if service else None,
        policy=service.policy if service else None,
        source=OURS,
        correlation_id=unit.scope.correlation_id,
        detected_at=unit.now,
        declared_at=unit.now,
    )
    active = activate(made, unit.now)
    declared = IncidentDeclared(severity=active.severity, service=active.service, source=OURS)
    begun = await unit.incidents.begin(active, declared)
    policy = await unit.catalog.policy_or_admins(begun.policy)
    await unit.escalations.again(begun, rollback.by, policy, Cause(text=cause))
