"""An answer that was given outside, where a page rang on: it counts as the person's own."""

from datetime import datetime

from domain.actor import Scope
from domain.base import Frozen
from domain.call import Call, Origin
from domain.lasting import LASTING, Alarm, AnswerAlarm, named_by
from domain.paging import Page, Ring
from jobs.registry import Effect, Ports
from storage.unit import Unit

MAY = frozenset({Scope.PAGE})


class Answers(Frozen):
    """What is said for whom was asked, and what must be able to ring anew there."""

    calls: tuple[Call, ...]
    alarms: tuple[Alarm, ...] = ()


async def load(unit: Unit, job: AnswerAlarm) -> Answers | None:
    """One answer for each page that still asks; None where nobody does."""
    calls: list[Call] = []
    answered = await asked_by(unit, job)
    for page in answered:
        person = await unit.people.actor(page.user, MAY)
        if person:
            calls.append(
                Call(
                    command="page ack",
                    args={"page": page.id},
                    actor=person,
                    origin=Origin(surface="web", incident=page.incident),
                )
            )
    alarms = await _left(unit, job, answered)
    return Answers(calls=tuple(calls), alarms=alarms) if calls or alarms else None


async def asked_by(unit: Unit, job: AnswerAlarm) -> list[Page]:
    """The pages that the answer is for and that nobody has answered.

    Of a list only what stood in the message: nobody answers what they were not shown.
    """
    kind, name = named_by(job.alarm)
    if kind == "ring":
        pages = frozenset({name})
    else:
        pages = frozenset(job.pages) or await _shown(unit, name, job.at or unit.now)
    return [one for one in await unit.pages.named(pages) if one.state == "sent"]


async def _shown(unit: Unit, bundle: str, at: datetime) -> frozenset[str]:
    """What one could read there at that time, where all messages of a list are one alarm."""
    rang = {one.k for one in await _lasting(unit, bundle) if one.at <= at}
    made = await unit.bundles.messages(bundle)
    return frozenset(page for one in made if one.k in rang for page in one.shown)


async def _lasting(unit: Unit, bundle: str) -> list[Ring]:
    rings = await unit.bundles.rings(bundle)
    return [one for one in rings if one.result == "sent" and one.method in LASTING]


async def _left(unit: Unit, job: AnswerAlarm, answered: list[Page]) -> tuple[Alarm, ...]:
    """The alarm of a list where some of it was not shown, and so is not answered: what has been
    acknowledged there would swallow the message that names the rest, so it must end first, unless
    that has come already."""
    kind, name = named_by(job.alarm)
    if kind == "ring" or job.at is None:
        return ()
    waiting = await unit.pages.named(await unit.bundles.pages(name))
    if not any(one.state == "sent" and one not in answered for one in waiting):
        return ()
    rings = await _lasting(unit, name)
    if any(one.at > job.at for one in rings):
        return ()
    ways = {one.key.rpartition(":")[2] for one in rings}
    given = [await unit.contacts.get(one) for one in sorted(ways)]
    return tuple(
        Alarm(kind=one.kind, address=one.address, name=job.alarm, settled="over")
        for one in given
        if one and one.kind == "pagerduty"
    )


async def answer(ports: Ports, loaded: Answers) -> None:
    """Say it as they would: a page that was answered meanwhile refuses, and that is all right."""
    for call in loaded.calls:
        await ports.said(call)
    for alarm in loaded.alarms:
        await ports.settle(alarm)


ANSWER = Effect(AnswerAlarm, load, answer)
