"""Taking over a runbook that stands elsewhere: a page becomes a checklist for people."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from domain.actor import Role
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.egress import web_hook
from domain.errors import Invalid
from domain.message import sentence
from domain.ports import Place
from domain.runbook_jobs import FetchRunbook, RunbookSought
from domain.runbook_suggestion import urls_of

NO_ADDRESS = "Name an address, like /runbook import https://example.com/runbooks/disk-full.md"
UNNAMED = "No alert of {incident} names a runbook: type /runbook import and its address."

PRIVATE = (
    "{incident} is private and a runbook is not: type /runbook import and the address, if everybody"
    " may know it."
)


class From(Args):
    """Where it stands."""

    url: Annotated[
        str,
        Field(max_length=2000, description="Those that the incident's alerts name when left out"),
        Arg("word", positional=True),
    ] = ""
    service: Annotated[
        str | None, Field(max_length=100, description="Whose runbook it is"), Arg("service")
    ] = None


@command(
    "runbook import",
    Grant(Role.RESPONDER, outside=True),
    examples=("/runbook import https://example.com/runbooks/disk-full.md service:minio",),
    words=Words(synonyms=("fetch",)),
)
async def taken_over(ctx: Context, args: From) -> Reply:
    """Take over a page as a checklist for people; nothing of it can be carried out."""
    urls = [args.url] if args.url else await _named(ctx)
    for url in urls:
        try:
            address = web_hook(url)
        except ValueError as wrong:
            raise Invalid(NO_ADDRESS, field="url") from wrong
        job = FetchRunbook(url=address, service=args.service, user=ctx.person, place=_place(ctx))
        await ctx.unit.jobs.add(job, key=f"~fetch:{address}")
        await ctx.unit.facts.add("runbook:import", RunbookSought(source=address))
    text = f"I read {' and '.join(urls)} and tell you here what came of it."
    return Reply(message=sentence(text), data=urls)


async def _named(ctx: Context) -> list[str]:
    """The pages that the alerts of the room's incident name. Raises `Invalid`."""
    name = ctx.call.origin.incident
    if name is None:
        raise Invalid(NO_ADDRESS, field="url")
    incident = await ctx.unit.incidents.readable(name, ctx.actor.user)
    if incident.private:
        raise Invalid(PRIVATE.format(incident=incident.id), field="url")
    alerts = await ctx.unit.alerts.of(incident.id)
    if urls := urls_of(one.annotations for one in alerts):
        return list(urls[:5])
    raise Invalid(UNNAMED.format(incident=incident.id), field="url")


def _place(ctx: Context) -> Place | None:
    origin = ctx.call.origin
    if origin.room is None or origin.direct or origin.surface in ("api", "cli", "web", "job"):
        return None
    return Place(platform=origin.surface, room=origin.room, thread=origin.thread)
