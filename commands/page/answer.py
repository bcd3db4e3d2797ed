"""Pages: answer, pass on, hand to others, hand back."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.incident.answer import take
from commands.page.send import others, policy_of
from domain.actor import Role, Scope
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import NotFound, Stale
from domain.incident import Incident, Status, let_go
from domain.message import Code, Message, Node, Table, Text, sentence, spans
from domain.paging import ACK_TIMEOUT, Cause, NotOurs, Page, PageAcked, PagePassed
from domain.route_patch import as_yaml, route_patch
from domain.routing import Route
from domain.service import Catalogue

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
    page, incident = await _mine(ctx, args.page)
    if page.escalation or incident.status is Status.TRIGGERED:
        return await take(ctx, incident)
    await ctx.unit.pages.end(page, "acked", ctx.person)
    fact = PageAcked(page=page.id, person=page.user)
    await ctx.unit.facts.add(incident.subject, fact)
    return Reply(message=sentence(f"Answered. {incident.id} goes on."), data={"id": incident.id})


async def _mine(ctx: Context, word: str) -> tuple[Page, Incident]:
    """The reader's own page: by its id, by the incident's number, or the newest that rings.

    Locked are the incident and then the page, in this order as everywhere.
    """
    found = await _named(ctx, word)
    if found is None:
        raise NotFound("No page of yours fits: type /oncall me to see your pages.", field="page")
    incident = await ctx.unit.incidents.readable(found.incident, ctx.actor.user)
    if not incident.open:
        raise Stale(f"{incident.id} is {incident.status.value} already. Nothing to do.")
    ctx.about(incident.team)
    return await ctx.unit.pages.need(found.id), incident


async def _named(ctx: Context, word: str) -> Page | None:
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
    page, incident = await _mine(ctx, args.page)
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


class HandOver(Args):
    """Whose it is instead."""

    page: Annotated[str, Field(description="42"), Arg("word", positional=True)] = ""
    to: Annotated[
        str,
        Field(min_length=1, max_length=100, description="Team or service it belongs to"),
        Arg("target", positional=True),
    ]
    why: Annotated[
        str, Field(max_length=200, description="Why you think so"), Arg("text", positional=True)
    ] = ""


@command(
    "page notours",
    Grant(Role.VIEWER, Scope.PAGE),
    examples=("/page notours 42 web looks like the proxy",),
    words=Words(synonyms=("not-ours", "move")),
)
async def not_ours(ctx: Context, args: HandOver) -> Reply:
    """Hand it to the team it belongs to: their policy starts at its first step."""
    unit = ctx.unit
    page, incident = await _of_an_incident(ctx, args.page)
    policy = await policy_of(ctx, args.to.removeprefix("@").lower())
    service = Catalogue(await unit.catalog.services.where()).named(args.to)
    left = await _let_go(ctx, page, incident)
    await unit.escalations.stop(left, f"not {incident.team or 'ours'}: {policy.team}")
    await _watch(ctx, left)
    moved = {
        "team": policy.team,
        "policy": policy.id,
        "service": service.id if service else incident.service,
    }
    saved = await unit.incidents.save(left.model_copy(update=moved))
    route = await _patched(ctx, saved)
    rule = f" (by a route: {' '.join(map(str, route.match))})" if route else ""
    fact = NotOurs(old=incident.team or "nobody", new=policy.team, rule=rule)
    await unit.facts.add(saved.subject, fact, args.why or None)
    await unit.escalations.begin(
        saved, policy, Cause(text=f"handed over by {ctx.actor.name}", asked=True)
    )
    told = sentence(f"{saved.id} is {policy.team}'s now; {policy.name} starts at its first step.")
    patch = as_yaml(route) if route else None
    nodes = (*told.nodes, *(_for_an_admin(patch) if patch else ()))
    data = {"id": saved.id, "team": policy.team, "route": patch}
    return Reply(message=Message(nodes=nodes), data=data)


async def _of_an_incident(ctx: Context, word: str) -> tuple[Page, Incident]:
    """As `_mine`; a page that asks for an approval hands nothing over."""
    page, incident = await _mine(ctx, word)
    if asking := await ctx.unit.approvals.asking_by(page):
        raise Stale(f"This page asks for {asking.id}: /approval deny {asking.id}, or /page pass.")
    return page, incident


async def _patched(ctx: Context, moved: Incident) -> Route | None:
    """The rule for the alert that opened it; None where no alert did."""
    alerts = await ctx.unit.alerts.of(moved.id)
    return route_patch(alerts[0], moved) if alerts else None


def _for_an_admin(patch: str) -> tuple[Node, ...]:
    said = "So that the next one goes there at once, an admin can add this route:"
    return (Text(spans=spans(said)), Code(text=patch))


@command(
    "page back",
    Grant(Role.VIEWER, Scope.PAGE),
    examples=("/page back 42",),
)
async def hand_back(ctx: Context, args: Answer) -> Reply:
    """Hand an acknowledged incident back: its policy pages again, without you first."""
    unit = ctx.unit
    page, incident = await _mine(ctx, args.page)
    saved = await _let_go(ctx, page, incident)
    fact = await unit.facts.add(saved.subject, PagePassed(page=page.id, person=page.user))
    if saved.roles != incident.roles:
        await unit.incidents.relay(saved, fact)
    if saved.people:
        await _watch(ctx, saved)
        names = [(await unit.people.need(one)).name for one in sorted(saved.people)]
        return Reply(message=sentence(f"You are off {saved.id}. It is with {', '.join(names)}."))
    cause = Cause(text=f"handed back by {ctx.actor.name}", asked=True)
    await unit.escalations.stop(saved, cause.text)
    await unit.escalations.begin(saved, await others(ctx, saved), cause)
    return Reply(message=sentence(f"{saved.id} is handed back and pages again."))


async def _let_go(ctx: Context, page: Page, incident: Incident) -> Incident:
    """The incident without the person who asks; unanswered anew where nobody else has it.

    Only who has it, or is being asked, can let it go.
    """
    if page.state != "sent" and ctx.person not in incident.people:
        raise Stale(f"{incident.id} is not yours: that page has ended already. Nothing to do.")
    if page.state == "sent":
        await ctx.unit.pages.end(page, "passed", ctx.person)
    return await ctx.unit.incidents.save(let_go(incident, ctx.person))


async def _watch(ctx: Context, left: Incident) -> None:
    """Whoever still has it is looked after as if they had taken it now."""
    if left.people and left.severity.major:
        first = left.commander or min(left.people)
        await ctx.unit.pages.watch(left, first, ACK_TIMEOUT)


@command("page why", Grant(Role.VIEWER, Scope.READ), examples=("/page why 42",))
async def why(ctx: Context, args: Answer) -> Reply:
    """Say why you were paged, and everything that was tried."""
    found = await _named(ctx, args.page)
    if found is None:
        raise NotFound("No page of yours fits: type /oncall me to see your pages.", field="page")
    rows = [("paged", f"{found.created_at:%H:%M:%S}", found.why)]
    rows += [
        (f"ring {ring.k + 1} by {ring.method}", f"{ring.at:%H:%M:%S}", ring.result)
        for ring in await ctx.unit.pages.rings(found.id)
    ]
    table = Table(head=("what", "at (UTC)", "result"), rows=tuple(rows))
    return Reply(message=Message(nodes=(table,)), data={"page": found.id, "why": found.why})
