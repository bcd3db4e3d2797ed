"""Working on an incident: say what is known, and how bad it is."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from commands.context import Context
from commands.incident.target import meant
from domain.actor import Role
from domain.args import Arg, Args, DurationArg, IncidentId, PersonId, SeverityArg, WhenArg
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import Invalid
from domain.incident import PHASES, Incident, Phase, Status, mitigate, paced, set_severity
from domain.incident_facts import (
    ActionItemAdded,
    ImpactDescribed,
    IncidentLinked,
    NoteAdded,
    SeverityChanged,
    StageActivated,
    TimesCorrected,
    UpdatePosted,
)
from domain.message import moment, sentence
from domain.paging import Cause
from storage.postmortems import ActionItem

LINKED = re.compile(r"[a-z]{3}-\d+", re.IGNORECASE | re.ASCII)
UNNOTICED = "Users notice nothing of it any more."
Long = Field(min_length=1, max_length=4000, description="In your words")


class Update(Args):
    """What people should know now, and when they hear more."""

    incident: IncidentId = None
    text: Annotated[
        str,
        Field(min_length=1, max_length=4000, description="What people should know now"),
        Arg("text", positional=True, long=True),
    ]
    status: Annotated[
        Literal["investigating", "identified", "fixing", "monitoring", "mitigated"] | None,
        Field(description="Where the work stands"),
        Arg("choice", ("phase",)),
    ] = None
    next: Annotated[
        DurationArg | None, Field(description="When the next update comes"), Arg("duration")
    ] = None


@command(
    "incident update",
    Grant(Role.RESPONDER),
    examples=("/incident update rolling back, half done status:fixing next:30m",),
    words=Words(synonyms=("status", "u")),
)
async def update(ctx: Context, args: Update) -> Reply:
    """Post an update to everybody who follows the incident."""
    incident = await meant(ctx, args.incident)
    return await _tell(ctx, _moved(ctx, incident, args.status), args.text, args.next)


class Mitigate(Args):
    """That users no longer notice it, and when they hear more."""

    incident: IncidentId = None
    text: Annotated[
        str,
        Field(min_length=1, max_length=4000, description="What people should know now"),
        Arg("text", positional=True, long=True),
    ] = UNNOTICED
    next: Annotated[
        DurationArg | None, Field(description="When the next update comes"), Arg("duration")
    ] = None


@command(
    "incident mitigate",
    Grant(Role.RESPONDER),
    examples=("/incident mitigate", "/inc mitigated rolled back to v247 next:1h"),
    words=Words(synonyms=("mitigated", "monitoring")),
)
async def mitigated(ctx: Context, args: Mitigate) -> Reply:
    """Say that users no longer notice it: an update with status:mitigated."""
    incident = await meant(ctx, args.incident)
    return await _tell(ctx, mitigate(incident, ctx.now), args.text, args.next)


async def _tell(ctx: Context, moved: Incident, text: str, every: timedelta | None) -> Reply:
    unit = ctx.unit
    changed = paced(moved, ctx.now, every)
    saved = await unit.incidents.save(changed)
    posted = UpdatePosted(phase=saved.phase, status=saved.status)
    fact = await unit.facts.add(saved.subject, posted, text)
    await unit.incidents.announce(saved, fact)
    due = saved.next_update_at
    told = ("Posted. The next update is due ", moment(due), ".") if due else ("Posted.",)
    return Reply(message=sentence(*told), data={"id": saved.id, "phase": saved.phase})


def _moved(ctx: Context, incident: Incident, word: str | None) -> Incident:
    if word in ("mitigated", "monitoring"):
        return mitigate(incident, ctx.now)
    if word is None:
        return incident
    phase: Phase = next(one for one in PHASES if one == word)
    back = {"status": Status.ACKNOWLEDGED} if incident.status is Status.MITIGATED else {}
    return incident.model_copy(update={"phase": phase, **back})


class ChangeSeverity(Args):
    """How bad it is now."""

    incident: IncidentId = None
    severity: Annotated[
        SeverityArg, Field(description="SEV1 (worst) to SEV5"), Arg("severity", positional=True)
    ]


@command(
    "incident severity",
    Grant(Role.RESPONDER),
    examples=("/incident severity 2", "/inc sev INC-42 1"),
    words=Words(synonyms=("sev", "s")),
)
async def severity(ctx: Context, args: ChangeSeverity) -> Reply:
    """Say how bad it is; SEV1 and SEV2 open a room."""
    unit = ctx.unit
    before = await meant(ctx, args.incident)
    changed = set_severity(before, args.severity, ctx.now).model_copy(update={"proposed": None})
    if before.severity == args.severity:
        return Reply(message=sentence(f"{before.id} is {before.severity} already."))
    saved = await unit.incidents.save(changed)
    fact = SeverityChanged(old=before.severity, new=saved.severity)
    told = await unit.facts.add(saved.subject, fact)
    if before.stage != saved.stage:
        reason = f"severity set to {saved.severity}"
        await unit.facts.add(saved.subject, StageActivated(reason=reason))
    if saved.severity.worse_than(before.severity):
        await unit.incidents.announce(saved, told)
        await _wake(ctx, before, saved)
    else:
        await unit.incidents.relay(saved, told)
    text = f"{saved.id}: {before.severity} → {saved.severity}."
    return Reply(message=sentence(text), data={"id": saved.id, "severity": saved.severity.value})


async def _wake(ctx: Context, before: Incident, after: Incident) -> None:
    """Raised to SEV1–SEV2: page by the policy, or ring who acked something lesser (rules.md 6)."""
    unit, user = ctx.unit, ctx.actor.user
    running = await unit.escalations.running(after.id)
    if not after.severity.major or any(one.state != "paused" for one in running):
        return
    policy = await unit.catalog.policy_or_admins(after.policy)
    raised = f"severity raised from {before.severity} to {after.severity}"
    cause = Cause(text=raised, asked=True)
    if after.status is Status.TRIGGERED:
        # what was held because the alerts had gone quiet is about more than them now
        await unit.escalations.stop(after, raised)
        await unit.escalations.begin(after, policy, cause)
    elif user and user in after.responders:
        await unit.pages.watch(after, user, policy.ack_timeout)
    elif after.responders:
        first = after.responders[0]
        others = await unit.roster.beyond(policy, first, ctx.now)
        await unit.escalations.again(after, first, others, cause)


class Words4000(Args):
    """An incident and words about it."""

    incident: IncidentId = None
    text: Annotated[str, Long, Arg("text", positional=True, long=True)]


@command(
    "incident note",
    Grant(Role.MEMBER),
    examples=("/incident note metastore GC pauses of 40 s",),
    words=Words(synonyms=("n",)),
)
async def note(ctx: Context, args: Words4000) -> Reply:
    """Add a note to the timeline."""
    incident = await meant(ctx, args.incident)
    entry = await ctx.unit.facts.add(incident.subject, NoteAdded(), args.text)
    return Reply(message=sentence(f"Noted on {incident.id}."), data={"entry": entry})


@command(
    "incident impact",
    Grant(Role.RESPONDER),
    examples=("/incident impact 38 % of queries fail",),
)
async def impact(ctx: Context, args: Words4000) -> Reply:
    """Say what users notice; it stands on the card."""
    incident = await meant(ctx, args.incident)
    saved = await ctx.unit.incidents.save(incident.model_copy(update={"impact": args.text}))
    await ctx.unit.facts.add(saved.subject, ImpactDescribed(), args.text)
    return Reply(message=sentence(f"The impact of {saved.id} is on its card."))


class AddAction(Args):
    """Something to do, who does it, until when."""

    incident: IncidentId = None
    text: Annotated[
        str,
        Field(min_length=1, max_length=1000, description="What is to be done"),
        Arg("text", positional=True),
    ]
    owner: Annotated[PersonId | None, Field(description="@bob or me"), Arg("person")] = None
    due: Annotated[WhenArg | None, Field(description="fri, 2w …"), Arg("when", ("until",))] = None


@command(
    "incident action",
    Grant(Role.RESPONDER),
    examples=("/incident action add an alert on GC pauses owner:@bob due:fri",),
    words=Words(synonyms=("task", "a")),
)
async def action(ctx: Context, args: AddAction) -> Reply:
    """Write down follow-up work with an owner and a due date."""
    incident = await meant(ctx, args.incident)
    return await add_action(ctx, incident, args)


async def add_action(ctx: Context, incident: Incident, args: AddAction) -> Reply:
    """Give the work a number and put it on the timeline."""
    unit = ctx.unit
    owner = None
    if args.owner:
        owner = (await unit.people.need(ctx.person if args.owner == "me" else args.owner)).id
    number = await unit.numbers.next("ACT")
    item = ActionItem(
        id=f"ACT-{number}",
        number=number,
        incident=incident.id,
        text=args.text,
        owner=owner,
        due=args.due,
        created_by=ctx.actor.by,
        created_at=ctx.now,
    )
    await unit.action_items.add(item)
    fact = ActionItemAdded(item=item.id, owner=owner or "nobody yet")
    await unit.facts.add(incident.subject, fact, args.text)
    told = f"{item.id} added to {incident.id}" + (f" for {owner}." if owner else ".")
    return Reply(message=sentence(told), data={"id": item.id})


class Link(Args):
    """What else belongs to it."""

    incident: IncidentId = None
    other: Annotated[
        str,
        Field(min_length=1, max_length=500, description="INC-41, ALR-7, DEP-3 or a web address"),
        Arg("word", ("to",), positional=True),
    ]


@command("incident link", Grant(Role.RESPONDER), examples=("/incident link DEP-12",))
async def link(ctx: Context, args: Link) -> Reply:
    """Tie an alert, a deployment, an incident or a page to it."""
    incident = await meant(ctx, args.incident)
    named = LINKED.fullmatch(args.other)
    other = args.other.upper() if named else args.other
    await ctx.unit.facts.add(incident.subject, IncidentLinked(other=other))
    return Reply(message=sentence(f"{other} is linked to {incident.id}."))


class Times(Args):
    """A time that was guessed and is known better now."""

    incident: IncidentId = None
    what: Annotated[Literal["impact", "detected"], Arg("choice", positional=True)]
    at: Annotated[WhenArg, Field(description="2026-11-22T02:06Z"), Arg("when", positional=True)]


@command(
    "incident times",
    Grant(Role.RESPONDER),
    examples=("/incident times impact 2026-11-22T02:06Z",),
)
async def times(ctx: Context, args: Times) -> Reply:
    """Correct when the impact began or when it was detected."""
    incident = await meant(ctx, args.incident)
    if args.at > ctx.now:
        raise Invalid("That is in the future: type when it began.", field="at")
    name = {"impact": "impact_started_at", "detected": "detected_at"}[args.what]
    saved = await ctx.unit.incidents.save(incident.model_copy(update={name: args.at}))
    await ctx.unit.facts.add(saved.subject, TimesCorrected(what=args.what, at=args.at))
    return Reply(message=sentence(f"{saved.id}: {args.what} set to ", moment(args.at), "."))
