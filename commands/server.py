"""Servers: which there are, what is known of one, and whether it can be reached."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from domain.actor import Role, Scope
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import Refused
from domain.message import FieldPair, Fields, Header, Message, Table, sentence, spans
from domain.ports import Place
from domain.server import fingerprint
from domain.server_jobs import ServerTried, TestServer

SHOWN = 50
MOST_FIELDS = 10
NONE = "No server fits. Write them in a file under servers: and apply it: tocsin apply."
OFF = "Servers of {team} are not reached yet: an admin names the team in execution.teams first."


class OfGroup(Args):
    """Which servers."""

    group: Annotated[
        str,
        Field(max_length=100, description="A group or an environment; all when left out"),
        Arg("word", positional=True),
    ] = ""


class Which(Args):
    """A server."""

    server: Annotated[
        str, Field(max_length=100, description="Which server"), Arg("word", positional=True)
    ]


@command(
    "server list",
    Grant(Role.VIEWER, Scope.READ),
    examples=("/server list", "/server list web"),
    words=Words(synonyms=("ls",)),
)
async def listed(ctx: Context, args: OfGroup) -> Reply:
    """List the servers that steps of runbooks can run on."""
    everything = await ctx.unit.catalog.servers.where()
    found = [one for one in everything if args.group in ("", one.environment, *one.groups)]
    if not found:
        return Reply(message=sentence(NONE), data=[])
    rows = tuple(
        (one.id, one.environment, ", ".join(one.groups) or "–", one.team or "–")
        for one in sorted(found, key=lambda one: one.id)[:SHOWN]
    )
    table = Table(head=("server", "environment", "groups", "team"), rows=rows)
    return Reply(message=Message(nodes=(table,)), data=[one.id for one in found])


@command("server show", Grant(Role.VIEWER, Scope.READ), examples=("/server show db-3",))
async def show(ctx: Context, args: Which) -> Reply:
    """Show what is known of a server."""
    server = await ctx.unit.catalog.servers.need(args.server)
    told = {
        "Address": f"{server.user}@{server.host}:{server.port}",
        "Over": server.jump or "",
        "Environment": server.environment,
        "Groups": ", ".join(server.groups),
        "Team": server.team or "",
        "Host keys": ", ".join(map(fingerprint, server.host_keys)),
        **server.platform,
    }
    pairs = [FieldPair(label=name, value=spans(value)) for name, value in told.items() if value]
    nodes = (Header(text=server.id), Fields(fields=tuple(pairs[:MOST_FIELDS])))
    return Reply(message=Message(nodes=nodes), data=server.model_dump(mode="json"))


@command("server test", Grant(Role.RESPONDER, outside=True), examples=("/server test db-3",))
async def tried(ctx: Context, args: Which) -> Reply:
    """Connect to a server, run nothing on it, and say how that went."""
    server = await ctx.unit.catalog.servers.need(args.server)
    ctx.about(server.team)
    if not ctx.unit.installation.executes(server.team):
        raise Refused(OFF.format(team=server.team or "no team"))
    job = TestServer(server=server.id, user=ctx.person, place=_place(ctx))
    await ctx.unit.jobs.add(job, key=f"~test:{server.id}:{ctx.person}")
    await ctx.unit.facts.add(f"server:{server.id}", ServerTried(server=server.id))
    return Reply(message=sentence(f"I try {server.address} and tell you here how that went."))


def _place(ctx: Context) -> Place | None:
    origin = ctx.call.origin
    if origin.room is None or origin.direct or origin.surface in ("api", "cli", "web", "job"):
        return None
    return Place(platform=origin.surface, room=origin.room, thread=origin.thread)
