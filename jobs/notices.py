"""Notices: one person is told what is new about a chat platform, by a way that works."""

from domain.message import Message
from domain.outage_card import Refused, back_notice, down_notice, refusal_notice
from domain.outage_jobs import SendNotice, TellRefusals
from jobs.reaching import Sending, by_another, send, ways_of
from jobs.registry import Effect, Reaction
from storage.outages import Refusal
from storage.unit import Unit

# Whoever uses the chat that is down looks at their mail before they look at another chat.
FIRST = {"down": ("email", "chat"), "back": ("chat", "email"), "refused": ("chat", "email")}


async def tell_refusals(unit: Unit, job: TellRefusals) -> None:
    """Tell every admin, once, of what has not been told yet."""
    fresh = [one for one in await unit.refusals.by(job.platform) if one.told_at is None]
    if not fresh:
        return
    await unit.refusals.told(job.platform)
    for duty in await unit.roster.admins():
        notice = SendNotice(user=duty.user, news="refused", platform=job.platform, since=unit.now)
        await unit.jobs.add(notice)


async def load_notice(unit: Unit, job: SendNotice) -> Sending | None:
    """The notice, unless it is no longer true."""
    message = await _message(unit, job)
    if message is None:
        return None
    way, *others = await ways_of(unit, job.user, FIRST[job.news], job.tried)
    key = f"notice:{job.news}:{job.platform}:{job.since.isoformat()}:{job.user}"
    return Sending(user=job.user, way=way, message=message, key=key, others=bool(others))


async def _message(unit: Unit, job: SendNotice) -> Message | None:
    person = await unit.people.need(job.user)
    if job.news == "refused":
        refused = [one for one in await unit.refusals.by(job.platform) if one.told_at == job.since]
        named = tuple([await _refused(unit, one) for one in refused])
        return refusal_notice(job.platform, named) if named else None
    state = await unit.outages.of(job.platform)
    if state.up:
        back = job.news == "back"
        return back_notice(state, job.since, person.timezone) if back else None
    if job.news == "back":
        return None
    open_ones = await unit.incidents.open_ones()
    theirs = [one for one in open_ones if job.user in (*one.responders, one.commander)]
    major = tuple(one for one in theirs if one.severity.major)
    return down_notice(state, major, unit.installation.public_url, person.timezone)


async def _refused(unit: Unit, one: Refusal) -> Refused:
    kind, _, name = one.subject.partition(":")
    person = await unit.people.get(name) if kind == "person" else None
    return Refused(name=person.name if person else name or one.subject, error=one.error)


SEND_NOTICE = Effect(SendNotice, load_notice, send, by_another)
TELL_REFUSALS = Reaction(TellRefusals, tell_refusals)
