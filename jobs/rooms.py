"""Rooms: an active SEV1–SEV2, or one that was asked for, gets a room of its own."""

from domain.base import Frozen
from domain.incident_jobs import ArchiveRoom, InviteToRoom, OpenRoom, PinCard
from domain.outage_jobs import TellBack
from domain.place import MessageRef, Place
from domain.ports import RoomSpec
from domain.room_name import room_name
from jobs.registry import Effect, Ports
from storage.unit import Unit


class Wanted(Frozen):
    """A room to open on a platform."""

    platform: str
    spec: RoomSpec


async def load_room(unit: Unit, job: OpenRoom) -> Wanted | None:
    """The room's name, topic and people; None where there is one."""
    incident = await unit.incidents.need(job.incident)
    if (incident.home_room and job.returning is None) or not incident.open:
        return None
    pages = await unit.pages.of(incident.id)
    people = dict.fromkeys((*incident.responders, *(page.user for page in pages)))
    members = await unit.incidents.members(incident.id) if incident.private else tuple(people)
    spec = RoomSpec(
        key=f"room:{incident.id}",
        name=room_name(incident, unit.installation.room_name),
        topic=f"{incident.severity} {incident.id}"
        + ("" if incident.private else f" {incident.title}"),
        members=members,
        private=incident.private,
    )
    away = {*job.tried, *await unit.outages.down()}
    platform = next(one for one in unit.installation.platforms if one not in away)
    return Wanted(platform=platform, spec=spec)


async def open_room(ports: Ports, loaded: Wanted) -> Place:
    """Open it, or find the one opened before a crash."""
    return await ports.chat(loaded.platform).open_room(loaded.spec)


async def save_room(unit: Unit, job: OpenRoom, outcome: Place) -> None:
    """The room is the incident's home from now on; saving owes it the card."""
    incident = await unit.incidents.need(job.incident)
    await unit.incidents.settle(incident, outcome)
    if job.returning and incident.home and incident.home != outcome:
        for place in (outcome, incident.home):
            told = TellBack(incident=incident.id, place=place, down_since=job.returning)
            await unit.jobs.add(told)
    home = {
        "home_platform": outcome.platform,
        "home_room": outcome.room,
        "home_name": room_name(incident, unit.installation.room_name),
    }
    await unit.incidents.save(incident.model_copy(update=home))


async def room_failed(unit: Unit, job: OpenRoom, error: str) -> None:  # noqa: ARG001
    """Where the platform opens no room, the next one does; the built-in chat always can."""
    if job.returning:
        return
    platforms = unit.installation.platforms
    tried = (*job.tried, next(one for one in platforms if one not in job.tried))
    if set(platforms) - set(tried):
        again = OpenRoom(incident=job.incident, tried=tried)
        await unit.jobs.add(again, key=":".join(("room", job.incident, *tried)))


class Coming(Frozen):
    """People to bring into a room."""

    room: Place
    people: tuple[str, ...]


async def load_coming(unit: Unit, job: InviteToRoom) -> Coming | None:
    """Who comes; None where there is nothing to come to."""
    incident = await unit.incidents.need(job.incident)
    return Coming(room=incident.home, people=job.people) if incident.home else None


async def invite(ports: Ports, loaded: Coming) -> None:
    """Bring them in; whoever is there stays."""
    await ports.chat(loaded.room.platform).invite(loaded.room, loaded.people)


async def load_pin(_unit: Unit, job: PinCard) -> MessageRef:
    """The card itself."""
    return job.card


async def pin(ports: Ports, loaded: MessageRef) -> None:
    """Pin it; twice is once."""
    await ports.chat(loaded.platform).pin(loaded)


async def load_archive(unit: Unit, job: ArchiveRoom) -> Place | None:
    """The room, unless the incident was reopened meanwhile."""
    incident = await unit.incidents.need(job.incident)
    return None if incident.open else incident.home


async def archive(ports: Ports, loaded: Place) -> None:
    """Close it."""
    await ports.chat(loaded.platform).archive(loaded)


OPEN_ROOM = Effect(OpenRoom, load_room, open_room, save_room, room_failed)
INVITE = Effect(InviteToRoom, load_coming, invite)
PIN = Effect(PinCard, load_pin, pin)
ARCHIVE = Effect(ArchiveRoom, load_archive, archive)
