"""Pages: ask a person, answer, pass it on."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.incident.answer import take
from commands.incident.target import meant
from domain.actor import Role, Scope
from domain.args import Arg, Args, IncidentId
from domain.authorize import roles_of
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import Invalid, NotFound, Refused, Stale
from domain.escalation import EscalationPolicy, round_at
from domain.incident import Incident, Status, activate, let_go
from domain.incident_facts import IncidentDeclared
from domain.message import Code, Message, Node, Table, Text, sentence, spans
from domain.paging import ACK_TIMEOUT, NotOurs, Page, PageAcked, PagePassed, PageSent, Reason
from domain.route_patch import as_yaml, route_patch
from domain.routing import Route
from domain.service import Catalogue
from domain.severity import Severity
from storage.people import User

MEMBER_PAGES = 3
NOBODY_NEXT = "Nobody is next for it: page somebody with /page @person."
HOUR = timedelta(hours=1)


class Send(Args):
    """Whom to page, and why: the reason is what they read first."""

    incident: IncidentId = None
    target: Annotated[
        str,
        Field(min_length=1, max_length=100, description="@person, team or service"),
        Arg("target", positional=True),
    ]
    why: Annotated[
        str,
        Field(max_length=200, description="What they should know"),
        Arg("text", positional=True),
    ] = ""


@command(
    "page send",
    Grant(Role.MEMBER, Scope.PAGE),
    examples=('/page @carol "metastore again"', "/page data-platform checkout is down"),
)
async def send(ctx: Context, args: Send) -> Reply:
    """Page a person, a team or the owner of a service."""
    await _within_limit(ctx, args)
    word = args.target.strip().removeprefix("@").lower()
    incident = await _about(ctx, args)
    if person := await _person(ctx, word):
        return await _page_person(ctx, incident, person, args.why)
    policy = await _policy(ctx, word)
    await ctx.unit.escalations.begin(incident, policy, _cause(ctx), args.why)
    text = f"Paging {policy.name} for {incident.id}."
    return Reply(message=sentence(text), data={"id": incident.id, "policy": policy.id})


async def _within_limit(ctx: Context, args: Send) -> None:
    """Members may page with a reason, three times an hour (rules.md 1)."""
    if roles_of(ctx.actor, None) - {Role.MEMBER}:
        return
    if not args.why:
        raise Invalid("Say why they are needed, after the name: they read it first.", field="why")
    since = ctx.now - HOUR
    made = await ctx.unit.facts.count_by(ctx.actor.by, "escalation_started", since)
    made += await ctx.unit.facts.count_by(ctx.actor.by, PageSent.kind, since)
    if made >= MEMBER_PAGES:
        raise Refused("You have paged three times in the last hour: ask a responder to page.")


async def _about(ctx: Context, args: Send) -> Incident:
    """The incident it is about: named, the room's, or a new one whose title is the reason."""
    if args.incident or ctx.call.origin.incident:
        name = args.incident or ctx.call.origin.incident or ""
        incident = await ctx.unit.incidents.readable(name, ctx.actor.user)
        if not incident.open:
            raise Stale(f"{incident.id} is {incident.status.value}: reopen it first.")
        return incident
    return await _begin(ctx, args)


async def _begin(ctx: Context, args: Send) -> Incident:
    number = await ctx.unit.numbers.next("INC")
    service = Catalogue(await ctx.unit.catalog.services.where()).named(args.target)
    incident = Incident(
        id=f"INC-{number}",
        number=number,
        title=args.why or f"{ctx.actor.name} asks for {args.target}",
        stage="triage",
        severity=Severity.SEV3,
        service=service.id if service else None,
        team=service.team if service else None,
        policy=service.policy if service else None,
        source=ctx.actor.by,
        correlation_id=ctx.unit.scope.correlation_id,
        detected_at=ctx.now,
        declared_at=ctx.now,
    )
    active = activate(incident, ctx.now)
    declared = IncidentDeclared(
        severity=active.severity, service=active.service, source=ctx.actor.by
    )
    return await ctx.unit.incidents.begin(active, declared)


async def _person(ctx: Context, word: str) -> User | None:
    found = await ctx.unit.people.get(ctx.person if word == "me" else word)
    return found if found and found.active else None


