"""Taking an incident: acknowledge it, lead it, hand it on."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.incident.target import meant
from domain.actor import Role, Scope
from domain.args import Arg, Args, IncidentId, PersonId
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import Invalid
from domain.incident import ROLES, Incident, acknowledge, activate, assign
from domain.incident_facts import IncidentAcknowledged, MemberAdded, RoleAssigned, StageActivated
from domain.incident_jobs import OpenRoom
from domain.message import sentence

DUTIES = {
    "commander": "You decide, you do not debug. Post an update before each due time.",
    "deputy": "Keep the commander's back free and take over when asked.",
    "scribe": "Write down what is decided: /incident note …",
    "comms": "Tell people outside what they need to know, at the promised times.",
    "liaison": "Be the one voice towards the people affected.",
    "ops": "Make the changes, one at a time, and say each before you make it.",
}


class About(Args):
    """An incident, or the room's own."""

    incident: IncidentId = None


@command(
    "incident ack",
    Grant(Role.RESPONDER, Scope.PAGE),
    examples=("/incident ack", "/inc ack INC-42"),
    words=Words(synonyms=("acknowledge", "k")),
)
async def ack(ctx: Context, args: About) -> Reply:
    """Take the incident; escalation stops."""
    incident = await meant(ctx, args.incident)
    return await take(ctx, incident)


async def take(ctx: Context, incident: Incident) -> Reply:
    """Acknowledge for the person who asks; everything that still rings for it stops."""
    unit, user = ctx.unit, ctx.person
    pages = await unit.pages.ringing(incident.id)
    paged = any(page.user == user for page in pages)
    taken = incident.open and incident.status != "triggered"
    if taken and not paged and user in incident.responders:
        return Reply(message=sentence(f"{incident.id} is acknowledged already; you are on it."))
    saved = await unit.incidents.save(acknowledge(incident, user, ctx.now))
    await unit.incidents.join(saved, user)
    await unit.escalations.stop(saved, f"acknowledged by {ctx.actor.name}")
    for page in pages:
        if page.user == user:
            await unit.pages.end(page, "acked", user)
        elif page.escalation or page.urgency == "low":
            await unit.pages.end(page, "expired", user)
    await unit.facts.add(saved.subject, IncidentAcknowledged(was_paged=paged))
    if saved.severity.major:
        await unit.pages.watch(saved, user, await unit.catalog.ack_timeout(saved.policy))
    told = "" if paged else " You were not paged; you are a responder now."
    text = f"{saved.id} is yours, {ctx.actor.name}. Escalation stopped.{told}"
    return Reply(message=sentence(text), data={"id": saved.id, "status": saved.status.value})


class Lead(Args):
    """Who leads; ``room`` opens a room whatever the severity."""

    incident: IncidentId = None
    person: Annotated[PersonId, Field(description="@bob or me"), Arg("person", positional=True)] = (
        "me"
    )
    room: Annotated[
        bool, Field(description="Open a room"), Arg("flag", positional=True, bare=True)
    ] = False


@command(
    "incident lead",
    Grant(Role.RESPONDER),
    examples=("/incident lead me", "/inc lead @carol"),
)
async def lead(ctx: Context, args: Lead) -> Reply:
    """Take or give the lead; the incident becomes active."""
    incident = await meant(ctx, args.incident)
    return await give_role(ctx, incident, ("commander", args.person), room=args.room)


class GiveRole(Args):
    """A role and who takes it."""

    incident: IncidentId = None
    role: Annotated[
        str, Field(description="commander, deputy, scribe …"), Arg("word", positional=True)
    ]
    person: Annotated[PersonId, Field(description="@bob or me"), Arg("person", positional=True)] = (
        "me"
    )


@command(
    "incident role",
    Grant(Role.RESPONDER),
    examples=("/incident role ic me", "/inc role scribe @carol"),
    words=Words(synonyms=("ro", "roles", "assign")),
)
async def role(ctx: Context, args: GiveRole) -> Reply:
    """Give somebody a role."""
    incident = await meant(ctx, args.incident)
    wanted = {"ic": "commander", "lead": "commander"}.get(args.role.lower(), args.role.lower())
    if wanted not in ROLES:
        known = ", ".join(ROLES)
        raise Invalid(f"There is no role {args.role}: type one of {known}.", field="role")
    return await give_role(ctx, incident, (wanted, args.person), room=False)


async def give_role(
    ctx: Context, incident: Incident, assigned: tuple[str, str], *, room: bool
) -> Reply:
    """Assign; the lead makes a triage incident active (rules.md 5)."""
    unit = ctx.unit
    wanted, who = assigned
    person = await unit.people.need(ctx.person if who == "me" else who)
    changed = assign(incident, wanted, person.id)
    if wanted == "commander" and incident.stage == "triage":
        changed = activate(changed, ctx.now)
        reason = f"{person.name} leads it"
        await unit.facts.add(incident.subject, StageActivated(reason=reason))
    saved = await unit.incidents.save(changed)
    await unit.incidents.join(saved, person.id)
    fact = await unit.facts.add(saved.subject, RoleAssigned(role=wanted, person=person.id))
    if incident.roles.get(wanted) != person.id:
        await unit.incidents.relay(saved, fact)
    if room and not saved.home_room:
        await unit.jobs.add(OpenRoom(incident=saved.id), key=f"room:{saved.id}")
    text = f"{person.name} is {wanted} of {saved.id}. {DUTIES[wanted]}"
    return Reply(message=sentence(text), data={"id": saved.id, "role": wanted, "person": person.id})


class Invite(Args):
    """Whom to let in."""

    incident: IncidentId = None
    person: Annotated[PersonId, Field(description="@bob"), Arg("person", positional=True)]
    why: Annotated[
        str, Field(max_length=200, description="Why; its members see it"), Arg("text")
    ] = ""


@command(
    "incident invite",
    Grant(Role.RESPONDER),
    examples=("/incident invite @carol",),
)
async def invite(ctx: Context, args: Invite) -> Reply:
    """Let somebody read and work on a private incident."""
    incident = await meant(ctx, args.incident)
    person = await ctx.unit.people.need(args.person)
    await ctx.unit.incidents.join(incident, person.id)
    await ctx.unit.facts.add(incident.subject, MemberAdded(person=person.id), args.why or None)
    return Reply(message=sentence(f"{person.name} can read {incident.id} now."))


class Join(Args):
    """Which incident, and why an admin must read it."""

    incident: IncidentId
    why: Annotated[
        str,
        Field(min_length=5, max_length=200, description="Why; its members read it"),
        Arg("text", positional=True),
    ]


@command(
    "incident join",
    Grant(Role.ADMIN, Scope.ADMIN),
    examples=("/incident join INC-43 asked by the data protection officer",),
)
async def join(ctx: Context, args: Join) -> Reply:
    """Join a private incident as an admin; its members see that and why."""
    incident = await ctx.unit.incidents.need(args.incident or "")
    await ctx.unit.incidents.join(incident, ctx.person)
    fact = await ctx.unit.facts.add(incident.subject, MemberAdded(person=ctx.person), args.why)
    await ctx.unit.incidents.announce(incident, fact)
    return Reply(message=sentence(f"You can read {incident.id} now. Its members were told why."))
