"""Approvals: their cards where people can decide, their end, and whom they page at night."""

from domain.approval import NEXT_APPROVER, Approval
from domain.approval_card import approval_card, update_key
from domain.approval_facts import ApprovalExpired
from domain.approval_jobs import (
    ExpireApproval,
    PageApprover,
    ShowApproval,
    ShowApprovalIn,
    ShowApprovalTo,
    TellBroken,
)
from domain.incident import Incident
from domain.message import Header, Message, Text, spans
from domain.paging import Page, Reason
from domain.ports import MessageRef, Place
from jobs.cards import home_of
from jobs.drawing import Drawn, draw, redrawn
from jobs.personal import DirectMessage, keep_direct, on_another, personal_card, send_direct
from jobs.reaching import chats_of
from jobs.registry import Effect, Ports, Reaction
from storage.approvers import Asked
from storage.people import User
from storage.unit import Unit

CHATS = ("console", "slack", "discord", "teams")
IN_PERSON = 5
NOBODY = "nobody decided in time"


async def show_approval(unit: Unit, job: ShowApproval) -> None:
    """Owe the card to every place where somebody can decide, and where it stands already."""
    _, approval = await _both(unit, job.approval)
    place = await place_of(unit, approval)
    posted = [
        Place(platform=card.platform, room=card.asked, thread=card.thread)
        for card in await unit.cards.of(update_key(approval.id))
    ]
    for one in dict.fromkeys((*([place] if place else []), *posted)):
        where = f"{one.platform}:{one.room}"
        shown = ShowApprovalIn(approval=approval.id, place=one)
        due = await unit.cards.next_edit(update_key(approval.id), one)
        await unit.jobs.add(shown, due=due, key=f"~approval:{approval.id}:{where}")
    silent = place is None or place.platform in await unit.outages.down()
    await _owe_in_person(unit, approval, alone=silent)


async def _owe_in_person(unit: Unit, approval: Approval, *, alone: bool) -> None:
    for user in await _in_person(unit, approval, alone=alone):
        direct = ShowApprovalTo(approval=approval.id, user=user)
        await unit.jobs.add(direct, key=f"~approval:{approval.id}@{user}")


async def _both(unit: Unit, approval: str) -> tuple[Incident | None, Approval]:
    """The incident behind an approval and the approval, locked in this order as everywhere."""
    (name,) = await unit.approvals.behind(approval) or (None,)
    incident = await unit.incidents.get(name) if name else None
    return incident, await unit.approvals.need(approval)


async def place_of(unit: Unit, approval: Approval) -> Place | None:
    """The incident's home, else the room it was asked in; None where nobody else reads."""
    if approval.incident:
        incident = await unit.incidents.need(approval.incident)
        home = await home_of(unit, incident)
        if home or incident.private:
            return home
    origin = approval.held.origin
    if origin.surface not in CHATS or origin.room is None or origin.direct:
        return None
    return Place(platform=origin.surface, room=origin.room, thread=origin.thread)


async def _in_person(unit: Unit, approval: Approval, *, alone: bool) -> tuple[str, ...]:
    """Whoever was paged for it; without a shared place the asker and some approvers too."""
    paged = [(await unit.pages.need(page)).user for page in approval.paged]
    if alone:
        able = await unit.approvers.in_order(Asked.by(approval))
        paged = [approval.asked_by, *(person.id for person in able[:IN_PERSON]), *paged]
    return tuple(dict.fromkeys(paged))


async def load_in(unit: Unit, job: ShowApprovalIn) -> Drawn | None:
    """The card for one room; None where that room shows it already."""
    approval = await unit.approvals.need(job.approval)
    card = await unit.cards.at(update_key(approval.id), job.place)
    key = f"approval:{approval.id}:{job.place.room}"
    return redrawn(job.place, await _card(unit, approval), key, card)


async def save_in(unit: Unit, job: ShowApprovalIn, outcome: tuple[Drawn, MessageRef]) -> None:
    """Remember where the card stands and what it shows."""
    drawn, ref = outcome
    await unit.cards.shown(update_key(job.approval), drawn.place, ref, drawn.digest)


async def in_failed(unit: Unit, job: ShowApprovalIn, error: str) -> None:  # noqa: ARG001
    """The room is closed to us: whoever asked and some approvers are written to instead."""
    await _owe_in_person(unit, await unit.approvals.need(job.approval), alone=True)


