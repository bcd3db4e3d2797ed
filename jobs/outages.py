"""Chat outages: signs of life, what goes on elsewhere, and what follows when a platform is back."""

from domain.base import Frozen
from domain.errors import Permanent, Retry
from domain.incident import Incident
from domain.incident_jobs import OpenRoom, ShowIncident
from domain.message import Message
from domain.outage_card import back_line, moved_line
from domain.outage_jobs import ChatCameBack, ChatWentDown, News, ProbeChat, SendNotice, TellBack
from domain.place import MessageRef, Place
from jobs.registry import Effect, Ports, Reaction
from storage.unit import Unit


async def load_probe(unit: Unit, job: ProbeChat) -> str | None:
    """The platform, while it is set up."""
    return job.platform if job.platform in unit.installation.platforms else None


async def probe(ports: Ports, platform: str) -> str:
    """Why no sign of life came; empty where it did."""
    try:
        await ports.chat(platform).probe()
    except (Retry, Permanent) as error:
        return str(error) or type(error).__name__
    return ""


async def save_probe(unit: Unit, job: ProbeChat, error: str) -> None:
    """Note it; an outage begins or ends with this commit."""
    await unit.outages.probed(job.platform, error)


async def went_down(unit: Unit, job: ChatWentDown) -> None:
    """The other chats say where things go on; people are told, once in half an hour."""
    state = await unit.outages.of(job.platform)
    if state.up or state.since != job.since:
        return
    incidents = await unit.incidents.open_ones()
    for incident in incidents:
        await _show(unit, incident)
        if incident.wants_room:
            again = OpenRoom(incident=incident.id)
            await unit.jobs.add(again, key=f"room:{incident.id}:{job.since.isoformat()}")
    if state.told_lately(unit.now):
        return
    major = [one for one in incidents if one.severity.major]
    asked = [person for one in major for person in (*one.responders, one.commander) if person]
    await _notify(unit, "down", job, *asked, *await _admins(unit))
    await unit.outages.told(job.platform)


async def came_back(unit: Unit, job: ChatCameBack) -> None:
    """Cards are brought up to date, rooms opened that could not be, and each told in one line."""
    state = await unit.outages.of(job.platform)
    for incident in await unit.incidents.open_ones():
        await _show(unit, incident)
        if incident.home and incident.home.platform == job.platform:
            await _tell_back(unit, job, incident, incident.home)
        elif incident.home and job.platform == unit.installation.home_platform:
            back = OpenRoom(incident=incident.id, returning=job.down_since)
            await unit.jobs.add(back, key=f"room:{incident.id}:{job.down_since.isoformat()}:back")
    if state.told_at and state.told_at >= job.down_since:
        await _notify(unit, "back", job, *await _admins(unit))


async def _show(unit: Unit, incident: Incident) -> None:
    show = ShowIncident(incident=incident.id)
    await unit.jobs.add(show, key=f"~show:{incident.id}", subject=incident.subject)


async def _tell_back(unit: Unit, job: ChatCameBack, incident: Incident, place: Place) -> None:
    tell = TellBack(incident=incident.id, place=place, down_since=job.down_since)
    await unit.jobs.add(tell, key=f"back:{incident.id}:{place.platform}:{job.down_since}")


async def _admins(unit: Unit) -> tuple[str, ...]:
    return tuple(duty.user for duty in await unit.roster.admins())


async def _notify(unit: Unit, news: News, job: ChatWentDown | ChatCameBack, *people: str) -> None:
    since = job.since if isinstance(job, ChatWentDown) else job.down_since
    for person in dict.fromkeys(people):
        notice = SendNotice(user=person, news=news, platform=job.platform, since=since)
        await unit.jobs.add(notice, key=f"notice:{news}:{job.platform}:{since}:{person}")


class Line(Frozen):
    """One line for a place."""

    place: Place
    message: Message
    key: str


async def load_line(unit: Unit, job: TellBack) -> Line | None:
    """That the chat is back: in the room that leads, and in the one that led meanwhile."""
    incident = await unit.incidents.need(job.incident)
    if incident.home is None or not incident.open:
        return None
    home = incident.home
    if job.place == home:
        url = f"{unit.installation.public_url}/incidents/{incident.id}"
        up_since = (await unit.outages.of(home.platform)).since
        message = back_line(home.platform, job.down_since, up_since, url)
    else:
        message = moved_line(home.platform, incident.home_name or home.room)
    key = f"back:{incident.id}:{job.place.platform}:{job.down_since.isoformat()}"
    return Line(place=job.place, message=message, key=key)


async def say(ports: Ports, loaded: Line) -> MessageRef:
    """Post it, once."""
    chat = ports.chat(loaded.place.platform)
    return await chat.post(loaded.place, loaded.message, loaded.key, again=ports.again)


PROBE = Effect(ProbeChat, load_probe, probe, save_probe)
WENT_DOWN = Reaction(ChatWentDown, went_down)
CAME_BACK = Reaction(ChatCameBack, came_back)
TELL_BACK = Effect(TellBack, load_line, say)
