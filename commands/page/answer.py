"""Pages: answer, pass on, and why one was paged."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.incident.answer import take
from domain.actor import Role, Scope
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import NotFound, Stale
from domain.incident import Incident, Status
from domain.message import sentence
from domain.paging import Page, PageAcked, PagePassed

NOBODY_NEXT = "Nobody is next for it: page somebody with /page @person."


class Answer(Args):
    """A page, or the number of its incident."""

    page: Annotated[str, Field(description="42"), Arg("word", positional=True)] = ""


@command(
    "page ack",
    Grant(Role.VIEWER, Scope.PAGE),
    examples=("/page ack 42", "ack 42"),
    words=Words(synonyms=("k",)),
)
async def ack(ctx: Context, args: Answer) -> Reply:
    """Answer your page; a page of an escalation takes the incident."""
    page, incident = await mine(ctx, args.page)
    if page.escalation or incident.status is Status.TRIGGERED:
        return await take(ctx, incident)
    await ctx.unit.pages.end(page, "acked", ctx.person)
    fact = PageAcked(page=page.id, person=page.user)
    await ctx.unit.facts.add(incident.subject, fact)
    return Reply(message=sentence(f"Answered. {incident.id} goes on."), data={"id": incident.id})


async def mine(ctx: Context, word: str) -> tuple[Page, Incident]:
    """The reader's own page: by its id, by the incident's number, or the newest that rings.

    Locked are the incident and then the page, in this order as everywhere.
    """
    found = await named(ctx, word)
    if found is None:
        raise NotFound("No page of yours fits: type /oncall me to see your pages.", field="page")
    incident = await ctx.unit.incidents.readable(found.incident, ctx.actor.user)
    if not incident.open:
        raise Stale(f"{incident.id} is {incident.status.value} already. Nothing to do.")
    ctx.about(incident.team)
    return await ctx.unit.pages.need(found.id), incident


async def named(ctx: Context, word: str) -> Page | None:
    """That page as it is read, not locked yet."""
    ringing = await ctx.unit.pages.to(ctx.person)
    if not word:
        return ringing[0] if ringing else None
    digits = word.lower().removeprefix("inc-")
    if digits.isdigit():
        mine = await ctx.unit.pages.of(f"INC-{digits}")
        return next((page for page in reversed(mine) if page.user == ctx.person), None)
    found = await ctx.unit.pages.look(word)
    return found if found and found.user == ctx.person else None


@command(
    "page pass",
    Grant(Role.VIEWER, Scope.PAGE),
    examples=("/page pass 42", "pass 42"),
    words=Words(synonyms=("cannot", "cant")),
)
async def pass_on(ctx: Context, args: Answer) -> Reply:
    """Say that you can't: the next step of the same policy is paged now."""
    page, incident = await mine(ctx, args.page)
    if page.state != "sent":
        raise Stale("That page has ended already: /me shows what still waits for you.")
    await ctx.unit.pages.end(page, "passed", ctx.person)
    fact = PagePassed(page=page.id, person=page.user)
    await ctx.unit.facts.add(incident.subject, fact)
    going = await _next_now(ctx, page, incident)
    verb = "are" if page.next and "," in page.next else "is"
    told = f"{page.next} {verb} paged now." if going and page.next else NOBODY_NEXT
    return Reply(message=sentence(f"Passed on. {told}"), data={"id": incident.id})


async def _next_now(ctx: Context, page: Page, incident: Incident) -> bool:
    """Page whoever is next, of the escalation or of the approval that the page is for."""
    if page.escalation:
        return await ctx.unit.escalations.hurry(incident, page.escalation)
    asking = await ctx.unit.approvals.asking_by(page)
    return asking is not None and await ctx.unit.approvals.hurry(asking)
