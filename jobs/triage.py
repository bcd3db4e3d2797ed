"""Triage: what was delivered becomes alerts, alerts join groups, groups become incidents.

Rules decide at once. Every alert that rings nobody carries the reason why.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.alert import Alert, Change, Signal, apply, retold, traits
from domain.alert_jobs import PageBaseline, TellBaseline, Triage
from domain.base import Frozen
from domain.buttons import button
from domain.classify import Classification, classify, subject_of
from domain.grouping import Attach, Group, choose, key_of
from domain.message import Actions, Message, Text, spans
from domain.noise import Silence, Verdict, baseline, feed_only, quiet
from domain.ports import MessageRef, Place
from domain.routing import Route, Routed, route
from domain.service import Catalogue
from jobs.alert_incidents import Outbreaks
from jobs.registry import Effect, Ports, Reaction
from storage.unit import Unit

GRACE = timedelta(minutes=5)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Reading(Frozen):
    """A newly firing alert, understood: the signal, what it is, and where it belongs."""

    signal: Signal
    classification: Classification
    routed: Routed


@dataclass
class Desk:
    """What is known while one batch is triaged; alerts and groups are saved once, at the end."""

    unit: Unit
    outbreaks: Outbreaks
    alerts: dict[tuple[str, str], Alert]
    groups: dict[str, Group]
    silences: tuple[Silence, ...]
    routes: tuple[Route, ...]
    catalogue: Catalogue
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


async def triage(unit: Unit, job: Triage) -> None:
    """Take the signals of these deliveries in the order they came."""
    await unit.exclusively("triage")
    signals = await unit.deliveries.signals(job.deliveries)
    desk = await _open_desk(unit, signals)
    for signal in signals:
        await _take(desk, signal)
    await _save(desk)


async def _open_desk(unit: Unit, signals: tuple[Signal, ...]) -> Desk:
    return Desk(
        unit=unit,
        outbreaks=Outbreaks(unit),
        alerts=await unit.alerts.known(signals),
        groups={group.id: group for group in await unit.groups.open_ones()},
        silences=await unit.alerts.silences(),
        routes=await unit.catalog.routes.where(),
        catalogue=Catalogue(await unit.catalog.services.where()),
    )


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
    classification = classify(subject_of(signal))
    default = desk.unit.installation.default_policy
    routed = route(traits(signal), classification, desk.routes, desk.catalogue, default)
    alert = change.alert.model_copy(update={"service": routed.service})
    held = quiet(traits(alert), signal.severity, desk.silences, desk.unit.now)
    if verdict := held or await _baseline(desk, signal):
        return alert.model_copy(update={"verdict": verdict})
    if routed.urgency == "none" and not routed.declare:
        return alert.model_copy(update={"verdict": feed_only(signal.severity)})
    reading = Reading(signal=signal, classification=classification, routed=routed)
    return await _place(desk, alert, reading)


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
    choice = choose(signal, routed.service, desk.groups.values())
    group = desk.groups[choice.group] if isinstance(choice, Attach) else None
    incident = await desk.outbreaks.of_group(group)
    verdict = Verdict(action="attached", reason=choice.reason)
    if incident is None and (incident := await desk.outbreaks.of_service(routed.service)):
        verdict = Verdict(action="attached", reason=f"{incident.id} is open for {routed.service}")
    if incident is None:
        incident = await desk.outbreaks.begin(signal, reading.classification, routed)
        verdict = Verdict(action="opened", reason=f"{choice.reason}; {routed.reason}")
    else:
        await desk.outbreaks.join(incident, routed)
    group = _grown(desk, group, reading, incident.id)
    placed = {"group": group.id, "incident": incident.id, "service": routed.service}
    return alert.model_copy(update=placed | {"verdict": verdict})


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


class Heard(Frozen):
    """A source that was first heard, and how many of its alerts were firing already."""

    place: Place
    integration: str
    alerts: int


async def load_baseline(unit: Unit, job: TellBaseline) -> Heard | None:
    """How many alerts the baseline has; None where it was paged meanwhile."""
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


TRIAGE = Reaction(Triage, triage)
PAGE_BASELINE = Reaction(PageBaseline, page_baseline)
TELL_BASELINE = Effect(TellBaseline, load_baseline, tell_baseline)
