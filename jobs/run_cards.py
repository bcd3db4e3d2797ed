"""A run's one living card: where it was asked for, or with whoever asked."""

from domain.message import Message
from domain.ports import MessageRef, Place
from domain.run import Run
from domain.run_card import run_card, update_key
from domain.run_jobs import ShowRun, ShowRunIn, ShowRunTo
from jobs.cards import home_or
from jobs.drawing import Drawn, draw, redrawn
from jobs.personal import DirectMessage, keep_direct, on_another, personal_card, send_direct
from jobs.registry import Effect, Reaction
from storage.unit import Unit


async def place_of(unit: Unit, run: Run) -> Place | None:
    """The incident's home, else the room it was asked for in; None where nobody else reads."""
    return await home_or(unit, run.incident, run.place)


async def show(unit: Unit, job: ShowRun) -> None:
    """Owe the card to every place where it stands or should."""
    run = await unit.runs.need(job.run)
    place = await place_of(unit, run)
    posted = [
        Place(platform=card.platform, room=card.asked, thread=card.thread)
        for card in await unit.cards.of(update_key(run.id))
    ]
    for one in dict.fromkeys((*([place] if place else []), *posted)):
        due = await unit.cards.next_edit(update_key(run.id), one)
        key = f"~run:{run.id}:{one.platform}:{one.room}"
        await unit.jobs.add(ShowRunIn(run=run.id, place=one), due=due, key=key)
    if place is None:
        await _in_person(unit, run)


async def _in_person(unit: Unit, run: Run) -> None:
    if run.automatic:
        return
    await unit.jobs.add(ShowRunTo(run=run.id, user=run.by), key=f"~run:{run.id}@{run.by}")


async def load_in(unit: Unit, job: ShowRunIn) -> Drawn | None:
    """The card for one room; None where that room shows it already."""
    run = await unit.runs.need(job.run)
    card = await unit.cards.at(update_key(run.id), job.place)
    return redrawn(job.place, await _card(unit, run), f"run:{run.id}:{job.place.room}", card)


async def save_in(unit: Unit, job: ShowRunIn, outcome: tuple[Drawn, MessageRef]) -> None:
    """Remember where the card stands and what it shows."""
    drawn, ref = outcome
    await unit.cards.shown(update_key(job.run), drawn.place, ref, drawn.digest)


async def in_failed(unit: Unit, job: ShowRunIn, error: str) -> None:  # noqa: ARG001
    """The room is closed to us: whoever asked is written to instead."""
    await _in_person(unit, await unit.runs.need(job.run))


async def load_to(unit: Unit, job: ShowRunTo) -> DirectMessage | None:
    """The card for one person; None where they see it already."""
    run = await unit.runs.need(job.run)
    return await personal_card(unit, job, await _card(unit, run), _personal(job))


async def to_failed(unit: Unit, job: ShowRunTo, error: str) -> None:  # noqa: ARG001
    """The chat said no: the person's next one, the built-in one last."""
    await on_another(unit, job, _personal(job))


async def _card(unit: Unit, run: Run) -> Message:
    return run_card(run, {one.id: one.name for one in await unit.people.everybody()})


def _personal(job: ShowRunTo) -> str:
    return f"{update_key(job.run)}@{job.user}"


SHOW_RUN = Reaction(ShowRun, show)
SHOW_RUN_IN = Effect(ShowRunIn, load_in, draw, save_in, in_failed)
SHOW_RUN_TO = Effect(ShowRunTo, load_to, send_direct, keep_direct, to_failed)
