"""Pages: ask a person, a team or the owner of a service."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.page.whom import policy_of
from domain.actor import Role, Scope
from domain.args import Arg, Args, IncidentId
from domain.authorize import roles_of
from domain.call import Reply
from domain.command import Grant, command
from domain.errors import Invalid, Refused, Stale
from domain.incident import Incident, activate
from domain.incident_facts import IncidentDeclared
from domain.message import sentence
from domain.paging import Cause, Page, PageSent, Reason
from domain.service import Catalogue
from domain.severity import Severity
from storage.people import User

MEMBER_PAGES = 3
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
    policy = await policy_of(ctx, word)
    cause = Cause(text=_cause(ctx), asked=True, said=args.why)
    await ctx.unit.escalations.begin(incident, policy, cause)
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


async def _page_person(ctx: Context, incident: Incident, person: User, why: str) -> Reply:
    unit = ctx.unit
    if await unit.pages.ringing(incident.id, person.id):
        lost = " Your words went nowhere: /incident note keeps them." if why else ""
        told = f"{person.name} is being paged for {incident.id} already.{lost}"
        return Reply(message=sentence(told))
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
    said = Reason(text=why, on_card=not incident.private, asked=True)
    await unit.pager.page(page, said)
    text = f"{person.name} is paged for {incident.id} and rings until they answer."
    return Reply(message=sentence(text), data={"id": incident.id, "page": page.id})


def _cause(ctx: Context) -> str:
    return f"asked for by {ctx.actor.name}"
