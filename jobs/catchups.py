"""Catching up: a model reads the timeline after the rules have answered, for the asker alone."""

from domain.answers import CatchupAnswer
from domain.base import Frozen
from domain.catchup import written
from domain.draft import briefing, check
from domain.errors import Permanent, Retry
from domain.incident import Incident
from domain.incident_jobs import ReadCatchup, SendCatchup
from domain.message import Message
from domain.ports import MessageRef, Query
from jobs.postmortems import digest_of
from jobs.reaching import chats_of
from jobs.registry import Effect, Ports
from storage.unit import Unit


class CatchupMessage(Frozen):
    """What is sent to whom, once for each time that it was asked for."""

    reader: str
    message: Message
    platform: str
    key: str


async def load(unit: Unit, job: ReadCatchup) -> Query | None:
    """The timeline as the reader may know it; None where they, or a model, may not."""
    incident = await unit.incidents.need(job.incident)
    allowed = "catchup" in unit.installation.model_purposes
    if not allowed or not await _may_read(unit, incident, job.reader):
        return None
    given = briefing(await digest_of(unit, incident.id))
    return Query(
        prompt="catchup",
        incident=incident.id,
        private=incident.private,
        service=incident.service,
        values={"figures": given.figures, "timeline": given.timeline},
    )


async def ask(ports: Ports, loaded: Query) -> bool:
    """Whether a model answered; where it does not, what the rules said was all."""
    try:
        await ports.advisor.ask(loaded, CatchupAnswer)
    except (Permanent, Retry):
        return False
    return True


async def save(unit: Unit, job: ReadCatchup, outcome: bool) -> None:
    """The answer is on record, where redacted words go from it; owe its sending."""
    if outcome:
        send = SendCatchup(incident=job.incident, reader=job.reader, asked=job.asked)
        await unit.jobs.add(send, key=f"catchup:{job.asked}")


async def load_told(unit: Unit, job: SendCatchup) -> CatchupMessage | None:
    """The recorded answer without what facts do not carry; None where nothing is left."""
    incident = await unit.incidents.need(job.incident)
    call = await unit.models.newest("catchup", incident.id)
    if call is None or not await _may_read(unit, incident, job.reader):
        return None
    answer = CatchupAnswer.model_validate_json(call.answer or "")
    kept = check(answer.lines, await digest_of(unit, incident.id)).kept
    if not kept:
        return None
    return CatchupMessage(
        reader=job.reader,
        message=written(incident.id, (claim.sentence for claim in kept), call.model),
        platform=(await chats_of(unit, job.reader))[0],
        key=f"catchup:{job.asked}",
    )


async def _may_read(unit: Unit, incident: Incident, reader: str) -> bool:
    return not incident.private or reader in await unit.incidents.members(incident.id)


async def tell(ports: Ports, loaded: CatchupMessage) -> MessageRef:
    """To the reader's direct room, once."""
    chat = ports.chat(loaded.platform)
    place = await chat.direct(loaded.reader)
    return await chat.post(place, loaded.message, loaded.key, again=ports.again)


READ = Effect(ReadCatchup, load, ask, save)
SEND = Effect(SendCatchup, load_told, tell)
