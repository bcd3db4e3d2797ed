"""What changed before an incident: why a change is named, and saying whether it was it."""

from typing import Annotated, Literal

from pydantic import Field

from commands.context import Context
from commands.incident.look import About
from commands.incident.target import meant, seen
from domain.actor import Role, Scope
from domain.args import Arg, Args, IncidentId
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.incident_jobs import ShowIncident, ShowPages
from domain.message import sentence
from domain.suspects import SuspectJudged, suspects_card


class Judgement(Args):
    """Which change, and whether it was what it was."""

    incident: IncidentId = None
    deployment: Annotated[
        str,
        Field(min_length=1, max_length=30, description="DEP-14"),
        Arg("word", positional=True),
    ]
    verdict: Annotated[
        Literal["yes", "no"],
        Field(description="Whether it was it"),
        Arg("choice", positional=True),
    ]


@command(
    "incident suspects",
    Grant(Role.MEMBER, Scope.READ),
    examples=("/incident suspects INC-42",),
    words=Words(synonyms=("changes",)),
)
async def suspects(ctx: Context, args: About) -> Reply:
    """Say what changed before, with the evidence, and how often the change named first was it."""
    incident = await seen(ctx, args.incident)
    found = await ctx.unit.suspects.of(incident)
    message = suspects_card(found, incident.id, await ctx.unit.suspects.hit_rate())
    return Reply(message=message, data=[one.model_dump(mode="json") for one in found])


@command(
    "incident judge",
    Grant(Role.RESPONDER),
    examples=("/incident judge INC-42 DEP-14 no", "/incident judge DEP-14 yes"),
)
async def judge(ctx: Context, args: Judgement) -> Reply:
    """Say whether a change was it; the card names the next one after a no."""
    unit, incident = ctx.unit, await meant(ctx, args.incident)
    deployment = await unit.catalog.deployments.need(args.deployment.upper())
    named = [one.deployment.id for one in await unit.suspects.of(incident)][:1]
    what = f"{deployment.service} {deployment.version}"
    fact = SuspectJudged(
        deployment=deployment.id,
        what=what,
        verdict=args.verdict,
        first=named == [deployment.id],
    )
    await unit.facts.add(incident.subject, fact)
    await unit.jobs.add(ShowIncident(incident=incident.id), key=f"~show:{incident.id}")
    await unit.jobs.add(ShowPages(incident=incident.id), key=f"~pages:{incident.id}")
    said = "was it" if args.verdict == "yes" else "was not it"
    return Reply(message=sentence(f"Noted: {what} {said}."), data={"deployment": deployment.id})
