"""Which commands wait for an approval: set, listed and removed by admins."""

import re
from typing import Annotated, Literal

from pydantic import Field

from commands.context import Context
from domain.actor import Role, Scope
from domain.args import Arg, Args, DurationArg, Nothing
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import Invalid, NotAllowed, NotFound
from domain.guard import (
    TEN_MINUTES,
    Approver,
    Guard,
    GuardRemoved,
    GuardSet,
    check,
    described,
    named,
    parse_approver,
    parse_conditions,
)
from domain.message import Message, Table, sentence

HOW = "name approvers as @alice, team:web or role:responder"
SLUG = re.compile(r"[^a-z0-9]+")
ADMIN = Grant(Role.ADMIN, Scope.ADMIN)


class Terms(Args):
    """Which calls wait, for whom, for how many, and how long."""

    command: Annotated[
        str,
        Field(min_length=3, max_length=60, description='"rollback start" or "incident *"'),
        Arg("word", positional=True),
    ]
    by: Annotated[
        str,
        Field(max_length=300, description="@alice, team:web, role:commander; by commas"),
        Arg("word", ("approvers",)),
    ] = ""
    when: Annotated[
        str, Field(max_length=300, description="environment=prod; by commas"), Arg("word")
    ] = ""
    needs: Annotated[int, Field(ge=1, le=5, description="How many"), Arg("number")] = 1
    danger: Annotated[
        Literal["reversible", "disruptive", "destructive"],
        Field(description="What it may do"),
        Arg("choice", ("class",)),
    ] = "disruptive"
    expires: Annotated[DurationArg, Field(description="10m"), Arg("duration", ("for",))] = (
        TEN_MINUTES
    )


@command(
    "approval guard",
    ADMIN,
    examples=('/approval guard "rollback start" when:environment=prod by:role:responder',),
    danger="confirm",
)
async def guard(ctx: Context, args: Terms) -> Reply:
    """Let a command wait until somebody else has approved it."""
    made = _guard(args)
    check(made, ctx.registry)
    await _need_ours(ctx, made.id)
    for approver in made.approvers:
        await _need_known(ctx, approver)
    await ctx.unit.guards.put(made)
    who = named(made.approvers)
    fact = GuardSet(guard=made.id, command=described(made), needs=made.needs, approvers=who)
    await ctx.unit.facts.add(f"guard:{made.id}", fact)
    text = f"{described(made)} waits for {made.needs} of {who} from now on ({made.id})."
    if not made.approvers:
        text = f"{described(made)} is refused from now on: no approver is named ({made.id})."
    return Reply(message=sentence(text), data=made.model_dump(mode="json"))


def _guard(args: Terms) -> Guard:
    when = parse_conditions(args.when)
    words = (args.command, *(f"{name}-{value}" for name, value in sorted(when.items())))
    approvers = tuple(parse_approver(one) for one in args.by.split(",") if one.strip())
    try:
        return Guard(
            id=SLUG.sub("-", " ".join(words).lower()).strip("-"),
            command=args.command.strip().removeprefix("/").lower(),
            when=when,
            approvers=approvers,
            needs=args.needs,
            danger=args.danger,
            expires=args.expires,
        )
    except ValueError:
        raise Invalid("An approval can wait for 1m to 24h.", field="expires") from None


async def _need_ours(ctx: Context, key: str) -> Guard | None:
    found = await ctx.unit.guards.get(key)
    if found and found.managed_by:
        raise NotAllowed(f"{key} comes from {found.managed_by}: change it there.")
    return found


async def _need_known(ctx: Context, approver: Approver) -> None:
    """A name that nobody has would lock the command for good."""
    if approver.kind == "team" and await ctx.unit.catalog.teams.get(approver.id) is None:
        raise NotFound(f"There is no team {approver.id}: {HOW}.", field="by")
    if approver.kind == "person":
        person = await ctx.unit.people.get(approver.id)
        if person is None or not person.active:
            raise NotFound(f"Nobody is called {approver.id}: {HOW}.", field="by")


@command("approval guards", Grant(Role.VIEWER, Scope.READ), examples=("/approval guards",))
async def guards(ctx: Context, args: Nothing) -> Reply:  # noqa: ARG001 - a command's signature
    """List which commands wait for whose approval."""
    found = await ctx.unit.guards.everything()
    if not found:
        return Reply(message=sentence("No command waits for an approval."), data=[])
    rows = tuple(
        (one.id, described(one), f"{one.needs} of {named(one.approvers)}", one.danger)
        for one in found
    )
    table = Table(head=("guard", "command", "needs", "danger"), rows=rows)
    data = [one.model_dump(mode="json") for one in found]
    return Reply(message=Message(nodes=(table,)), data=data)


class Which(Args):
    """A guard."""

    guard: Annotated[
        str,
        Field(max_length=200, description="rollback-start-environment-prod"),
        Arg("word", positional=True),
    ]


@command(
    "approval unguard",
    ADMIN,
    examples=("/approval unguard rollback-start-environment-prod",),
    words=Words(synonyms=("rm-guard",)),
    danger="confirm",
)
async def unguard(ctx: Context, args: Which) -> Reply:
    """Let a command go without approval again."""
    found = await _need_ours(ctx, args.guard)
    if found is None:
        raise NotFound(f"There is no guard {args.guard}: see /approval guards.", field="guard")
    await ctx.unit.guards.remove(found.id)
    await ctx.unit.facts.add(f"guard:{found.id}", GuardRemoved(guard=found.id))
    text = f"{described(found)} needs no approval any more."
    return Reply(message=sentence(text), data={"id": found.id})
