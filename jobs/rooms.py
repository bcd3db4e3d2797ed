"""Rooms: an active SEV1–SEV2, or one that was asked for, gets a room of its own."""

import re

from domain.base import Frozen
from domain.incident import Incident
from domain.incident_jobs import OpenRoom
from domain.ports import Place, RoomSpec
from jobs.registry import Effect, Ports
from storage.unit import Unit

SLUG = re.compile(r"[^a-z0-9]+")


class Wanted(Frozen):
    """A room to open on a platform."""

    platform: str
    spec: RoomSpec


async def load_room(unit: Unit, job: OpenRoom) -> Wanted | None:
    """The room's name, topic and people; None where there is one."""
    incident = await unit.incidents.need(job.incident)
    if incident.home_room or not incident.open:
        return None
    pages = await unit.pages.of(incident.id)
    people = dict.fromkeys((*incident.responders, *(page.user for page in pages)))
    members = await unit.incidents.members(incident.id) if incident.private else tuple(people)
    spec = RoomSpec(
        key=f"room:{incident.id}",
        name=room_name(incident),
        topic=f"{incident.severity} {incident.id}"
        + ("" if incident.private else f" {incident.title}"),
        members=members,
        private=incident.private,
    )
    return Wanted(platform=unit.installation.home_platform, spec=spec)


def room_name(incident: Incident) -> str:
    """``inc-42-trino-queries-failing``; a private incident's name holds the number only."""
    if incident.private:
        return f"inc-{incident.number}"
    slug = SLUG.sub("-", incident.title.lower()).strip("-")
    return f"inc-{incident.number}-{slug}"[:60].rstrip("-")


async def open_room(ports: Ports, loaded: Wanted) -> Place:
    """Open it, or find the one opened before a crash."""
    return await ports.chat(loaded.platform).open_room(loaded.spec)


async def save_room(unit: Unit, job: OpenRoom, outcome: Place) -> None:
    """The room is the incident's home from now on; saving owes it the card."""
    incident = await unit.incidents.need(job.incident)
    await unit.incidents.settle(incident, outcome)
    home = {
        "home_platform": outcome.platform,
        "home_room": outcome.room,
        "home_name": room_name(incident),
    }
    await unit.incidents.save(incident.model_copy(update=home))


OPEN_ROOM = Effect(OpenRoom, load_room, open_room, save_room)
