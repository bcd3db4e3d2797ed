"""What alerts do to incidents: begin one, join one, hold it when all is quiet, wake it again."""

from collections.abc import Sequence
from datetime import timedelta

from domain.alert import Signal, traits
from domain.classify import Classification
from domain.grouping import Group
from domain.incident import Incident, activate, resolve
from domain.incident_facts import (
    IncidentDeclared,
    IncidentResolved,
    SeverityChanged,
    StageActivated,
    SymptomJoined,
)
from domain.incident_jobs import Refine, ShowIncident, WatchResolved
from domain.inhibition import Symptom
from domain.paging import Cause, ShowPage
from domain.remedy import Remediate
from domain.routing import Routed
from jobs.paging import go_on, owe_low, ring_again
from jobs.registry import Reaction
from storage.unit import Unit

SETTLED = timedelta(minutes=5)
TITLE = 200
PAGED = timedelta(seconds=10)


class Outbreaks:
    """The open incidents of one triage batch, each read once and kept up to date."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self._known: dict[str, Incident | None] = {}
        self._services: dict[str, dict[str | None, bool]] = {}
        self._touched: set[str] = set()
        self._joined: set[str] = set()

    def touch(self, incident: str | None) -> None:
        """An alert of the incident changed: its card and its quiet are looked at in `settle`."""
        if incident:
            self._touched.add(incident)

    async def of_group(self, group: Group | None) -> Incident | None:
        """The open incident of a group; None where it has ended or there is none."""
        if group is None or group.incident is None:
            return None
        return await self._open(group.incident)

    async def of_service(self, service: str | None) -> Incident | None:
        """The newest open incident of a service, opened by alerts and not merged away."""
        if service is None:
            return None
        found = await self.unit.incidents.open_of_service(service)
        return await self._open(found) if found else None

    async def of_any(self, services: Sequence[str]) -> tuple[Incident, ...]:
        """The open, public incidents of these services."""
        found = await self.unit.incidents.open_of_services(services) if services else ()
        known = [await self._open(name) for name in found]
        return tuple(one for one in known if one)

    async def begin(self, signal: Signal, read: Classification, routed: Routed) -> Incident:
        """A new incident in triage: page and thread, no room (rules.md 5)."""
        number = await self.unit.numbers.next("INC")
        title = (signal.summary or signal.name)[:TITLE]
        incident = Incident(
            id=f"INC-{number}",
            number=number,
            title=title,
            stage="triage",
            severity=routed.severity,
            floor=routed.severity,
            urgency=routed.urgency,
            service=routed.service,
            team=routed.team,
            policy=routed.policy,
            category=read.category,
            symptoms=read.symptoms,
            source=signal.source,
            correlation_id=self.unit.scope.correlation_id,
            labels=signal.labels,
            detected_at=self.unit.now,
            impact_started_at=signal.starts_at,
            declared_at=self.unit.now,
            alert_room=await self._alert_room(routed),
        )
        declared = IncidentDeclared(
            severity=incident.severity, service=incident.service, source=incident.source
        )
        await self.unit.incidents.begin(incident, declared)
        if routed.declare:
            incident = await self._activated(incident, f"route {routed.route} says declare")
        await self._page(incident)
        await self._refine(incident)
        await self._remediate(incident, signal)
        self._known[incident.id] = incident
        return incident

    async def join(
        self, incident: Incident, routed: Routed, symptom: Symptom | None = None
    ) -> None:
        """One more alert: it may be worse, more urgent, or of another service."""
        self._touched.add(incident.id)
        if incident.id not in self._joined:
            self._joined.add(incident.id)
            await self.unit.jobs.cancel(incident.subject, (WatchResolved,))
        first = await self._is_first(incident, routed, symptom)
        worse = routed.severity.worse_than(incident.floor or incident.severity)
        urgent = routed.urgency == "high"
        if worse or (urgent and incident.urgency != "high"):
            await self._worsen(incident, routed)
        elif urgent and first:
            await self._ring(incident, f"first alert of {routed.service}")

    async def _is_first(self, incident: Incident, routed: Routed, symptom: Symptom | None) -> bool:
        """Whether no urgent alert of the service came before; the first symptom of one is told."""
        seen = await self._seen(incident)
        if symptom and routed.service not in seen:
            await self._tell(incident, symptom)
        known = seen.get(routed.service, False)
        seen[routed.service] = known or routed.urgency == "high"
        return not known

    async def _seen(self, incident: Incident) -> dict[str | None, bool]:
        """The services in the incident, and whether any alert of each was urgent."""
        if incident.id not in self._services:
            own: dict[str | None, bool] = {incident.service: True, None: True}
            self._services[incident.id] = await self.unit.alerts.services(incident.id) | own
        return self._services[incident.id]

    async def _tell(self, incident: Incident, symptom: Symptom) -> None:
        """In the incident's room, with the button that takes it back."""
        fact = SymptomJoined(service=symptom.service, of=symptom.of)
        told = await self.unit.facts.add(incident.subject, fact)
        await self.unit.incidents.announce(incident, told)

    async def _worsen(self, incident: Incident, routed: Routed) -> Incident:
        """Raise what the alert says is worse; a person's lower severity stands below the floor."""
        floor = incident.floor or incident.severity
        raised = routed.severity.worse_than(incident.severity)
        severity = routed.severity if raised else incident.severity
        changes = {
            "severity": severity,
            "floor": routed.severity if routed.severity.worse_than(floor) else floor,
            "urgency": "high" if routed.urgency == "high" else incident.urgency,
        }
        saved = await self.unit.incidents.save(incident.model_copy(update=changes))
        self._known[incident.id] = saved
        if raised:
            fact = SeverityChanged(old=incident.severity, new=severity)
            await self.unit.facts.add(saved.subject, fact)
        if saved.status == "triggered" or (raised and severity.major):
            await self._ring(saved, f"severity raised to {severity}")
        return saved

    async def _ring(self, incident: Incident, cause: str) -> None:
        """Page, unless somebody is being paged; who has acked is rung first (rules.md 6)."""
        if incident.urgency != "high" or await self.unit.escalations.running(incident.id):
            return
        if incident.status == "triggered" or not incident.responders:
            await self._page(incident)
            return
        await ring_again(self.unit, incident, incident.responders[0], cause)

    async def settle(self) -> None:
        """After the batch: redraw what changed, hold what is quiet, go on with what is not."""
        for name in sorted(self._touched):
            incident = await self._open(name)
            if incident is None:
                continue
            job = ShowIncident(incident=name)
            await self.unit.jobs.add(job, key=f"~show:{name}", subject=incident.subject)
            for page in await self.unit.pages.ringing(name):
                await self.unit.jobs.add(ShowPage(page=page.id), key=f"~page:{page.id}")
            if incident.may_heal:
                await self._hold_or_go_on(incident)

    async def _hold_or_go_on(self, incident: Incident) -> None:
        unit = self.unit
        if await unit.alerts.firing(incident.id):
            await go_on(unit, incident)
            return
        await unit.escalations.pause(incident)
        await unit.pages.hush(*await unit.pages.ringing(incident.id))
        await unit.jobs.cancel(incident.subject, (WatchResolved,))
        watch = WatchResolved(incident=incident.id, since=unit.now)
        await unit.jobs.add(watch, due=unit.now + SETTLED, subject=incident.subject)

    async def _page(self, incident: Incident) -> None:
        unit = self.unit
        if incident.urgency != "high":
            await owe_low(unit, incident)
            return
        policy = await unit.catalog.policy_or_admins(incident.policy)
        await unit.escalations.begin(incident, policy, Cause(text="alert"))

    async def _refine(self, incident: Incident) -> None:
        if "classify" in self.unit.installation.model_purposes:
            await self.unit.jobs.add(Refine(incident=incident.id), key=f"refine:{incident.id}")

    async def _remediate(self, incident: Incident, signal: Signal) -> None:
        """Where an admin has turned it on; the page goes out first."""
        if self.unit.installation.automatic:
            job = Remediate(incident=incident.id, traits=traits(signal))
            await self.unit.jobs.add(job, due=self.unit.now + PAGED, key=f"remedy:{incident.id}")

    async def _activated(self, incident: Incident, reason: str) -> Incident:
        active = await self.unit.incidents.save(activate(incident, self.unit.now))
        await self.unit.facts.add(active.subject, StageActivated(reason=reason))
        return active

    async def _alert_room(self, routed: Routed) -> str | None:
        if routed.alert_room:
            return routed.alert_room
        team = await self.unit.catalog.teams.get(routed.team or "")
        return team.alert_room if team else None

    async def _open(self, name: str) -> Incident | None:
        if name not in self._known:
            self._known[name] = await self.unit.incidents.get(name)
        found = self._known[name]
        return found if found and found.open else None


async def watch_resolved(unit: Unit, job: WatchResolved) -> None:
    """Quiet for five minutes and nobody took it: it healed itself, nobody is rung.

    What a person made active meanwhile is no matter of its alerts any more: it pages on.
    """
    incident = await unit.incidents.need(job.incident)
    if incident.status != "triggered" or await unit.alerts.firing(incident.id):
        return
    if incident.stage == "active":
        await go_on(unit, incident)
        return
    await unit.escalations.stop(incident, "all alerts resolved")
    for page in await unit.pages.ringing(incident.id):
        await unit.pages.end(page, "expired", "tocsin")
    await unit.groups.close(incident.id)
    ended = await unit.incidents.save(resolve(incident, "self_healed", unit.now))
    await unit.facts.add(ended.subject, IncidentResolved(resolution="self_healed"))


WATCH_RESOLVED = Reaction(WatchResolved, watch_resolved)
