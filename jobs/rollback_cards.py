"""A rollback's living cards: where it was asked for, or with whoever asked."""

from domain.deployment import Deployment
from domain.incident_jobs import ShowIncident
from domain.message import Message
from domain.ports import MessageRef, Place
from domain.rollback import Rollback
from domain.rollback_card import RollbackView, rollback_card, update_key
from domain.rollback_jobs import PARTS, Part, ShowRollback, ShowRollbackIn, ShowRollbackTo
from jobs.approvals import place_of as approvals_place
from jobs.cards import home_or
from jobs.drawing import Drawn, draw, redrawn
from jobs.personal import DirectMessage, keep_direct, on_another, personal_card, send_direct
from jobs.registry import Effect, Reaction
from storage.unit import Unit


async def _place(unit: Unit, rollback: Rollback) -> Place | None:
    """Where it was agreed to, else the incident's home or the room it was asked for in."""
    if rollback.approval:
        return await approvals_place(unit, await unit.approvals.need(rollback.approval))
    return await home_or(unit, rollback.incident, rollback.place)


async def show(unit: Unit, job: ShowRollback) -> None:
    """Owe every card that there is a reason for to where it stands or should."""
    rollback = await unit.rollbacks.need(job.deployment)
    view = await _view(unit, rollback)
    for part in PARTS:
        if rollback_card(view, part):
            await _owe(unit, rollback, part)
    if rollback.incident:
        shown = ShowIncident(incident=rollback.incident)
        await unit.jobs.add(shown, key=f"~show:{rollback.incident}")


async def _owe(unit: Unit, rollback: Rollback, part: Part) -> None:
    place, key = await _place(unit, rollback), update_key(rollback.id, part)
    posted = [
        Place(platform=card.platform, room=card.asked, thread=card.thread)
        for card in await unit.cards.of(key)
    ]
    for one in dict.fromkeys((*([place] if place else []), *posted)):
        shown = ShowRollbackIn(deployment=rollback.id, part=part, place=one)
        due = await unit.cards.next_edit(key, one)
        await unit.jobs.add(shown, due=due, key=f"~{key}:{one.platform}:{one.room}")
    if place is None:
        await _in_person(unit, rollback, part)


async def _in_person(unit: Unit, rollback: Rollback, part: Part) -> None:
    shown = ShowRollbackTo(deployment=rollback.id, part=part, user=rollback.by)
    await unit.jobs.add(shown, key=f"~{update_key(rollback.id, part)}@{rollback.by}")


async def load_in(unit: Unit, job: ShowRollbackIn) -> Drawn | None:
    """The card for one room; None where that room shows it already."""
    key = update_key(job.deployment, job.part)
    message = await _card(unit, job)
    card = await unit.cards.at(key, job.place)
    return redrawn(job.place, message, f"{key}:{job.place.room}", card) if message else None


async def save_in(unit: Unit, job: ShowRollbackIn, outcome: tuple[Drawn, MessageRef]) -> None:
    """Remember where the card stands and what it shows."""
    drawn, ref = outcome
    key = update_key(job.deployment, job.part)
    await unit.cards.shown(key, drawn.place, ref, drawn.digest)


async def in_failed(unit: Unit, job: ShowRollbackIn, error: str) -> None:  # noqa: ARG001
    """The room is closed to us: whoever asked is told at least."""
    await _in_person(unit, await unit.rollbacks.need(job.deployment), job.part)


async def load_to(unit: Unit, job: ShowRollbackTo) -> DirectMessage | None:
    """The card for one person; None where they see it already."""
    message = await _card(unit, job)
    return await personal_card(unit, job, message, _personal(job)) if message else None


async def to_failed(unit: Unit, job: ShowRollbackTo, error: str) -> None:  # noqa: ARG001
    """The chat said no: the person's next one, the built-in one last."""
    await on_another(unit, job, _personal(job))


def _personal(job: ShowRollbackTo) -> str:
    return f"{update_key(job.deployment, job.part)}@{job.user}"


async def _card(unit: Unit, job: ShowRollbackIn | ShowRollbackTo) -> Message | None:
    rollback = await unit.rollbacks.need(job.deployment)
    return rollback_card(await _view(unit, rollback), job.part)


async def _view(unit: Unit, rollback: Rollback) -> RollbackView:
    there = await unit.catalog.deployments.there(rollback.environment)
    return RollbackView(
        rollback=rollback,
        now=unit.now,
        since=await _since(unit, rollback),
        names={one.id: one.name for one in await unit.people.everybody()},
        meanwhile=tuple(
            f"{one.version} ({one.id}, by {one.source})" for one in there if _beside(one, rollback)
        ),
    )


def _beside(one: Deployment, rollback: Rollback) -> bool:
    """Whether it is somebody else's, on the same target while the rollback ran."""
    if one.service != rollback.service or one.id == rollback.id or rollback.began_at is None:
        return False
    over = rollback.ended_at is not None and one.started_at > rollback.ended_at
    return one.started_at >= rollback.began_at and not over


async def _since(unit: Unit, rollback: Rollback) -> str:
    """What its time is counted from, as it was."""
    if rollback.approval is None:
        return "the start"
    approval = await unit.approvals.need(rollback.approval)
    given = all(grant.kind == "approval" for grant in approval.grants)
    return "approval" if given else "the go-ahead"


SHOW_ROLLBACK = Reaction(ShowRollback, show)
SHOW_ROLLBACK_IN = Effect(ShowRollbackIn, load_in, draw, save_in, in_failed)
SHOW_ROLLBACK_TO = Effect(ShowRollbackTo, load_to, send_direct, keep_direct, to_failed)
