"""Talking about an incident: in its room from elsewhere, and in its call."""

from typing import Annotated, Literal

from pydantic import Field

from commands.context import Context
from commands.incident.target import meant
from domain.actor import Role
from domain.args import Arg, Args, IncidentId
from domain.call import Origin, Reply
from domain.command import Grant, command
from domain.errors import Invalid, NotFound, Stale
from domain.incident import Incident, call_address
from domain.incident_facts import CallSet, RoomsBridged, RoomTold
from domain.message import link, sentence
from domain.plain import web_address


class Said(Args):
    """Words for the people in the incident's room."""

    incident: IncidentId = None
    text: Annotated[
        str,
        Field(min_length=1, max_length=4000, description="What they should read"),
        Arg("text", positional=True, long=True),
    ]


@command(
    "incident say",
    Grant(Role.MEMBER),
    examples=("/incident say INC-42 the metastore was restarted at 02:00",),
)
async def say(ctx: Context, args: Said) -> Reply:
    """Say something in the incident's room, with your name and where you are."""
    incident = await meant(ctx, args.incident)
    if incident.home is None and incident.private:
        raise NotFound(f"{incident.id} has no room yet: take the lead with /incident lead.")
    origin = ctx.call.origin
    beside = _is_beside(origin, incident)
    overheard = origin.public and origin.incident == incident.id and not beside
    told = RoomTold(surface=origin.surface, overheard=overheard)
    fact = await ctx.unit.facts.add(incident.subject, told, args.text)
    await ctx.unit.incidents.announce(incident, fact)
    return Reply(message=sentence(f"Said in the room of {incident.id}."), data={"id": incident.id})


def _is_beside(origin: Origin, incident: Incident) -> bool:
    """Whether it was said on the home room's platform, yet not in that room."""
    home = incident.home
    return home is not None and home.platform == origin.surface and home.room != origin.room


class Bridge(Args):
    """Whether everything that is said is relayed."""

    incident: IncidentId = None
    to: Annotated[
        Literal["on", "off"], Field(description="on or off"), Arg("choice", positional=True)
    ] = "on"


@command(
    "incident bridge",
    Grant(Role.RESPONDER),
    examples=("/incident bridge", "/incident bridge INC-42 off"),
)
async def bridge(ctx: Context, args: Bridge) -> Reply:
    """Relay everything that is said in one of the incident's rooms to the others."""
    incident = await meant(ctx, args.incident)
    on = args.to == "on"
    saved = await ctx.unit.incidents.save(incident.model_copy(update={"bridged": on}))
    await ctx.unit.facts.add(saved.subject, RoomsBridged(to=args.to))
    told = "What is said in any of its rooms is read in all." if on else "Each room is by itself."
    return Reply(message=sentence(f"{saved.id}: {told}"), data={"id": saved.id, "bridged": on})


class CallAt(Args):
    """The address of the incident's call."""

    incident: IncidentId = None
    url: Annotated[
        str,
        Field(max_length=500, description="https://meet.example.com/42"),
        Arg("word", positional=True),
    ] = ""


@command(
    "incident call",
    Grant(Role.RESPONDER),
    examples=("/incident call", "/incident call INC-42 https://meet.example.com/42"),
)
async def call(ctx: Context, args: CallAt) -> Reply:
    """Show the call people meet in, or set it."""
    incident = await meant(ctx, args.incident)
    if incident.private:
        raise Stale(f"{incident.id} is private: its call stands nowhere. Invite people directly.")
    address = _address(ctx, incident, args.url)
    if address != incident.call_url:
        saved = await ctx.unit.incidents.save(incident.model_copy(update={"call_url": address}))
        await ctx.unit.facts.add(saved.subject, CallSet(), address)
    return Reply(message=sentence("Meet in ", link(address, address), "."), data={"url": address})


def _address(ctx: Context, incident: Incident, given: str) -> str:
    made = call_address(ctx.unit.installation.call_template, incident)
    found = given or incident.call_url or made
    if not found:
        raise Invalid("Type the call's address: /incident call https://…", field="url")
    address = web_address(found)
    if address is None or address.startswith("/"):
        raise Invalid("Type an address that begins with https://.", field="url")
    return address
