"""Shifts in one's own calendar program, by a secret address."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from commands.oncall.named import schedule_meant
from domain.actor import Role
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.message import Context as Remark
from domain.message import Message, Text, code, sentence, spans

PATH = "/ical"


class Subscription(Args):
    """Of which schedule; your own shifts when left out."""

    target: Annotated[
        str,
        Field(max_length=100, description="A schedule; your own shifts when left out"),
        Arg("target", positional=True),
    ] = ""
    revoke: Annotated[
        bool, Field(description="End every address you have made"), Arg("flag", bare=True)
    ] = False


@command(
    "oncall ical",
    Grant(Role.VIEWER),
    examples=("/oncall ical", "/oncall ical data-platform", "/oncall ical revoke"),
    words=Words(synonyms=("ics", "subscribe")),
)
async def ical(ctx: Context, args: Subscription) -> Reply:
    """Give an address that your calendar program can subscribe to, or end those you have."""
    if args.revoke:
        count = await ctx.unit.feeds.revoke(ctx.person)
        told = "You have no calendar address." if not count else f"{count} addresses are revoked."
        return Reply(message=sentence(told), data={"revoked": count})
    schedule = await schedule_meant(ctx, args.target) if args.target else None
    secret = await ctx.unit.feeds.share(ctx.person, schedule.id if schedule else None)
    url = f"{ctx.unit.installation.public_url}{PATH}/{secret}.ics"
    whose = f"{schedule.name}'s shifts" if schedule else "Your shifts"
    first = spans(f"{whose} as a calendar: subscribe to ", code(url))
    rest = (
        "Whoever has this address can read it without signing in. It is shown once; "
        "/oncall ical revoke ends all of yours."
    )
    nodes = (Text(spans=first), Remark(spans=spans(rest)))
    return Reply(message=Message(nodes=nodes), data={"url": url}, secret=True)
