"""A model reads the incident after the rules have decided: labels and a proposal, nothing more."""

from domain.answers import ClassifyAnswer
from domain.base import Frozen
from domain.errors import Permanent
from domain.incident import Incident, set_severity
from domain.incident_facts import Reclassified, SeverityChanged
from domain.incident_jobs import Refine
from domain.paging import Cause
from domain.ports import Query
from domain.refine import Labels, Refinement, in_force, merge
from jobs.registry import Effect, Ports
from storage.unit import Unit


class Reading(Frozen):
    """What is asked, and what the rules said."""

    query: Query
    rules: Labels
    services: tuple[str, ...]


async def load(unit: Unit, job: Refine) -> Reading | None:
    """The report and the names of services; None once the incident has ended."""
    incident = await unit.incidents.need(job.incident)
    if not incident.open or "classify" not in unit.installation.model_purposes:
        return None
    services = tuple(one.id for one in await unit.catalog.services.where())
    report = [incident.title]
    for alert in (await unit.alerts.of(incident.id))[:10]:
        labels = ", ".join(f"{name}={value}" for name, value in sorted(alert.labels.items()))
        report.append(f"{alert.name}: {alert.summary} ({labels})")
    query = Query(
        prompt="classify",
        incident=incident.id,
        private=incident.private,
        service=incident.service,
        values={"report": "\n".join(report), "services": "\n".join(services)},
    )
    return Reading(query=query, rules=_rules(incident), services=services)


def _rules(incident: Incident) -> Labels:
    return Labels(
        severity=incident.floor or incident.severity,
        service=incident.service,
        category=incident.category,
        symptoms=incident.symptoms,
    )


async def ask(ports: Ports, loaded: Reading) -> tuple[Refinement, str] | None:
    """Ask once; a model that will not answer leaves the label "rules"."""
    try:
        answer, model = await ports.advisor.ask(loaded.query, ClassifyAnswer)
    except Permanent:
        return None
    return merge(loaded.rules, answer, loaded.services), model


async def save(unit: Unit, job: Refine, outcome: tuple[Refinement, str] | None) -> None:
    """Labels follow; a worse severity becomes a button."""
    if outcome is None:
        return
    refinement, model = outcome
    incident = await unit.incidents.need(job.incident)
    labels, proposed = refinement.labels, refinement.proposed_severity
    if proposed and not proposed.worse_than(incident.severity):
        proposed = None
    changes = {
        "category": labels.category,
        "symptoms": labels.symptoms,
        "service": incident.service or labels.service,
        "proposed": proposed,
        "classified_by": model,
    }
    saved = await unit.incidents.save(incident.model_copy(update=changes))
    fact = Reclassified(
        model=model,
        category=labels.category or "others",
        proposal=proposed.value if proposed else "none",
    )
    await unit.facts.add(saved.subject, fact, refinement.summary)
    await _raise(unit, saved)


async def _raise(unit: Unit, incident: Incident) -> None:
    """Only where an admin let a model wake people: one step, and the policy if nobody rings."""
    may = unit.installation.model_may_wake
    severity = in_force(incident.severity, incident.proposed, may_wake=may)
    if severity == incident.severity:
        return
    raised = set_severity(incident, severity, unit.now)
    saved = await unit.incidents.save(raised)
    fact = SeverityChanged(old=incident.severity, new=severity)
    await unit.incidents.announce(saved, await unit.facts.add(saved.subject, fact))
    if saved.status == "triggered" and not await unit.escalations.running(saved.id):
        policy = await unit.catalog.policy_or_admins(saved.policy)
        await unit.escalations.begin(saved, policy, Cause(text=f"{saved.classified_by} raised it"))


REFINE = Effect(Refine, load, ask, save)
