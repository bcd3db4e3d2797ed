"""Safe mode: one person stops everything that acts outside, another lets it go on."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from domain.actor import Role, Scope
from domain.args import Arg, Args, Nothing
from domain.call import Reply
from domain.command import Grant, command
from domain.errors import NotAllowed, Stale
from domain.message import sentence
from domain.safe_mode import SafeMode, not_twice, safe_mode_card

IN_CHARGE = Grant(Role.COMMANDER, Scope.ADMIN, admins=True)
TOLD = "Safe mode is on, and everybody is told. Somebody else can end it: /safe-mode off."
OFF = "Safe mode is off: everything goes on. Turn it on with /safe-mode on why:…"


class Why(Args):
    """Why everything has to stop."""

    why: Annotated[
        str,
        Field(min_length=3, max_length=200, description="Why nothing outside may be changed"),
        Arg("text", positional=True),
    ]


@command(
    "safe-mode on",
    IN_CHARGE,
    examples=("/safe-mode on why:the network is being moved", "/sm on a model misbehaves"),
)
async def turn_on(ctx: Context, args: Why) -> Reply:
    """Stop rollbacks and questions to models; pages, acks and notes go on."""
    unit = ctx.unit
    await unit.exclusively("safe_mode")
    if mode := await unit.safe_mode.current():
        raise Stale(f"{mode.line.rstrip('.')}. See /safe-mode show.")
    mode = SafeMode(by=ctx.person, name=ctx.actor.name, since=ctx.now, why=args.why)
    await unit.safe_mode.begin(mode)
    return Reply(message=sentence(TOLD), data=_data(mode))


@command("safe-mode off", IN_CHARGE, examples=("/safe-mode off",), danger="confirm")
async def turn_off(ctx: Context, args: Nothing) -> Reply:  # noqa: ARG001 - a command's signature
    """Let everything go on again; not for whoever turned safe mode on."""
    unit = ctx.unit
    await unit.exclusively("safe_mode")
    mode = await unit.safe_mode.current()
    if mode is None:
        raise Stale("Safe mode is off already: see /safe-mode show.")
    if mode.by == ctx.person:
        raise NotAllowed(not_twice(mode))
    if not ctx.actor.proven:
        raise NotAllowed("Show that this account is yours first: type /me link.")
    await unit.safe_mode.end(mode, ctx.actor.name)
    return Reply(message=sentence("Safe mode is off. Everything goes on."), data=_data(None))


@command("safe-mode show", Grant(Role.VIEWER, Scope.READ), examples=("/safe-mode", "/sm show"))
async def show(ctx: Context, args: Nothing) -> Reply:  # noqa: ARG001 - a command's signature
    """Say whether safe mode is on, since when, by whom and why."""
    mode = await ctx.unit.safe_mode.current()
    return Reply(message=safe_mode_card(mode) if mode else sentence(OFF), data=_data(mode))


def _data(mode: SafeMode | None) -> dict[str, object]:
    return {"on": mode is not None} | (mode.model_dump(mode="json") if mode else {})
