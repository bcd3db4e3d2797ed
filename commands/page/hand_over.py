"""Pages that are for somebody else: hand them to the team they belong to, or back."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from commands.context import Context
from commands.page.answer import Answer, mine, named
from commands.page.escalate import others
from commands.page.whom import organisation, policy_of
from domain.actor import Role, Scope
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command, picked
from domain.errors import Stale
from domain.handover import Matter, candidates, offered
from domain.incident import Incident, let_go
from domain.message import Code, Message, Node, Option, Text, sentence, spans
from domain.paging import Cause, NotOurs, Page, PagePassed
from domain.route_patch import as_yaml, route_patch
from domain.routing import Route
from storage.views.moves import moves


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


async def whose(ctx: Context, given: Mapping[str, Any]) -> tuple[Option, ...]:
    """Whose the page's incident may be instead, the likeliest first (rules.md 21)."""
    page = await named(ctx, str(given.get("page") or ""))
    if page is None:
        return ()
    incident = await ctx.unit.incidents.readable(page.incident, ctx.person)
    matter = await _matter(ctx, incident)
    past = await moves(ctx.unit.scope, ctx.person)
    return offered(candidates(matter, await organisation(ctx), past), incident.service)


async def _matter(ctx: Context, incident: Incident) -> Matter:
    alerts = await ctx.unit.alerts.of(incident.id)
    names = frozenset(one.name for one in alerts)
    return Matter(service=incident.service, alerts=names, team=incident.team)


@picked(to=whose)
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
    service = (await organisation(ctx)).catalogue.named(args.to)
    about = await _matter(ctx, incident)
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
    fact = NotOurs(
        old=incident.team or "nobody",
        new=policy.team,
        rule=rule,
        service=about.service,
        alerts=tuple(sorted(about.alerts)),
    )
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
    """As `mine`; a page that asks for an approval hands nothing over."""
    page, incident = await mine(ctx, word)
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
    page, incident = await mine(ctx, args.page)
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
        silent = await ctx.unit.catalog.ack_timeout(left.policy)
        await ctx.unit.pages.watch(left, first, silent)