async def _policy(ctx: Context, word: str) -> EscalationPolicy:
    """The policy of a service, a team, or of that name."""
    catalog = ctx.unit.catalog
    service = Catalogue(await catalog.services.where()).named(word)
    policies = await catalog.policies.where()
    for wanted in (service.policy if service else None, word):
        if found := next((one for one in policies if one.id == wanted), None):
            return found
    team = service.team if service else word
    if found := next((one for one in policies if one.team == team), None):
        return found
    raise NotFound(f"Nobody is called {word}: type @person, a team or a service.", field="target")


async def _page_person(ctx: Context, incident: Incident, person: User, why: str) -> Reply:
    unit = ctx.unit
    if await unit.pages.ringing(incident.id, person.id):
        return Reply(message=sentence(f"{person.name} is being paged for {incident.id} already."))
    page = Page(
        id=unit.ids.new(),
        incident=incident.id,
        user=person.id,
        escalation=None,
        step=0,
        urgency="high",
        why=_cause(ctx),
        created_at=ctx.now,
    )
    # a card is read on lock screens, the timeline by members only (rules.md 2)
    said = Reason(text=why, on_card=not incident.private)
    await unit.pager.page(page, said)
    text = f"{person.name} is paged for {incident.id} and rings until they answer."
    return Reply(message=sentence(text), data={"id": incident.id, "page": page.id})


def _cause(ctx: Context) -> str:
    return f"asked for by {ctx.actor.name}"


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
    policy = await _policy(ctx, args.to.removeprefix("@").lower())
    service = Catalogue(await unit.catalog.services.where()).named(args.to)
    left = await _let_go(ctx, page, incident)
    await unit.escalations.stop(left, f"not {incident.team or 'ours'}: {policy.team}")
    await _watch_others(ctx, left)
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
    await unit.escalations.begin(saved, policy, f"handed over by {ctx.actor.name}")
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
    await unit.facts.add(saved.subject, PagePassed(page=page.id, person=page.user))
    if saved.people:
        await _watch_others(ctx, saved)
        names = [(await unit.people.need(one)).name for one in sorted(saved.people)]
        return Reply(message=sentence(f"You are off {saved.id}. It is with {', '.join(names)}."))
    cause = f"handed back by {ctx.actor.name}"
    await unit.escalations.stop(saved, cause)
    await unit.escalations.begin(saved, await _others(ctx, saved), cause)
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


async def _watch_others(ctx: Context, left: Incident) -> None:
    """Whoever still has it is looked after as if they had taken it now."""
    if left.people and left.severity.major:
        first = left.commander or min(left.people)
        await ctx.unit.pages.watch(left, first, ACK_TIMEOUT)


async def _others(ctx: Context, incident: Incident) -> EscalationPolicy:
    """The incident's policy without the steps that would ring only the person who asks."""
    policy = await ctx.unit.catalog.policy_or_admins(incident.policy)
    others = await ctx.unit.roster.beyond(policy, ctx.person, ctx.now)
    return others if others.steps else policy


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


class About(Args):
    """An incident, and whom to page for it."""

    incident: IncidentId = None
    target: Annotated[
        str,
        Field(max_length=100, description="@person, team, service; or empty"),
        Arg("target", positional=True),
    ] = ""


@command(
    "incident escalate",
    Grant(Role.RESPONDER, Scope.PAGE),
    examples=("/incident escalate", "/inc escalate @carol"),
    words=Words(synonyms=("e", "page")),
)
async def escalate(ctx: Context, args: About) -> Reply:
    """Page the next step now, or somebody in particular."""
    incident = await meant(ctx, args.incident)
    if args.target:
        asked = Send(incident=incident.id, target=args.target)
        return await send.handler(ctx, asked)
    if await ctx.unit.escalations.hurry(incident):
        return Reply(message=sentence(f"The next step of {incident.id} is paged now."))
    policy = await _others(ctx, incident)
    await ctx.unit.escalations.begin(incident, policy, f"escalated by {ctx.actor.name}")
    first = await ctx.unit.roster.at_round(round_at(policy, 0, ctx.now), ctx.now)
    people = [await ctx.unit.people.need(duty.user) for duty in first]
    named = ", ".join(person.name for person in people) or "whoever is there"
    return Reply(message=sentence(f"{policy.name} pages {named} for {incident.id}."))
