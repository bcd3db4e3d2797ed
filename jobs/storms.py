"""Storms: when a room gets too many incidents, the further ones share one card there."""

from domain.incident import Incident
from domain.incident_card import update_key
from domain.incident_jobs import ShowStorm
from domain.ports import MessageRef, Place
from domain.storm_card import Storm, storm_card, storm_key
from jobs.drawing import Drawn, connected, draw, redrawn
from jobs.registry import Effect
from storage.cards import Card
from storage.unit import Unit


async def is_folded(unit: Unit, incident: Incident, place: Place) -> bool:
    """Whether a storm's card shows the incident in a room; else it has, or gets, its own.

    Only what nobody has taken is folded: an active incident is somebody's.
    """
    if incident.stage != "triage" or await unit.cards.at(update_key(incident.id), place):
        return False
    return await unit.storms.place(incident.id, place) is not None


async def owe_storm(unit: Unit, storm: str, place: Place) -> None:
    """Owe the room the storm's card."""
    due = await unit.cards.next_edit(storm_key(storm), place)
    key = f"~storm:{storm}:{place.platform}:{place.room}"
    await unit.jobs.add(ShowStorm(storm=storm, place=place), due=due, key=key)


async def storm_cards(unit: Unit, incident: Incident) -> list[Card]:
    """The cards of the storms that show the incident, those of the home platform first."""
    storms = await unit.storms.over(incident.id)
    return connected(
        unit, [card for one, _ in storms for card in await unit.cards.of(storm_key(one))]
    )


async def load_storm(unit: Unit, job: ShowStorm) -> Drawn | None:
    """The card as it is now; None where the room shows it already."""
    members = [await unit.incidents.need(name) for name in await unit.storms.of(job.storm)]
    public = tuple(one for one in members if not one.private)
    if not public:
        return None
    shown = Storm(id=job.storm, incidents=public, url=unit.installation.public_url)
    key = storm_key(job.storm)
    card = await unit.cards.at(key, job.place)
    return redrawn(job.place, storm_card(shown), f"{key}:{job.place.room}", card)


async def save_storm(unit: Unit, job: ShowStorm, outcome: tuple[Drawn, MessageRef]) -> None:
    """Remember where the card stands and what it shows."""
    drawn, ref = outcome
    await unit.cards.shown(storm_key(job.storm), drawn.place, ref, drawn.digest)


async def storm_failed(unit: Unit, job: ShowStorm, error: str) -> None:  # noqa: ARG001
    """A platform without the team's room shows it where it shows all incidents."""
    room = unit.installation.announced_in(job.place.platform)
    if job.place.room != room:
        await owe_storm(unit, job.storm, Place(platform=job.place.platform, room=room))


SHOW_STORM = Effect(ShowStorm, load_storm, draw, save_storm, storm_failed)
