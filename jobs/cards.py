"""The incident's living cards and its announcements: what people in rooms see."""

from collections.abc import Iterator

from domain.announcement import NOBODY, UNANSWERED, Asked, announcement
from domain.errors import Retry
from domain.incident import Incident
from domain.incident_card import IncidentView, incident_card, update_key
from domain.incident_facts import RoomTold
from domain.incident_jobs import Announce, PinCard, PostAnnouncement, ShowCard, ShowIncident
from domain.message import Message
from domain.ports import MessageRef, Place
from jobs.channels import asked_cards, owe_asked
from jobs.drawing import Drawn, connected, draw, redrawn, thread_of
from jobs.registry import Effect, Reaction
from jobs.storms import is_folded, owe_storm, storm_cards
from storage.cards import Card
from storage.unit import Unit


async def show_incident(unit: Unit, job: ShowIncident) -> None:
    """Owe every room that shows the incident its card, or the card of its storm."""
    incident = await unit.incidents.need(job.incident)
    for place in await _rooms(unit, incident):
        if not await is_folded(unit, incident, place):
            await _owe_card(unit, incident, place)
    for card in await asked_cards(unit, incident):
        await owe_asked(unit, incident, Place(platform=card.platform, room=card.asked))
    for storm, place in await unit.storms.over(incident.id):
        await owe_storm(unit, storm, place)


async def _owe_card(unit: Unit, incident: Incident, place: Place) -> None:
    key = f"~card:{incident.id}:{place.platform}:{place.room}"
    shown = ShowCard(incident=incident.id, place=place)
    due = await unit.cards.next_edit(update_key(incident.id), place)
    await unit.jobs.add(shown, due=due, key=key, subject=incident.subject)


async def _rooms(unit: Unit, incident: Incident) -> tuple[Place, ...]:
    """Triage: the team's alert room. Active: #incidents and the home room (rules.md 5)."""
    cards = await _cards(unit, incident)
    posted = [Place(platform=card.platform, room=card.asked) for card in cards]
    home = [incident.home] if incident.home else []
    shown = [Place(platform=one, room=room) for one, room in _shared(unit, incident)]
    return tuple(dict.fromkeys((*home, *shown, *posted)))


def _shared(unit: Unit, incident: Incident) -> Iterator[tuple[str, str]]:
    """The room on every platform in which a team or, where it has none, everybody sees it."""
    for platform in unit.installation.platforms:
        triage = incident.stage == "triage"
        if triage and incident.alert_room:
            yield platform, incident.alert_room
        elif not incident.private:
            yield platform, unit.installation.announced_in(platform)


async def load_card(unit: Unit, job: ShowCard) -> Drawn | None:
    """The card for one room; None where that room shows it already."""
    incident = await unit.incidents.need(job.incident)
    view = (await view_of(unit, incident)).model_copy(update={"here": job.place.platform})
    card = await unit.cards.at(update_key(incident.id), job.place)
    key = f"card:{incident.id}:{job.place.room}"
    return redrawn(job.place, incident_card(view), key, card)


async def card_at(unit: Unit, ref: MessageRef) -> Message | None:
    """The incident's card that stands there, as it is now; None where it is no such card."""
    key = await unit.cards.standing(ref)
    incident = await unit.incidents.get(key.partition(":")[2]) if key else None
    if incident is None or key != update_key(incident.id):
        return None
    view = await view_of(unit, incident)
    return incident_card(view.model_copy(update={"here": ref.platform}))


async def view_of(unit: Unit, incident: Incident) -> IncidentView:
    """What the incident's card shows."""
    people = await unit.people.everybody()
    return IncidentView(
        incident=incident,
        names={person.id: person.name for person in people},
        alerts=await unit.alerts.count(incident.id),
        firing=await unit.alerts.firing(incident.id),
        suspect=next(iter(await unit.suspects.of(incident)), None),
        runbook=await unit.runbook_suggestions.of(incident),
        execution=await unit.safe_mode.executes(incident.team),
        safe_mode=await unit.safe_mode.current() is not None,
        leads=await _leads(unit, incident),
        url=f"{unit.installation.public_url}/incidents/{incident.id}",
    )


async def _leads(unit: Unit, incident: Incident) -> str:
    """The platform that leads while the home's is down; empty where the home leads."""
    down = await unit.outages.down()
    if incident.home is None or incident.home.platform not in down:
        return ""
    return next(one for one in unit.installation.platforms if one not in down)


