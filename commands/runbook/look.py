"""Looking for a runbook: the list, what fits some words, and one with the plan it makes."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.runbook.shelf import everything, named, planned
from domain.actor import Role, Scope
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.message import Message, Table, sentence
from domain.plain import exact, one_line
from domain.runbook import Runbook
from domain.runbook_card import plan_message, runbook_card
from domain.runbook_suggestion import page_of, shelf_index
from storage.views.runbooks import view_of

SHOWN = 25
FOUND = 5
NONE = "There is no runbook that fits. Write one: docs/how-to/write-a-runbook.md"


class OfService(Args):
    """Whose runbooks."""

    service: Annotated[
        str,
        Field(max_length=100, description="Of all when left out"),
        Arg("service", positional=True),
    ] = ""


@command(
    "runbook list",
    Grant(Role.VIEWER, Scope.READ),
    examples=("/runbook list", "/rb list trino"),
    words=Words(synonyms=("ls",)),
)
async def listed(ctx: Context, args: OfService) -> Reply:
    """List the runbooks, of one service or of all."""
    found = (await everything(ctx)).values()
    wanted = [one for one in found if args.service in ("", one.service)]
    return _table(sorted(wanted, key=lambda one: one.id)[:SHOWN])


class Sought(Args):
    """What is wrong, in words."""

    words: Annotated[
        str,
        Field(min_length=2, max_length=500, description="What is wrong"),
        Arg("text", positional=True),
    ]


@command(
    "runbook find",
    Grant(Role.VIEWER, Scope.READ),
    examples=("/runbook find queries fail on the coordinator",),
    words=Words(synonyms=("search",)),
)
async def find(ctx: Context, args: Sought) -> Reply:
    """Find the runbooks that speak of something, the likeliest first."""
    shelf = await everything(ctx)
    found = shelf_index(tuple(map(page_of, shelf.values()))).find(args.words)
    return _table([shelf[one.id] for one in found[:FOUND]])


class Which(Args):
    """A runbook, and what a run of it would be told."""

    runbook: Annotated[
        str, Field(max_length=100, description="Which runbook"), Arg("word", positional=True)
    ]
    given: Annotated[
        str,
        Field(max_length=2000, description="host=db-3: shows what a run would do"),
        Arg("text", positional=True),
    ] = ""


@command(
    "runbook show",
    Grant(Role.VIEWER, Scope.READ),
    examples=(
        "/runbook show trino-coordinator-5xx",
        "/runbook show trino-coordinator-5xx unit=trino",
    ),
    words=Words(synonyms=("info",)),
)
async def show(ctx: Context, args: Which) -> Reply:
    """Show a runbook; with values, exactly what a run with them would do."""
    runbook = await named(ctx, args.runbook)
    if args.given:
        plan = await planned(ctx, runbook, args.given)
        data = plan.model_dump(mode="json") | {"text": plan.text}
        return Reply(message=plan_message(plan), data=data)
    managed_by = (await ctx.unit.catalog.runbooks.present())[runbook.id][1]
    data = view_of(runbook, managed_by).model_dump(mode="json")
    return Reply(message=runbook_card(runbook, managed_by), data=data)


def _table(found: Iterable[Runbook]) -> Reply:
    rows = tuple(
        (one.id, one.service or "–", str(len(one.steps) or "text"), one_line(exact(one.title)))
        for one in found
    )
    if not rows:
        return Reply(message=sentence(NONE), data=[])
    table = Table(head=("runbook", "service", "steps", "about"), rows=rows)
    return Reply(message=Message(nodes=(table,)), data=[row[0] for row in rows])
