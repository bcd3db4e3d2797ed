"""Looking: lists, cards, timelines, and catching up. Answers are private."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from commands.context import Context
from commands.incident.target import meant, seen
from domain.actor import Role, Scope
from domain.args import Arg, Args, IncidentId
from domain.call import Reply
from domain.catchup import Catchup, catchup_card
from domain.command import Grant, Words, command
from domain.errors import NotFound
from domain.incident import Incident
from domain.incident_card import ICONS, IncidentView, incident_card
from domain.incident_facts import EntryRedacted
from domain.incident_jobs import ReadCatchup
from domain.message import Header, Message, Span, Table, Text, sentence, spans
from domain.page_card import counted
from domain.timeline import TimelineEntry
from storage.views.incidents import IncidentFilter, listed, timeline
from storage.views.listing import Cut

SHOWN = 25
RECENT = 5
WEEK = timedelta(days=7)
WHICH = {
    "open": IncidentFilter(open=True),
    "mine": IncidentFilter(open=True, mine=True),
    "7d": IncidentFilter(),
    "all": IncidentFilter(),
}


class List(Args):
    """Which ones."""

    which: Annotated[
        Literal["open", "mine", "7d", "all"],
        Field(description="Which ones"),
        Arg("choice", positional=True),
    ] = "open"


@command(
    "incident list",
    Grant(Role.MEMBER, Scope.READ),
    examples=("/incident list", "/inc ls mine", "/inc ls 7d"),
    words=Words(synonyms=("ls", "l")),
)
async def incidents(ctx: Context, args: List) -> Reply:
    """List incidents, newest first."""
    wanted = WHICH[args.which]
    if args.which == "7d":
        wanted = wanted.model_copy(update={"since": ctx.now - WEEK})
    found = await listed(ctx.unit.scope, ctx.actor.user, wanted, Cut(limit=SHOWN))
    if not found.items:
        text = "No open incidents. Good." if wanted.open else "No incidents."
        return Reply(message=sentence(text), data=[])
    rows = tuple(
        (one.id, f"{ICONS[one.severity]} {one.severity}", one.status.value, one.title)
        for one in found.items
    )
    table = Table(head=("id", "severity", "status", "title"), rows=rows)
    data = [one.model_dump(mode="json") for one in found.items]
    return Reply(message=Message(nodes=(table,)), data=data)


class About(Args):
    """An incident, or the room's own."""

    incident: IncidentId = None


@command(
    "incident show",
    Grant(Role.MEMBER, Scope.READ),
    examples=("/incident show INC-42",),
    words=Words(synonyms=("info", "i")),
)
async def show(ctx: Context, args: About) -> Reply:
    """Show an incident's card, only to you."""
    incident = await seen(ctx, args.incident)
    card = await _card(ctx, incident)
    return Reply(message=card.model_copy(update={"update_key": None}), data={"id": incident.id})


async def _card(ctx: Context, incident: Incident) -> Message:
    unit = ctx.unit
    view = IncidentView(
        incident=incident,
        names={person.id: person.name for person in await unit.people.everybody()},
        alerts=await unit.alerts.count(incident.id),
        firing=await unit.alerts.firing(incident.id),
        suspect=next(iter(await unit.suspects.of(incident)), None),
        runbook=await unit.runbook_suggestions.of(incident),
        safe_mode=await unit.safe_mode.current() is not None,
        url=f"{unit.installation.public_url}/incidents/{incident.id}",
    )
    return incident_card(view)


@command(
    "incident timeline",
    Grant(Role.MEMBER, Scope.READ),
    examples=("/incident timeline",),
    words=Words(synonyms=("t",)),
)
async def show_timeline(ctx: Context, args: About) -> Reply:
    """Show what happened, in order."""
    incident = await seen(ctx, args.incident)
    entries = await _entries(ctx, incident)
    head = Header(text=f"{incident.id} · {len(entries)} entries")
    lines = [Text(spans=_line(entry)) for entry in entries[-SHOWN:]]
    data = [entry.model_dump(mode="json") for entry in entries]
    return Reply(message=Message(nodes=(head, *lines)), data=data)


async def _entries(ctx: Context, incident: Incident) -> tuple[TimelineEntry, ...]:
    found = await timeline(ctx.unit.scope, ctx.actor.user, incident.id, Cut(limit=500))
    return found.items


def _line(entry: TimelineEntry) -> tuple[Span, ...]:
    at = Span(text=f"{entry.at:%H:%M:%S}", kind="time", at=entry.at)
    return spans(at, f" {entry.text}")


@command(
    "incident catchup",
    Grant(Role.MEMBER, Scope.READ, owes=True),
    examples=("/incident catchup",),
    words=Words(synonyms=("c", "catch-up")),
)
async def catchup(ctx: Context, args: About) -> Reply:
    """Bring yourself up to date without asking in the room."""
    incident = await seen(ctx, args.incident)
    entries = await _entries(ctx, incident)
    updates = [entry for entry in entries if entry.kind == "update_posted"]
    names = {person.id: person.name for person in await ctx.unit.people.everybody()}
    lead = names.get(incident.commander or "", "nobody")
    firing = await ctx.unit.alerts.firing(incident.id)
    responders = counted(len(incident.responders), "responder")
    lines = [
        f"{incident.severity} {incident.title}: {incident.status.value}, {incident.phase}.",
        f"Impact: {incident.impact or 'not described yet'}.",
        f"Led by {lead}; {responders}; {counted(firing, 'alert')} still firing.",
        f"Last update: {updates[-1].text}" if updates else "No update has been posted yet.",
    ]
    told = (*(spans(line) for line in lines), *(_line(entry) for entry in entries[-RECENT:]))
    await _let_a_model_read(ctx, incident)
    message = catchup_card(Catchup(incident=incident.id, lines=told))
    return Reply(message=message, data={"lines": lines})


async def _let_a_model_read(ctx: Context, incident: Incident) -> None:
    """It may say it better, later, and to the asker alone; nobody waits for it."""
    reader = ctx.actor.user
    if reader is None or "catchup" not in ctx.unit.installation.model_purposes:
        return
    job = ReadCatchup(incident=incident.id, reader=reader, asked=ctx.unit.ids.new())
    await ctx.unit.jobs.add(job, key=f"~catchup:{incident.id}:{reader}", subject=incident.subject)


class Redact(Args):
    """Which entry of the timeline, and why its words must go."""

    incident: IncidentId = None
    entry: Annotated[str, Field(description="The entry's id"), Arg("word", positional=True)]
    why: Annotated[
        str,
        Field(min_length=3, max_length=200, description="Why its words must go"),
        Arg("text", positional=True),
    ]


@command(
    "incident redact",
    Grant(Role.COMMANDER),
    examples=("/incident redact 01k… why:personal data",),
    danger="destructive",
)
async def redact(ctx: Context, args: Redact) -> Reply:
    """Remove an entry's words for good, wherever they were repeated."""
    unit = ctx.unit
    incident = await meant(ctx, args.incident)
    gone = await unit.facts.redact(incident.subject, args.entry, args.why)
    if gone is None:
        told = f"{incident.id} has no entry {args.entry} with words"
        raise NotFound(f"{told}: see /incident timeline {incident.id}.", field="entry")
    await unit.scrub(incident, gone.words)
    for entry in gone.entries:
        await unit.facts.add(incident.subject, EntryRedacted(entry=entry, why=args.why))
    told = f"The words of that entry are gone from {incident.id}. The audit trail stays whole."
    return Reply(message=sentence(told))
