"""Handoffs: both people are told before a shift moves, and somebody asks where nobody answers."""

from datetime import datetime

from domain.handoff import (
    BEFORE,
    UNCONFIRMED,
    Handoff,
    calm_for_all,
    next_change,
)
from domain.handoff_card import HandoffView, handoff_card, unconfirmed_notice, update_key
from domain.handoff_jobs import BeginHandoff, PlanHandoffs, RemindHandoff, ShowHandoff
from domain.oncall_jobs import TellOnCall
from domain.schedule import Schedule, on_call
from jobs.personal import DirectMessage, keep_direct, on_another, personal_card, send_direct
from jobs.registry import Effect, Reaction
from storage.unit import Unit
from storage.views.handoffs import matter


async def plan_all(unit: Unit, _job: PlanHandoffs) -> None:
    """Plan the next change of every schedule; what has moved is told anew."""
    for schedule in await unit.catalog.schedules.everything():
        await unit.handoffs.plan(schedule)


async def begin(unit: Unit, job: BeginHandoff) -> None:
    """The shift has moved, if the schedule still says so; the next one is planned."""
    handoff = await unit.handoffs.need(job.handoff)
    schedule = await unit.catalog.schedules.get(handoff.schedule)
    if schedule is None or handoff.state == "begun":
        return
    if _still_holds(handoff, schedule):
        begun = await unit.handoffs.save(handoff.model_copy(update={"state": "begun"}))
        for user in begun.people:
            await unit.jobs.add(ShowHandoff(handoff=begun.id, user=user))
        await _remind_later(unit, begun)
    await unit.handoffs.plan(schedule)


def _still_holds(handoff: Handoff, schedule: Schedule) -> bool:
    before = handoff.change.starts - BEFORE
    found = next_change(schedule, before)
    return found is not None and found.starts == handoff.change.starts


async def _remind_later(unit: Unit, handoff: Handoff, *, lead: bool = False) -> None:
    """In the waking hours of everybody it concerns (rules.md 26)."""
    due = calm_for_all(unit.now + UNCONFIRMED, await _zones(unit, handoff))
    await unit.jobs.add(RemindHandoff(handoff=handoff.id, lead=lead), due=due)


async def _zones(unit: Unit, handoff: Handoff) -> list[str]:
    found = [await unit.people.get(user) for user in handoff.people]
    return [one.timezone for one in found if one and one.active]


async def remind(unit: Unit, job: RemindHandoff) -> None:
    """Nobody has said “I'm on” while the shift is theirs: first those who left, then the lead."""
    handoff = await unit.handoffs.need(job.handoff)
    schedule = await unit.catalog.schedules.get(handoff.schedule)
    if schedule is None or handoff.confirmed_at or not _on(handoff, schedule, unit.now):
        return
    team = await unit.catalog.teams.get(schedule.team)
    lead = (team.lead,) if team and team.lead else ()
    told = lead if job.lead else handoff.change.leaving
    view = await view_of(unit, handoff, schedule)
    for user in told:
        key = f"unconfirmed:{handoff.id}:{job.lead}@{user}"
        await unit.jobs.add(TellOnCall(user=user, message=unconfirmed_notice(view), key=key))
    if not job.lead:
        await _remind_later(unit, handoff, lead=True)


def _on(handoff: Handoff, schedule: Schedule, now: datetime) -> bool:
    return any(one.user in handoff.change.coming for one in on_call(schedule, now))


async def load_card(unit: Unit, job: ShowHandoff) -> DirectMessage | None:
    """The card as it is now; None where it shows that, or there is none to redraw."""
    handoff = await unit.handoffs.get(job.handoff)
    schedule = await unit.catalog.schedules.get(handoff.schedule) if handoff else None
    if handoff is None or schedule is None:
        return None
    key = update_key(handoff.id, job.user)
    if (job.standing or job.user not in handoff.people) and not await unit.cards.of(key):
        return None
    view = await view_of(unit, handoff, schedule, job.user)
    return await personal_card(unit, job, handoff_card(view, job.user), key)


async def view_of(
    unit: Unit, handoff: Handoff, schedule: Schedule, reader: str | None = None
) -> HandoffView:
    """What ``reader`` may know of it; without one, who it is about alone."""
    view = HandoffView(handoff=handoff, schedule=schedule.name, names={})
    if reader:
        view = view.model_copy(update={"matter": await matter(unit.scope, schedule, reader)})
    people = {*handoff.people, handoff.note_by, handoff.confirmed_by}
    people |= {one.user for one in view.matter.snoozed}
    named = [await unit.people.get(user) for user in sorted(one for one in people if one)]
    return view.model_copy(update={"names": {one.id: one.name for one in named if one}})


async def card_failed(unit: Unit, job: ShowHandoff, error: str) -> None:  # noqa: ARG001
    """The chat said no: the person's next one."""
    await on_another(unit, job, update_key(job.handoff, job.user))


PLAN_HANDOFFS = Reaction(PlanHandoffs, plan_all)
SHOW_HANDOFF = Effect(ShowHandoff, load_card, send_direct, keep_direct, card_failed)
BEGIN_HANDOFF = Reaction(BeginHandoff, begin)
REMIND_HANDOFF = Reaction(RemindHandoff, remind)
