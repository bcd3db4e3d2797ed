"""Start an incident by hand."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from domain.actor import Role
from domain.args import Arg, Args, SeverityArg
from domain.call import Reply
from domain.classify import Subject, classify
from domain.command import Grant, Words, command
from domain.errors import Refused
from domain.incident import Incident, activate
from domain.incident_card import IncidentView, incident_card
from domain.incident_facts import IncidentDeclared
from domain.message import Message
from domain.paging import Cause
from domain.service import Catalogue, Service
from domain.severity import Severity

NOBODY_COULD_READ = (
    "Its members alone can read a private incident, and your account here is nobody's yet:"
    " type /me link first."
)
MUST_BE_PRIVATE = "Write this to me directly; please delete the message above."


class Declare(Args):
    """What is known when somebody raises the alarm; only the title is needed."""

    title: Annotated[
        str,
        Field(min_length=1, max_length=200, description="What is broken, in a few words"),
        Arg("text", positional=True),
    ]
    severity: Annotated[
        SeverityArg | None, Field(description="SEV1 (worst) to SEV5"), Arg("severity", ("sev",))
    ] = None
    service: Annotated[
        str | None, Field(max_length=100, description="Which service"), Arg("service", ("svc",))
    ] = None
    private: Annotated[
        bool, Field(description="Only its members can see it"), Arg("flag", bare=True)
    ] = False
    drill: Annotated[bool, Field(description="An exercise"), Arg("flag", bare=True)] = False


@command(
    "incident declare",
    Grant(Role.MEMBER),
    examples=("/incident declare checkout down sev:2", "/inc new trino slow service:trino"),
    words=Words(synonyms=("new", "create", "start", "d"), roots=("declare",)),
)
async def declare(ctx: Context, args: Declare) -> Reply:
    """Start an incident and page whoever is on call."""
    if args.private and ctx.call.origin.public:
        raise Refused(MUST_BE_PRIVATE)
    if args.private and not ctx.actor.user:
        raise Refused(NOBODY_COULD_READ)
    asked = await _incident(ctx, args)
    declared = IncidentDeclared(severity=asked.severity, service=asked.service, source=ctx.actor.by)
    incident = await ctx.unit.incidents.begin(asked, declared)
    if ctx.actor.user:
        await ctx.unit.incidents.join(incident, ctx.actor.user)
    policy = await ctx.unit.catalog.policy_or_admins(incident.policy)
    cause = Cause(text=f"declared by {ctx.actor.name}", asked=True)
    await ctx.unit.escalations.begin(incident, policy, cause)
    return Reply(message=await _card(ctx, incident), data={"id": incident.id})


async def _incident(ctx: Context, args: Declare) -> Incident:
    service = await _service(ctx, args.service)
    number = await ctx.unit.numbers.next("INC")
    read = classify(Subject(title=args.title, service=service.id or args.service))
    severity = args.severity or Severity.SEV3
    incident = Incident(
        id=f"INC-{number}",
        number=number,
        title=args.title,
        stage="triage",
        severity=severity,
        service=service.id or args.service,
        team=service.team,
        policy=service.policy or ctx.unit.installation.default_policy,
        category=read.category,
        symptoms=read.symptoms,
        private=args.private,
        drill=args.drill,
        source=ctx.actor.by,
        correlation_id=ctx.unit.scope.correlation_id,
        responders=(ctx.actor.user,) if ctx.actor.user else (),
        detected_at=ctx.now,
        declared_at=ctx.now,
        alert_room=None,
    )
    return activate(incident, ctx.now)


async def _service(ctx: Context, given: str | None) -> Service:
    found = Catalogue(await ctx.unit.catalog.services.where()).named(given) if given else None
    return found or Service(id="")


async def _card(ctx: Context, incident: Incident) -> Message:
    names = {ctx.actor.user: ctx.actor.name} if ctx.actor.user else {}
    url = f"{ctx.unit.installation.public_url}/incidents/{incident.id}"
    safe = await ctx.unit.safe_mode.current() is not None
    return incident_card(IncidentView(incident=incident, names=names, url=url, safe_mode=safe))
