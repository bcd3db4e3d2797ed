"""Pages as they stand: who is being rung for what, and taking back what was asked of somebody."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.incident.target import meant
from domain.actor import Role, Scope
from domain.args import Arg, Args, IncidentId, PersonId
from domain.call import Reply
from domain.command import Grant, command
from domain.errors import NotFound, Stale
from domain.incident import Incident, Status
from domain.message import Message, Table, sentence
from domain.paging import Page, PageCancelled

HEAD = ("incident", "who", "state", "since (UTC)", "rings", "next")


class Which(Args):
    """An incident, the room's own, or everything that rings."""

    incident: IncidentId = None


@command(
    "page status", Grant(Role.VIEWER, Scope.READ), examples=("/page status", "/page status INC-42")
)
async def status(ctx: Context, args: Which) -> Reply:
    """Say who is being paged, how often they were rung, and who is next."""
    name = args.incident or ctx.call.origin.incident
    if name:
        incident = await ctx.unit.incidents.readable(name, ctx.actor.user)
        pages = await ctx.unit.pages.of(incident.id)
    else:
        pages = await _ringing(ctx)
    if not pages:
        return Reply(message=sentence("Nobody is being paged."), data=[])
    rows = tuple([await _row(ctx, page) for page in pages])
    data = [one.model_dump(mode="json", include=SHOWN) for one in pages]
    return Reply(message=Message(nodes=(Table(head=HEAD, rows=rows),)), data=data)


SHOWN = {"id", "incident", "user", "state", "created_at", "next", "next_at"}


async def _ringing(ctx: Context) -> tuple[Page, ...]:
    """Of every open incident that the reader may know."""
    found: list[Page] = []
    for incident in await ctx.unit.incidents.open_ones():
        if await _is_readable(ctx, incident):
            found += await ctx.unit.pages.ringing(incident.id)
    return tuple(found)


async def _is_readable(ctx: Context, incident: Incident) -> bool:
    return not incident.private or ctx.actor.user in await ctx.unit.incidents.members(incident.id)


async def _row(ctx: Context, page: Page) -> tuple[str, ...]:
    person = await ctx.unit.people.need(page.user)
    rings = str(len(await ctx.unit.pages.rings(page.id)))
    coming = page.next if page.state == "sent" and page.next and page.next_at else ""
    at = f"{coming} at {page.next_at:%H:%M}" if coming else ""
    since = f"{page.created_at:%H:%M:%S}"
    return (page.incident, person.name, page.state, since, rings, at)


class Taken(Args):
    """Whose page, and of which incident."""

    incident: IncidentId = None
    person: Annotated[PersonId, Field(description="@carol"), Arg("person", positional=True)]


@command(
    "page cancel",
    Grant(Role.RESPONDER, Scope.PAGE),
    examples=("/page cancel INC-42 @carol",),
)
async def cancel(ctx: Context, args: Taken) -> Reply:
    """Take back a page to somebody by name; an escalation ends by an ack alone."""
    incident = await meant(ctx, args.incident)
    person = await ctx.unit.people.need(ctx.person if args.person == "me" else args.person)
    await ctx.unit.bundles.for_person(person.id)
    ringing = await ctx.unit.pages.ringing(incident.id, person.id)
    by_name = [page for page in ringing if page.escalation is None]
    if not by_name:
        told = "is paged by a policy: /incident ack ends that" if ringing else "is not being paged"
        raise NotFound(f"{person.name} {told}. See /page status {incident.id}.", field="person")
    await _need_somebody(ctx, incident, by_name)
    for page in by_name:
        await ctx.unit.pages.end(page, "expired", ctx.person)
        await ctx.unit.facts.add(incident.subject, PageCancelled(page=page.id, person=page.user))
    return Reply(
        message=sentence(f"{person.name} is not rung for {incident.id} any more."),
        data={"id": incident.id, "person": person.id},
    )


async def _need_somebody(ctx: Context, incident: Incident, ending: list[Page]) -> None:
    """Raises `Stale` where nothing would ring any more for something that nobody has taken."""
    if incident.status is not Status.TRIGGERED or await ctx.unit.escalations.running(incident.id):
        return
    if set(await ctx.unit.pages.ringing(incident.id)) <= set(ending):
        name = incident.id
        told = f"Nobody would be rung for {name} any more: /incident cancel {name} ends it,"
        raise Stale(f"{told} /page @person pages somebody else.")
