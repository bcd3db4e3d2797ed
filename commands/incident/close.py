"""Ending an incident, taking the end back, and folding one into another."""

from typing import Annotated, Literal

from pydantic import Field

from commands.context import Context
from commands.incident.target import meant
from domain.actor import Role
from domain.args import Arg, Args, IncidentId
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import Invalid
from domain.incident import Incident, Resolution, reopen, resolve
from domain.incident_facts import (
    IncidentLinked,
    IncidentMerged,
    IncidentReopened,
    IncidentResolved,
)
from domain.incident_jobs import DraftPostmortem, ShowIncident
from domain.message import FieldPair, Fields, Message, Text, code, sentence, spans
from domain.page_card import counted
from domain.paging import Cause
from domain.postmortem import Took, durations

DRAFTED: tuple[Resolution, ...] = ("fixed", "drill")


class Resolve(Args):
    """How it ended, in words."""

    incident: IncidentId = None
    text: Annotated[
        str, Field(max_length=4000, description="What ended it"), Arg("text", positional=True)
    ] = ""
    resolution: Annotated[
        Literal["fixed", "false_alarm", "duplicate"],
        Field(description="Only fixed counts in the times"),
        Arg("choice", ("as",)),
    ] = "fixed"


@command(
    "incident resolve",
    Grant(Role.RESPONDER),
    examples=("/incident resolve rolled back to v247", "/inc close as:false_alarm"),
    words=Words(synonyms=("close", "end", "r")),
    danger="confirm",
)
async def resolved(ctx: Context, args: Resolve) -> Reply:
    """End the incident; a postmortem draft follows."""
    incident = await meant(ctx, args.incident)
    saved = await _end(ctx, incident, args.resolution, args.text)
    drafted = saved.resolution in DRAFTED
    if drafted:
        job = DraftPostmortem(incident=saved.id)
        await ctx.unit.jobs.add(job, key=f"~draft:{saved.id}", subject=saved.subject)
    firing = await ctx.unit.alerts.firing(saved.id)
    times = _times(saved, drafted=drafted)
    nodes = (*times.nodes, *([_still(firing)] if firing else []))
    return Reply(message=times.model_copy(update={"nodes": nodes}), data=_figures(saved))


class Cancel(Args):
    """Why it was none."""

    incident: IncidentId = None
    text: Annotated[
        str, Field(max_length=4000, description="Why"), Arg("text", ("why",), positional=True)
    ] = ""


@command(
    "incident cancel",
    Grant(Role.COMMANDER),
    examples=("/incident cancel declared by mistake",),
    danger="confirm",
)
async def cancel(ctx: Context, args: Cancel) -> Reply:
    """Say that it was no incident; it counts nowhere."""
    incident = await meant(ctx, args.incident)
    saved = await _end(ctx, incident, "cancelled", args.text)
    return Reply(message=sentence(f"{saved.id} is cancelled."), data={"id": saved.id})


@command(
    "incident reopen",
    Grant(Role.COMMANDER),
    examples=("/incident reopen INC-42 it came back",),
)
async def reopened(ctx: Context, args: Cancel) -> Reply:
    """Go on with an ended incident; its policy pages again."""
    unit = ctx.unit
    incident = await meant(ctx, args.incident)
    saved = await unit.incidents.save(reopen(incident, ctx.now))
    fact = await unit.facts.add(saved.subject, IncidentReopened(), args.text or None)
    await unit.incidents.announce(saved, fact)
    policy = await unit.catalog.policy_or_admins(saved.policy)
    await unit.escalations.begin(
        saved, policy, Cause(text=f"reopened by {ctx.actor.name}", asked=True)
    )
    return Reply(message=sentence(f"{saved.id} is open again."), data={"id": saved.id})


class Merge(Args):
    """The incident that goes on."""

    incident: IncidentId = None
    into: IncidentId = None


