"""Freezes: saying that nothing goes out, and letting it go on."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from domain.actor import Role, Scope
from domain.args import Arg, Args, Nothing, UntilArg
from domain.buttons import button
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import Invalid, NotFound
from domain.freeze import Freeze
from domain.incident_facts import ActionItemAdded
from domain.message import Actions, Message, Node, Text, bold, moment, sentence, spans
from domain.service import Catalogue
from storage.postmortems import ActionItem

NOTHING = "Nothing is frozen: deploy as you like. Freeze with /deploy freeze prod why:…"
NOBODY_YET = "nobody yet"


class Begin(Args):
    """Where, of what, until when, and why."""

    environment: Annotated[
        str,
        Field(min_length=1, max_length=50, description="prod"),
        Arg("word", ("env",), positional=True),
    ]
    service: Annotated[
        str, Field(max_length=100, description="Everything when left out"), Arg("service")
    ] = ""
    until: Annotated[
        UntilArg | None,
        Field(description="mon 09:00; until somebody ends it when left out"),
        Arg("when", ("to",)),
    ] = None
    why: Annotated[
        str,
        Field(min_length=3, max_length=200, description="Why nothing may go out"),
        Arg("text", positional=True),
    ]


class End(Args):
    """Which freeze, and why it need not hold any more."""

    freeze: Annotated[
        str,
        Field(min_length=1, max_length=30, description="FRZ-2, or the incident's id"),
        Arg("word", positional=True),
    ]
    why: Annotated[
        str,
        Field(min_length=3, max_length=200, description="Why it need not hold"),
        Arg("text", positional=True),
    ]


@command(
    "deploy freeze",
    Grant(Role.RESPONDER),
    examples=(
        "/deploy freeze prod why:quarter end until:mon 09:00",
        "/deploy freeze prod service:trino why:the catalogue is being moved",
    ),
)
async def freeze(ctx: Context, args: Begin) -> Reply:
    """Say that nothing is to be deployed there; CI that asks the gate is told."""
    service = await _service(ctx, args.service)
    if args.until and args.until <= ctx.now:
        raise Invalid("That time is over already: type one to come.", field="until")
    wanted = Freeze(
        id="",
        environment=args.environment,
        service=service,
        by=ctx.person,
        why=args.why,
        starts_at=ctx.now,
        ends_at=args.until,
    )
    made = await ctx.unit.freezes.begin(wanted)
    message = Message(nodes=(*sentence(f"{made.what} is frozen ({made.id}).").nodes, _thaw(made)))
    return Reply(message=message, data=made.model_dump(mode="json"))


@command(
    "deploy thaw",
    Grant(Role.RESPONDER),
    examples=("/deploy thaw FRZ-2 the catalogue has moved", "/deploy thaw INC-42 this is the fix"),
    words=Words(synonyms=("unfreeze",)),
)
async def thaw(ctx: Context, args: End) -> Reply:
    """End a freeze before its time, with a reason; one of an incident is reviewed afterwards."""
    ended = await ctx.unit.freezes.end(args.freeze.upper(), args.why)
    if ended.incident:
        await _follow_up(ctx, ended)
    text = f"{ended.what} is not frozen any more ({ended.id})."
    return Reply(message=sentence(text), data=ended.model_dump(mode="json"))


@command("deploy freezes", Grant(Role.VIEWER, Scope.READ), examples=("/deploy freezes",))
async def freezes(ctx: Context, args: Nothing) -> Reply:  # noqa: ARG001 - a command's signature
    """Say what is frozen now, and why."""
    found = await ctx.unit.freezes.standing()
    nodes = [node for one in found for node in _told(one)]
    message = Message(nodes=tuple(nodes)) if nodes else sentence(NOTHING)
    return Reply(message=message, data=[one.model_dump(mode="json") for one in found])


async def _service(ctx: Context, name: str) -> str:
    """The id of the service that is meant; empty for all."""
    if not name:
        ctx.about(None)
        return ""
    found = Catalogue(await ctx.unit.catalog.services.where()).named(name)
    if found is None:
        raise NotFound(f"There is no service {name}: see /deploy list.", field="service")
    ctx.about(found.team)
    return found.id


async def _follow_up(ctx: Context, ended: Freeze) -> None:
    """Whoever went past the safeguard of an incident is asked about it in its postmortem."""
    number = await ctx.unit.numbers.next("ACT")
    item = ActionItem(
        id=f"ACT-{number}",
        number=number,
        incident=str(ended.incident),
        text=f"Review why the freeze of {ended.what} was ended during {ended.incident}.",
        created_by=ctx.actor.by,
        created_at=ctx.now,
    )
    await ctx.unit.action_items.add(item)
    fact = ActionItemAdded(item=item.id, owner=NOBODY_YET)
    await ctx.unit.facts.add(ended.subject, fact, item.text)


def _told(one: Freeze) -> tuple[Node, ...]:
    until = spans(" until ", moment(one.ends_at)) if one.ends_at else ()
    line = (*spans(bold(one.what)), *spans(" is frozen"), *until, *spans(f": {one.why} ({one.id})"))
    return (Text(spans=line), _thaw(one))


def _thaw(one: Freeze) -> Actions:
    return Actions(buttons=(button("deploy thaw", one.id, "End it…"),))
