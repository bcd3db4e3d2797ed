"""Pages that came together: one answer for all that were shown."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.page.answer import Answer, ack
from domain.actor import Role, Scope
from domain.args import Arg, Args
from domain.bundle import BundleRing
from domain.call import Reply
from domain.command import Grant, command
from domain.errors import NotFound, Stale
from domain.message import sentence
from domain.paging import Page


class AckAll(Args):
    """Which message: its bundle and its number in it; the newest one where none is named."""

    bundle: Annotated[str, Field(description="From the button"), Arg("word", positional=True)] = ""
    number: Annotated[int, Field(description="From the button"), Arg("number", positional=True)] = 0


@command("page ackall", Grant(Role.VIEWER, Scope.PAGE), examples=("/page ackall",))
async def ack_all(ctx: Context, args: AckAll) -> Reply:
    """Answer all pages that one message has shown you, and no other."""
    made = await _message(ctx, args)
    shown = await ctx.unit.pages.named(made.shown)
    await ctx.unit.incidents.hold(*(page.incident for page in shown))
    ringing, ended = await _parted(ctx, made)
    if not ringing:
        raise Stale("Nothing of that list waits for you any more: there is nothing to do.")
    for page in ringing:
        await ack.handler(ctx, Answer(page=page.id))
    named = [page.incident for page in ringing]
    told = f" Ended by others before: {', '.join(ended)}." if ended else ""
    text = f"{', '.join(named)} answered, {ctx.actor.name}. Escalation stopped.{told}"
    return Reply(message=sentence(text), data={"incidents": named, "ended": ended})


async def _message(ctx: Context, args: AckAll) -> BundleRing:
    """The message as it was made; of somebody else's there is none."""
    bundles = ctx.unit.bundles
    if not args.bundle:
        found = await bundles.newest(ctx.person)
    else:
        bundle = await bundles.look(args.bundle)
        mine = bundle is not None and bundle.user == ctx.person
        found = await bundles.made(args.bundle, args.number) if mine else None
    if found is None:
        raise NotFound("No list of pages was sent to you: type /oncall me.", field="bundle")
    return found


async def _parted(ctx: Context, made: BundleRing) -> tuple[list[Page], list[str]]:
    """Those shown in it that still ring, of incidents that are open; and what others ended.

    Read once the incidents are held: what was taken or resolved just now is seen to be.
    """
    found = await ctx.unit.pages.named(made.shown)
    about = await ctx.unit.incidents.named(page.incident for page in found)
    ringing = [page for page in found if page.state == "sent" and about[page.incident].open]
    mine = (*ringing, *(page for page in found if page.ended_by == ctx.person))
    return ringing, [page.incident for page in found if page not in mine]
