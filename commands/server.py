"""Servers: which there are, what is known of one, and whether it can be reached."""

from typing import Annotated

from pydantic import Field

from commands.context import Context
from domain.actor import Role, Scope
from domain.args import Arg, Args
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import Invalid, Refused
from domain.message import (
    Context as Small,
)
from domain.message import (
    FieldPair,
    Fields,
    Header,
    Message,
    Span,
    Table,
    moment,
    sentence,
    spans,
)
from domain.plain import exact, one_line
from domain.ports import Place
from domain.server import PUBLIC_KEY, Server, ServerTest, fingerprint
from domain.server_jobs import HostKeyPinned, ServerTried, TestServer

SHOWN = 50
MOST_FIELDS = 10
NONE = (
    "No server fits. Take them over (tocsin import servers) or write them in a file (tocsin apply)."
)
UNPINNED = "none pinned: nothing runs here"
OFF = "Servers of {team} are not reached yet: ask an admin to name the team in execution.teams."


class OfGroup(Args):
    """Which servers."""

    group: Annotated[
        str,
        Field(max_length=100, description="A group, team or environment; all when left out"),
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
    found = [
        one for one in everything if args.group in ("", one.environment, one.team, *one.groups)
    ]
    if not found:
        return Reply(message=sentence(NONE), data=[])
    tests = {one.id: one for one in await ctx.unit.catalog.server_tests.where()}
    shown = sorted(found, key=lambda one: one.id)[:SHOWN]
    rows = tuple(
        (
            one.id,
            one.environment,
            ", ".join(one.groups) or "–",
            one.team or "–",
            _state(one, tests.get(one.id)),
        )
        for one in shown
    )
    table = Table(head=("server", "environment", "groups", "team", "state"), rows=rows)
    return Reply(message=Message(nodes=(table,)), data=[one.id for one in shown])


@command("server show", Grant(Role.VIEWER, Scope.READ), examples=("/server show db-3",))
async def show(ctx: Context, args: Which) -> Reply:
    """Show what is known of a server, and what came of its last test."""
    server = await ctx.unit.catalog.servers.need(args.server)
    test = await ctx.unit.catalog.server_tests.get(server.id)
    file = (await ctx.unit.catalog.servers.present())[server.id][1]
    told = {
        "Address": f"{server.user}@{server.host}:{server.port}",
        "Over": server.jump or "",
        "Environment": server.environment,
        "Groups": ", ".join(server.groups),
        "Team": server.team or "",
        "Host keys": ", ".join(map(fingerprint, server.host_keys)) or UNPINNED,
        **server.platform,
        **{name: one_line(exact(value)) for name, value in (test.platform if test else {}).items()},
    }
    pairs = [FieldPair(label=name, value=spans(value)) for name, value in told.items() if value]
    if test and test.booted_at:
        pairs.append(FieldPair(label="Up since", value=spans(moment(test.booted_at))))
    small = Small(spans=spans(*_tested(server, test), f"from {file}" if file else "kept here"))
    nodes = (Header(text=server.id), Fields(fields=tuple(pairs[:MOST_FIELDS])), small)
    tested = {"test": test.model_dump(mode="json") if test else None}
    return Reply(message=Message(nodes=nodes), data=server.model_dump(mode="json") | tested)


def _state(server: Server, test: ServerTest | None) -> str:
    """In a word or two, the worst first."""
    if not server.host_keys:
        return "no host key"
    if test is None:
        return "never tested"
    if test.offered and not server.is_known_by(test.offered):
        return "other host key"
    return "answers" if test.ok else "failed"


def _tested(server: Server, test: ServerTest | None) -> tuple[str | Span, ...]:
    if test is None:
        return ("never tested · ",)
    told = "answered" if test.ok else one_line(exact(test.detail.removeprefix(server.address)))
    return ("tested ", moment(test.at), f": {told} · ")


class Pin(Args):
    """A server, and the key it is known by from now on."""

    server: Annotated[
        str, Field(max_length=100, description="Which server"), Arg("word", positional=True)
    ]
    key: Annotated[
        str,
        Field(min_length=8, max_length=2000, description="SHA256:… as it showed, or ssh-ed25519 …"),
        Arg("text", positional=True),
    ]


@command(
    "server pin",
    Grant(Role.ADMIN, Scope.ADMIN),
    examples=("/server pin db-3 SHA256:x2yJ0C",),
    danger="confirm",
)
async def pin(ctx: Context, args: Pin) -> Reply:
    """Pin the host key that a server showed at its last test, or one given whole."""
    servers = ctx.unit.catalog.servers
    server = await servers.need(args.server)
    file = (await servers.present())[server.id][1]
    if file:
        raise Refused(f"{server.id} is managed by {file}: add the key to host_keys there.")
    key = await _key(ctx, server, args.key.strip())
    await servers.put(server.model_copy(update={"host_keys": (key,)}))
    pinned = HostKeyPinned(server=server.id, key=fingerprint(key))
    await ctx.unit.facts.add(f"server:{server.id}", pinned)
    text = f"{server.id} is known by {fingerprint(key)} from now on, and by no other key."
    return Reply(message=sentence(text), data={"id": server.id, "host_keys": [key]})


async def _key(ctx: Context, server: Server, said: str) -> str:
    """The public key that is meant. Raises `Invalid`."""
    if PUBLIC_KEY.fullmatch(said):
        return said
    test = await ctx.unit.catalog.server_tests.get(server.id)
    if test and test.offered and said == fingerprint(test.offered):
        return test.offered
    raise Invalid(
        f"{server.id} has not shown {one_line(said)}: type /server test {server.id}, compare the"
        " key it shows with what its owner says, and type that.",
        field="key",
    )


@command("server test", Grant(Role.RESPONDER, outside=True), examples=("/server test db-3",))
async def tried(ctx: Context, args: Which) -> Reply:
    """Connect to a server, ask it what it is, and say how that went."""
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
