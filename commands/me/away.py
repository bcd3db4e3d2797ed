"""Saying when one is away, and who could stand in for what that leaves open."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from domain.absence import LONGEST, Absence, Conflict, conflicts
from domain.actor import Role
from domain.args import Arg, Args, UntilArg, WhenArg
from domain.buttons import button
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import Invalid, NotFound
from domain.message import (
    Actions,
    Button,
    Header,
    Message,
    Node,
    Text,
    bold,
    moment,
    sentence,
    spans,
)

MOST_SHOWN = 10


class Away(Args):
    """From when to when; ``uid`` is the event of a calendar that it comes from."""

    starts: Annotated[
        WhenArg | None,
        Field(description="fri 18:00; what is known when left out"),
        Arg("when", ("from",), positional=True),
    ] = None
    ends: Annotated[
        UntilArg | None,
        Field(description="mon 09:00"),
        Arg("when", ("to", "until"), positional=True),
    ] = None
    uid: Annotated[str, Field(max_length=300), Arg("word", asked=False)] = ""


@command(
    "me away",
    Grant(Role.RESPONDER),
    examples=("/me away", '/me away "fri 18:00" "mon 09:00"'),
    words=Words(synonyms=("pto", "vacation", "ooo")),
)
async def away(ctx: Context, args: Away) -> Reply:
    """Say when you are away, and ask somebody to stand in for your time on call."""
    if args.starts is None:
        return await _known(ctx)
    absence = await ctx.unit.absences.keep(_absence(ctx, args))
    schedules = await ctx.unit.catalog.schedules.everything()
    others = await ctx.unit.absences.between(absence.starts, absence.ends)
    found = conflicts(absence, schedules, others)
    told = Text(
        spans=spans(
            f"{absence.id}: you are away from ",
            moment(absence.starts),
            " to ",
            moment(absence.ends),
            ".",
        )
    )
    nodes: tuple[Node, ...] = (told, *await _open(ctx, found[:MOST_SHOWN]))
    data = absence.model_dump(mode="json") | {
        "conflicts": [one.model_dump(mode="json") for one in found]
    }
    return Reply(message=Message(nodes=nodes), data=data)


def _absence(ctx: Context, args: Away) -> Absence:
    if args.starts is None or args.ends is None:
        raise Invalid("Until when? Type /me away with a start and an end.", field="ends")
    if args.ends <= max(args.starts, ctx.now) or args.ends - args.starts > LONGEST:
        raise Invalid(
            "An absence ends after it begins, in the future, within 400 days: type its end.",
            field="ends",
        )
    return Absence(id="", user=ctx.person, starts=args.starts, ends=args.ends, uid=args.uid)


async def _known(ctx: Context) -> Reply:
    found = await ctx.unit.absences.of(ctx.person)
    if not found:
        text = 'Nobody knows of a time when you are away: /me away "fri 18:00" "mon 09:00" tells.'
        return Reply(message=sentence(text), data=[])
    lines = (
        Text(spans=spans(bold(one.id), " ", moment(one.starts), " to ", moment(one.ends)))
        for one in found[:MOST_SHOWN]
    )
    back = tuple(button("me back", one.id, f"Not {one.id}") for one in found[:5])
    nodes: tuple[Node, ...] = (Header(text="You are away"), *lines, Actions(buttons=back))
    return Reply(message=Message(nodes=nodes), data=[one.model_dump(mode="json") for one in found])


async def _open(ctx: Context, found: tuple[Conflict, ...]) -> list[Node]:
    """Each time on call that nobody has yet, with whom to ask."""
    names = {one.id: one.name for one in await ctx.unit.people.everybody()}
    nodes: list[Node] = []
    for one in found:
        nodes.append(
            Text(
                spans=spans(
                    "⚠ You are on call for ",
                    bold(one.schedule),
                    " from ",
                    moment(one.starts),
                    " to ",
                    moment(one.ends),
                    ".",
                )
            )
        )
        asked = [await _ask(ctx, one, user, names[user]) for user in one.stand_ins[:3]]
        everybody = await _ask(ctx, one, "", "everybody on it")
        nodes.append(Actions(buttons=(*asked, everybody)))
    return nodes


async def _ask(ctx: Context, one: Conflict, user: str, name: str) -> Button:
    given = {
        "starts": one.starts.isoformat(),
        "ends": one.ends.isoformat(),
        "schedule": one.schedule,
        "why": "away",
    }
    made = await ctx.unit.calls.store(
        "oncall swap", given | ({"person": f"@{user}"} if user else {})
    )
    return Button(id=made, label=f"Ask {name}"[:75])


class Which(Args):
    """An absence."""

    absence: Annotated[
        str, Field(max_length=20, description="Like AWY-3"), Arg("word", positional=True)
    ]


@command("me back", Grant(Role.RESPONDER), examples=("/me back AWY-3",))
async def back(ctx: Context, args: Which) -> Reply:
    """Say that you are there after all; what others took over stays theirs."""
    wanted = args.absence.upper()
    mine = await ctx.unit.absences.of(ctx.person)
    found = next((one for one in mine if one.id == wanted), None)
    if found is None:
        raise NotFound(f"{args.absence} is no time when you are away: see /me away.")
    await ctx.unit.absences.cancel(found)
    told = spans("You are there from ", moment(found.starts), " to ", moment(found.ends), ".")
    return Reply(message=Message(nodes=(Text(spans=told),)), data={"id": found.id})