async def save_card(unit: Unit, job: ShowCard, outcome: tuple[Drawn, MessageRef]) -> None:
    """Remember where the card stands and what it shows."""
    drawn, ref = outcome
    await unit.cards.shown(update_key(job.incident), drawn.place, ref, drawn.digest)
    if drawn.ref is None:
        incident = await unit.incidents.need(job.incident)
        await unit.incidents.settle(incident, thread_of(ref))
        if drawn.place == incident.home and ref.platform != "console":
            await unit.jobs.add(PinCard(card=ref), key=f"pin:{job.incident}")


async def card_failed(unit: Unit, job: ShowCard, error: str) -> None:  # noqa: ARG001
    """A platform without the team's room shows the card where it shows all incidents."""
    room = unit.installation.announced_in(job.place.platform)
    incident = await unit.incidents.need(job.incident)
    if job.place.room == room or incident.private:
        return
    await _owe_card(unit, incident, Place(platform=job.place.platform, room=room))


async def announce(unit: Unit, job: Announce) -> None:
    """Owe the home place of the incident one new message."""
    incident = await unit.incidents.need(job.incident)
    place = await home_of(unit, incident)
    if place is None and (incident.wants_room or await _rooms(unit, incident)):
        raise Retry(f"no card or room of {incident.id} stands yet")
    if place is None:
        return
    known = place.platform if job.at_home else job.done_on
    came_from = known or await _came_from(unit, job.fact)
    places = (place, *await _elsewhere(unit, incident, place))
    if known and len(places) == 1:
        return
    for one in places:
        if one.platform == came_from:
            continue
        post = PostAnnouncement(incident=incident.id, fact=job.fact, place=one)
        key = f"say:{job.fact}" if one == place else f"say:{job.fact}:{one.platform}"
        await unit.jobs.add(post, key=key, subject=incident.subject)


async def _came_from(unit: Unit, fact: str) -> str | None:
    """The platform on which these words stand already: nobody hears their own echo."""
    entry = await unit.facts.get(fact)
    overheard = entry and entry.kind == RoomTold.kind and entry.payload["overheard"]
    return str(entry.payload["surface"]) if entry and overheard else None


async def _elsewhere(unit: Unit, incident: Incident, home: Place) -> list[Place]:
    """The threads of the cards on other platforms, one for each: they follow it there."""
    cards = await _cards(unit, incident)
    shown = {card.platform: thread_of(card.ref) for card in cards if card.platform != home.platform}
    return list(shown.values())


async def home_of(unit: Unit, incident: Incident) -> Place | None:
    """The home room; else the thread of the card, which in triage stands in the alert room."""
    if incident.home:
        return incident.home
    cards = await _cards(unit, incident) or await storm_cards(unit, incident)
    return thread_of(cards[0].ref) if cards else None


async def home_or(unit: Unit, incident: str | None, place: Place | None) -> Place | None:
    """The home of an incident; else ``place``, unless the incident is private."""
    if incident is None:
        return place
    found = await unit.incidents.need(incident)
    home = await home_of(unit, found)
    return home if home or found.private else place


async def _cards(unit: Unit, incident: Incident) -> list[Card]:
    """Its cards on the platforms that are connected, those of the home platform first."""
    return connected(unit, await unit.cards.of(update_key(incident.id)))


async def load_announcement(unit: Unit, job: PostAnnouncement) -> Drawn | None:
    """The fact in words, with what to press."""
    incident = await unit.incidents.need(job.incident)
    entries = {entry.id: entry for entry in await unit.facts.of(incident.subject)}
    people = {person.id: person.name for person in await unit.people.everybody()}
    entry = entries.get(job.fact)
    if entry is None:
        return None
    asked = await _asked(unit, incident) if entry.kind in UNANSWERED else NOBODY
    message = announcement(incident, entry, people, asked)
    return Drawn(place=job.place, message=message, key=f"announce:{job.fact}")


async def _asked(unit: Unit, incident: Incident) -> Asked:
    pages = await unit.pages.of(incident.id)
    return Asked(pages=pages, rings={one.id: await unit.pages.rings(one.id) for one in pages})


ANNOUNCE = Reaction(Announce, announce)
SHOW_INCIDENT = Reaction(ShowIncident, show_incident)
SHOW_CARD = Effect(ShowCard, load_card, draw, save_card, card_failed)
POST_ANNOUNCEMENT = Effect(PostAnnouncement, load_announcement, draw)
