"""Triage: what was delivered becomes alerts, alerts join groups, groups become incidents.

Rules decide at once. Every alert that rings nobody carries the reason why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.alert import Alert, Change, Signal, apply, retold, traits
from domain.alert_jobs import PageBaseline, TellBaseline, Triage
from domain.base import Frozen
from domain.buttons import button
from domain.classify import Classification, classify, subject_of
from domain.grouping import Attach, Group, Open, choose, key_of
from domain.incident_facts import IncidentLinked
from domain.incident_jobs import SplitOff
from domain.inhibition import symptom_of
from domain.message import Actions, Message, Text, spans
from domain.noise import Verdict, baseline, feed_only, quiet
from domain.ports import MessageRef, Place
from domain.routing import Route, Routed, route
from domain.service import Catalogue
from domain.silence import Silence
from jobs.alert_incidents import Outbreaks
from jobs.registry import Effect, Ports, Reaction
from storage.unit import Unit

GRACE = timedelta(minutes=5)
FRESH = timedelta(days=1)
# Deliveries that came together share a job already; so many such jobs are triaged together.
MOST_TOGETHER = 7
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Reading(Frozen):
    """A newly firing alert, understood: the signal, what it is, and where it belongs."""

    signal: Signal
    classification: Classification
    routed: Routed


@dataclass(frozen=True)
class Rules:
    """What it is decided by whether an alert rings, and for whom."""

    silences: tuple[Silence, ...]
    routes: tuple[Route, ...]
    catalogue: Catalogue


@dataclass
class Desk:
    """What is known while one batch is triaged: read once, and only when something is decided.

    Most signals repeat what is known, and need none of it. Alerts and groups are saved once, at
    the end.
    """

    unit: Unit
    outbreaks: Outbreaks
    alerts: dict[tuple[str, str], Alert]
    groups: dict[str, Group] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    known_rules: Rules | None = None
    decided: list[tuple[tuple[str, str], Alert]] = field(default_factory=list)
    changed: set[tuple[str, str]] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    grown: set[str] = field(default_factory=set)
    heard: dict[str, datetime] = field(default_factory=dict)

    async def first_contact(self, integration: str) -> datetime:
        """When the integration was first heard; asked once in a batch."""
        if integration not in self.heard:
            self.heard[integration] = await _first_contact(self.unit, integration)
        return self.heard[integration]

    async def rules(self) -> Rules:
        """Silences, routes and services as they are in this unit."""
        if self.known_rules is None:
            self.known_rules = Rules(
                silences=await self.unit.alerts.silences(),
                routes=await self.unit.catalog.routes.where(),
                catalogue=Catalogue(await self.unit.catalog.services.where()),
            )
        return self.known_rules

    async def choice(self, signal: Signal, service: str | None) -> Attach | Open:
        """The group of a newly firing signal, among those under its key."""
        key = key_of(signal, service)
        if key not in self.keys:
            self.keys.add(key)
            self.groups |= {one.id: one for one in await self.unit.groups.open_under(key)}
        return choose(signal, service, self.groups.values())


async def gather(unit: Unit, job: Triage) -> Triage:
    """With what else waits: reading and writing once for many costs little more than for one."""
    await unit.exclusively("triage")
    others = await unit.jobs.absorb(Triage, MOST_TOGETHER)
    named = (one for other in (job, *others) for one in other.deliveries)
    return job.model_copy(update={"deliveries": tuple(named)})


async def triage(unit: Unit, job: Triage) -> None:
    """Take the signals of these deliveries in the order they came."""
    await unit.exclusively("triage")
    signals = await unit.deliveries.signals(job.deliveries)
    desk = await _open_desk(unit, signals)
    for signal in signals:
        await _take(desk, signal)
    await _save(desk)


async def _open_desk(unit: Unit, signals: tuple[Signal, ...]) -> Desk:
    return Desk(unit, Outbreaks(unit), await unit.alerts.known(signals))


async def _take(desk: Desk, signal: Signal) -> None:
    key = (signal.integration, signal.fingerprint)
    change = apply(desk.alerts.get(key), signal)
    if change.kind == "stale":
        return
    alert = change.alert
    if change.kind in ("opened", "refired"):
        alert = await _decide(desk, signal, change)
        desk.decided.append((key, alert))
    desk.outbreaks.touch(alert.incident)
    desk.alerts[key] = alert
    desk.changed.add(key)


async def _decide(desk: Desk, signal: Signal, change: Change) -> Alert:
    """A newly firing alert: kept quiet with a reason, or part of a group and an incident."""
    rules = await desk.rules()
    reading = _read(desk, rules, signal)
    routed = reading.routed
    read = {"service": routed.service, "urgency": routed.urgency}
    alert = change.alert.model_copy(update=read)
    held = quiet(traits(alert), signal.severity, rules.silences, desk.unit.now)
    if verdict := held or await _baseline(desk, signal):
        return alert.model_copy(update={"verdict": verdict})
    if routed.urgency == "none" and not routed.declare:
        return alert.model_copy(update={"verdict": feed_only(signal.severity)})
    return await _place(desk, alert, reading)


def _read(desk: Desk, rules: Rules, signal: Signal) -> Reading:
    classification = classify(subject_of(signal))
    default = desk.unit.installation.default_policy
    routed = route(traits(signal), classification, rules.routes, rules.catalogue, default)
    return Reading(signal=signal, classification=classification, routed=routed)


async def _baseline(desk: Desk, signal: Signal) -> Verdict | None:
    """What fired before this source was first heard is listed, not paged (rules.md 5)."""
    first = await desk.first_contact(signal.integration)
    if signal.starts_at >= first - GRACE:
        return None
    tell = TellBaseline(integration=signal.integration)
    await desk.unit.jobs.add(tell, key=f"baseline:{signal.integration}")
    return baseline(signal.source)


async def _first_contact(unit: Unit, integration: str) -> datetime:
    """When the first delivery arrived, however long ago and whatever it said."""
    name = f"first_contact:{integration}"
    kept = await unit.settings.get(name)
    if kept is None:
        kept = (await unit.deliveries.first(integration)).isoformat()
        await unit.settings.put(name, kept)
    return datetime.fromisoformat(kept)


async def _place(desk: Desk, alert: Alert, reading: Reading) -> Alert:
    """Find or open the group, and with it the incident."""
    signal, routed = reading.signal, reading.routed
    choice = await desk.choice(signal, routed.service)
    group = desk.groups[choice.group] if isinstance(choice, Attach) else None
    if joined := await _joined(desk, group, choice.reason, reading):
        incident, verdict = joined
    else:
        begun = await desk.outbreaks.begin(signal, reading.classification, routed)
        incident = begun.id
        verdict = Verdict(action="opened", reason=f"{choice.reason}; {routed.reason}")
    group = _grown(desk, group, reading, incident)
    placed = {"group": group.id, "incident": incident, "verdict": verdict}
    return alert.model_copy(update=placed)


async def _joined(
    desk: Desk, group: Group | None, reason: str, reading: Reading
) -> tuple[str, Verdict] | None:
    """The open incident that the alert joins, and why: that of its group, of its service, or of
    a service that its own depends on."""
    outbreaks, routed = desk.outbreaks, reading.routed
    if incident := await outbreaks.of_group(group):
        await outbreaks.join(incident, routed)
        return incident.id, Verdict(action="attached", reason=reason)
    if incident := await outbreaks.of_service(routed.service):
        await outbreaks.join(incident, routed)
        why = f"{incident.id} is open for {routed.service}"
        return incident.id, Verdict(action="attached", reason=why)
    return await _joined_as_symptom(desk, reading)


async def _joined_as_symptom(desk: Desk, reading: Reading) -> tuple[str, Verdict] | None:
    rules = await desk.rules()
    beneath = rules.catalogue.beneath(reading.routed.service)
    near = {one.id: one for one in await desk.outbreaks.of_any(beneath)}
    found = symptom_of(reading.routed, reading.signal.starts_at, beneath, near.values())
    if found is None:
        return None
    await desk.outbreaks.join(near[found.incident], reading.routed, found)
    return found.incident, found.verdict


def _grown(desk: Desk, group: Group | None, reading: Reading, incident: str) -> Group:
    signal, service = reading.signal, reading.routed.service
    if group is None:
        group = Group(
            id=desk.unit.ids.new(),
            key=key_of(signal, service),
            integration=signal.integration,
            service=service,
            count=0,
            first_at=signal.starts_at,
            last_at=signal.starts_at,
        )
        desk.opened.add(group.id)
    changes = {
        "incident": incident,
        "count": group.count + 1,
        "last_at": max(group.last_at, signal.starts_at),
    }
    desk.groups[group.id] = group.model_copy(update=changes)
    desk.grown.add(group.id)
    return desk.groups[group.id]


async def _save(desk: Desk) -> None:
    unit = desk.unit
    keys = sorted(desk.changed)
    kept = await unit.alerts.keep(desk.alerts[key] for key in keys)
    named = dict(zip(keys, kept, strict=True))
    await unit.alerts.decide(
        decided.model_copy(update={"id": named[key].id}) for key, decided in desk.decided
    )
    await unit.groups.add_all(desk.groups[one] for one in sorted(desk.opened))
    for one in sorted(desk.grown - desk.opened):
        await unit.groups.save(desk.groups[one])
    await desk.outbreaks.settle()


async def page_baseline(unit: Unit, job: PageBaseline) -> None:
    """Decide about a source's baseline as if it had begun to fire just now."""
    await unit.exclusively("triage")
    alerts = await unit.alerts.baseline(job.integration)
    for integration in sorted({alert.integration for alert in alerts}):
        await unit.settings.put(f"first_contact:{integration}", LONG_AGO.isoformat())
    desk = await _open_desk(unit, tuple(retold(alert) for alert in alerts))
    for alert in alerts:
        key = (alert.integration, alert.fingerprint)
        change = Change(kind="opened", reason="asked to page the baseline", alert=alert)
        desk.alerts[key] = await _decide(desk, retold(alert), change)
        desk.decided.append((key, desk.alerts[key]))
        desk.changed.add(key)
    await _save(desk)


