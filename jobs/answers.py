"""An answer that was given outside, where a page rang on: it counts as the person's own."""

from domain.actor import Scope
from domain.base import Frozen
from domain.call import Call, Origin
from domain.lasting import AnswerAlarm, named_by
from domain.paging import Page
from jobs.registry import Effect, Ports
from storage.unit import Unit

MAY = frozenset({Scope.PAGE})


class Answers(Frozen):
    """What is said for whom was asked."""

    calls: tuple[Call, ...]


async def load(unit: Unit, job: AnswerAlarm) -> Answers | None:
    """One answer for each page that still asks; None where nobody does."""
    calls: list[Call] = []
    for page in await asked_by(unit, job.alarm):
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
    return Answers(calls=tuple(calls)) if calls else None


async def asked_by(unit: Unit, alarm: str) -> list[Page]:
    """The pages behind an alarm that nobody has answered."""
    kind, name = named_by(alarm)
    pages = (name,) if kind == "ring" else {one.page for one in await unit.bundles.rings(name)}
    return [one for one in await unit.pages.named(pages) if one.state == "sent"]


async def answer(ports: Ports, loaded: Answers) -> None:
    """Say it as they would: a page that was answered meanwhile refuses, and that is all right."""
    for call in loaded.calls:
        await ports.said(call)


ANSWER = Effect(AnswerAlarm, load, answer)