async def load_to(unit: Unit, job: ShowApprovalTo) -> DirectMessage | None:
    """The card for one person; None where they see it already."""
    approval = await unit.approvals.need(job.approval)
    return await personal_card(unit, job, await _card(unit, approval), _personal(job))


async def to_failed(unit: Unit, job: ShowApprovalTo, error: str) -> None:  # noqa: ARG001
    """The chat said no: the person's next one, the built-in one last."""
    await on_another(unit, job, _personal(job))


def _personal(job: ShowApprovalTo) -> str:
    return f"{update_key(job.approval)}@{job.user}"


async def _card(unit: Unit, approval: Approval) -> Message:
    return approval_card(await unit.approvers.view(approval))


async def expire(unit: Unit, job: ExpireApproval) -> None:
    """Nobody decided: it ends, and nothing was done."""
    approval = await unit.approvals.need(job.approval)
    if approval.status == "pending":
        fact = ApprovalExpired(approval=approval.id, reason=NOBODY)
        await unit.approvals.end(approval, "expired", fact, NOBODY)


async def page_approver(unit: Unit, job: PageApprover) -> None:
    """During an open SEV1-SEV2 the next approver is rung, until somebody answers."""
    incident, approval = await _both(unit, job.approval)
    if not incident or not _presses(incident, approval) or await _answered(unit, approval):
        return
    able = await unit.approvers.in_order(Asked.by(approval))
    if job.n >= len(able):
        return
    following = able[job.n + 1] if job.n + 1 < len(able) else None
    asking = await _page(unit, approval, incident, (able[job.n], following))
    if following:
        await unit.approvals.page_next(asking, unit.now + NEXT_APPROVER)


def _presses(incident: Incident, approval: Approval) -> bool:
    return approval.status == "pending" and incident.open and incident.severity.major


async def _answered(unit: Unit, approval: Approval) -> bool:
    """Whether an approver said that they are looking: then nobody else is woken."""
    pages = [await unit.pages.need(page) for page in approval.paged]
    return any(page.state == "acked" for page in pages)


async def _page(
    unit: Unit, approval: Approval, incident: Incident, people: tuple[User, User | None]
) -> Approval:
    person, following = people
    asked_by = await unit.people.need(approval.asked_by)
    page = Page(
        id=unit.ids.new(),
        incident=incident.id,
        user=person.id,
        escalation=None,
        step=0,
        urgency="high",
        why=f"asked by {asked_by.name} to approve {approval.id}",
        next=following.name if following else None,
        next_at=unit.now + NEXT_APPROVER if following else None,
        created_at=unit.now,
    )
    said = Reason(text=approval.plan.title, on_card=not incident.private, asked=True)
    await unit.pager.page(page, said)
    return await unit.approvals.paged(approval, page)


async def load_broken(unit: Unit, job: TellBroken) -> DirectMessage | Drawn:
    """Who broke glass on what, and why."""
    approval = await unit.approvals.need(job.approval)
    grant = next(one for one in approval.grants if one.kind == "break_glass")
    person = await unit.people.need(grant.by)
    incident = await unit.incidents.get(approval.incident) if approval.incident else None
    told = f"{person.name} broke glass on {approval.id}"
    if incident and not incident.private:
        told = f"{told} ({incident.id}), {approval.plan.title}: {grant.reason}"
    head = Header(text=f"⚠ Glass broken · {approval.id}", tone="danger")
    message = Message(nodes=(head, Text(spans=spans(told))))
    key = f"broken:{approval.id}:{job.user or 'room'}"
    if job.place:
        return Drawn(place=job.place, message=message, key=key)
    user = job.user or approval.asked_by
    platform = (await chats_of(unit, user))[0]
    return DirectMessage(platform=platform, user=user, message=message, key=key)


async def say(ports: Ports, loaded: DirectMessage | Drawn) -> None:
    """One new message, in a room or to a person."""
    if isinstance(loaded, Drawn):
        await draw(ports, loaded)
    else:
        await send_direct(ports, loaded)


SHOW_APPROVAL = Reaction(ShowApproval, show_approval)
SHOW_APPROVAL_IN = Effect(ShowApprovalIn, load_in, draw, save_in, in_failed)
SHOW_APPROVAL_TO = Effect(ShowApprovalTo, load_to, send_direct, keep_direct, to_failed)
EXPIRE = Reaction(ExpireApproval, expire)
PAGE_APPROVER = Reaction(PageApprover, page_approver)
TELL_BROKEN = Effect(TellBroken, load_broken, say)