async def split_off(unit: Unit, job: SplitOff) -> None:
    """The alerts of a service begin an incident of their own, the worst of them first."""
    await unit.exclusively("triage")
    incident = await unit.incidents.need(job.incident)
    leaving = [one for one in await unit.alerts.of(incident.id) if one.service == job.service]
    if not leaving or not incident.open:
        return
    first = min(leaving, key=lambda one: (one.status != "firing", one.severity.level, one.number))
    desk = await _open_desk(unit, ())
    reading = _read(desk, await desk.rules(), retold(first))
    urgent = {"urgency": first.urgency or reading.routed.urgency}
    routed = reading.routed.model_copy(update=urgent)
    begun = await desk.outbreaks.begin(reading.signal, reading.classification, routed)
    await unit.facts.add(begun.subject, IncidentLinked(other=incident.id))
    await _hand_over(unit, leaving, incident.id, begun.id)
    desk.outbreaks.touch(incident.id)
    desk.outbreaks.touch(begun.id)
    await desk.outbreaks.settle()


async def _hand_over(unit: Unit, alerts: Sequence[Alert], before: str, after: str) -> None:
    """The alerts of a service, and the groups that further ones of it will join."""
    verdict = Verdict(action="attached", reason=f"split off {before}")
    moved = [one.model_copy(update={"incident": after, "verdict": verdict}) for one in alerts]
    await unit.alerts.keep(moved)
    await unit.alerts.decide(moved)
    for group in await unit.groups.of(before):
        if group.service == alerts[0].service:
            await unit.groups.save(group.model_copy(update={"incident": after}))