@command(
    "incident merge",
    Grant(Role.COMMANDER),
    examples=("/incident merge INC-43 into:INC-42",),
    words=Words(synonyms=("duplicate",)),
    danger="confirm",
)
async def merge(ctx: Context, args: Merge) -> Reply:
    """Fold this incident into another: alerts move, pages stop, the other goes on."""
    unit = ctx.unit
    await unit.incidents.hold(args.incident or ctx.call.origin.incident, args.into)
    incident = await meant(ctx, args.incident)
    other = await _survivor(ctx, incident, args.into)
    # before it ends: what ends closes its groups, and these go on
    await unit.alerts.move(incident.id, other.id)
    saved = await _end(ctx, incident.model_copy(update={"merged_into": other.id}), "merged", "")
    fact = await unit.facts.add(saved.subject, IncidentMerged(into=other.id))
    await unit.incidents.announce(saved, fact)
    await unit.facts.add(other.subject, IncidentLinked(other=saved.id))
    await unit.incidents.join(other, *await unit.incidents.members(saved.id))
    redraw = ShowIncident(incident=other.id)
    await unit.jobs.add(redraw, key=f"~show:{other.id}", subject=other.subject)
    text = f"{saved.id} goes on as {other.id} {other.title}."
    return Reply(message=sentence(text), data={"id": saved.id, "into": other.id})


async def _survivor(ctx: Context, incident: Incident, into: str | None) -> Incident:
    """The incident that goes on; refused where it cannot take the other's place."""
    if into is None or into == incident.id:
        raise Invalid("Into which other incident? Type into:INC-42.", field="into")
    other = await ctx.unit.incidents.readable(into, ctx.actor.user)
    if not other.open:
        raise Invalid(f"{other.id} is {other.status.value}: merge into an open one.", field="into")
    if incident.private != other.private:
        hidden, open_one = (incident, other) if incident.private else (other, incident)
        told = f"{hidden.id} is private and {open_one.id} is not: /incident link them instead."
        raise Invalid(told, field="into")
    return other


async def _end(ctx: Context, incident: Incident, how: Resolution, text: str) -> Incident:
    """Close it: nothing rings any more, every page's card says so."""
    unit = ctx.unit
    saved = await unit.incidents.save(resolve(incident, how, ctx.now))
    await unit.escalations.stop(saved, f"{how.replace('_', ' ')}")
    for page in await unit.pages.ringing(saved.id):
        await unit.pages.end(page, "expired", ctx.actor.by)
    await unit.groups.close(saved.id)
    ended = IncidentResolved(resolution=saved.resolution or how)
    fact = await unit.facts.add(saved.subject, ended, text or None)
    if how != "merged":
        await unit.incidents.announce(saved, fact)
    return saved


def _times(incident: Incident, *, drafted: bool) -> Message:
    took = durations(incident)
    pairs = [
        ("Time to acknowledge", took.acknowledge),
        ("Time to mitigate", took.mitigate),
        ("Time to resolve", took.resolve),
    ]
    fields = tuple(FieldPair(label=label, value=spans(_words(value))) for label, value in pairs)
    told = f"{incident.id} is resolved ({str(incident.resolution).replace('_', ' ')})."
    draft = " A postmortem draft follows in its own thread." if drafted else ""
    return Message(nodes=(Text(spans=spans(told + draft)), Fields(fields=fields)))


def _still(firing: int) -> Text:
    """Whoever ends it early should know."""
    told = f"⚠ {counted(firing, 'alert')} of it still firing: if that was too early, type "
    return Text(spans=spans(told, code("/incident reopen"), "."))


def _words(took: Took | None) -> str:
    return took.words if took else "not known"


def _figures(incident: Incident) -> dict[str, str | int | None]:
    took = durations(incident)
    return {
        "id": incident.id,
        "resolution": incident.resolution,
        "time_to_acknowledge_s": took.acknowledge.seconds if took.acknowledge else None,
        "time_to_mitigate_s": took.mitigate.seconds if took.mitigate else None,
        "time_to_resolve_s": took.resolve.seconds if took.resolve else None,
    }