class Heard(Frozen):
    """A source that was first heard, and how many of its alerts were firing already."""

    place: Place
    integration: str
    alerts: int


async def load_baseline(unit: Unit, job: TellBaseline) -> Heard | None:
    """How many alerts the baseline has; None where it was paged meanwhile, or long known."""
    if unit.now - await _first_contact(unit, job.integration) > FRESH:
        return None
    alerts = await unit.alerts.baseline(job.integration)
    known = unit.installation
    place = Place(platform=known.home_platform, room=known.announced_in(known.home_platform))
    return Heard(place=place, integration=job.integration, alerts=len(alerts)) if alerts else None


async def tell_baseline(ports: Ports, loaded: Heard) -> MessageRef:
    """One line in #incidents, with the button that pages them too."""
    told = (
        f"{loaded.integration} is heard here for the first time. {loaded.alerts} of its alerts"
        " were firing already: they are listed, nobody is paged for them. New ones page."
    )
    ask = button("alert baseline", loaded.integration, "Page these too")
    message = Message(nodes=(Text(spans=spans(told)), Actions(buttons=(ask,))))
    key = f"baseline:{loaded.integration}"
    chat = ports.chat(loaded.place.platform)
    return await chat.post(loaded.place, message, key, again=ports.again)


TRIAGE = Reaction(Triage, triage, gather)
SPLIT_OFF = Reaction(SplitOff, split_off)
PAGE_BASELINE = Reaction(PageBaseline, page_baseline)
TELL_BASELINE = Effect(TellBaseline, load_baseline, tell_baseline)
