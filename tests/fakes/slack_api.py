"""Slack's Web API on loopback with a script of faults, and a record of what arrived.

    async with slack_api() as slack:
        slack.script["chat.postMessage"] = [Fault(status=429, retry_after="7")]

Each call of a method takes the next step of its script; without one it is answered as Slack does.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl

from domain.account import Account, Link, actor_of
from domain.actor import Actor
from domain.base import Frozen
from domain.message import Message, Option
from domain.place import MessageRef, Place
from domain.ports import Choices
from domain.relay import Relay

TEAM, BOT = "T01TEST", "U0BOT"
Args = dict[str, Any]


class Fault(Frozen):
    """How a call goes wrong. ``done``: it is carried out all the same."""

    status: int = 200
    error: str = ""
    retry_after: str | None = None
    ending: Literal["whole", "hang", "cut", "slow", "page"] = "whole"
    done: bool = False


@dataclass
class Posted:
    """A message that stands in a channel."""

    channel: str
    ts: str
    text: str
    blocks: list[Args]
    thread: str | None

    @property
    def key(self) -> str | None:
        """The key it was posted under."""
        return self.blocks[0].get("block_id") if self.blocks else None

    def told(self) -> Args:
        """As Slack's history gives it."""
        made = {"type": "message", "ts": self.ts, "text": self.text, "blocks": self.blocks}
        return made | ({"thread_ts": self.thread} if self.thread else {})


@dataclass
class SlackApiStub:
    """One workspace. ``users`` are what users.info says of each, ``channels`` name by id;
    nobody may post into those that are ``gone``. ``silent`` is what dnd.info says of users."""

    url: str = ""
    script: dict[str, list[Fault]] = field(default_factory=dict)
    asked: list[tuple[str, Args]] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)
    users: dict[str, Args] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    creators: dict[str, str] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    joined: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    silent: dict[str, Args] = field(default_factory=dict)

    def calls(self, method: str) -> list[Args]:
        """The arguments of every call of a method."""
        return [args for name, args in self.asked if name == method]

    def answer(self, method: str, args: Args) -> Args:
        """What Slack says, having done it."""
        made = getattr(self, "_" + method.replace(".", "_"), None)
        found: Args = made(args) if made else {}
        return {"ok": "error" not in found, **found}

    def _auth_test(self, _args: Args) -> Args:
        return {"team_id": TEAM, "user_id": BOT}

    def _dnd_info(self, args: Args) -> Args:
        return self.silent.get(args["user"], {"dnd_enabled": False, "snooze_enabled": False})

    def _users_info(self, args: Args) -> Args:
        user = self.users.get(args["user"])
        return {"user": user} if user else {"error": "user_not_found"}

    def _users_list(self, args: Args) -> Args:
        """One on a page."""
        known = list(self.users.values())
        number = int(args.get("cursor") or 0)
        after = str(number + 1) if number + 1 < len(known) else ""
        return {"members": known[number : number + 1], "response_metadata": {"next_cursor": after}}

    def _conversations_open(self, args: Args) -> Args:
        return {"channel": {"id": f"D{args['users']}"}}

    def _conversations_list(self, args: Args) -> Args:
        number = int(args.get("cursor") or 0)
        known = [
            {
                "id": key,
                "name": name,
                "creator": self.creators.get(key, BOT),
                "is_ext_shared": key in self.shared,
            }
            for key, name in self.channels.items()
        ]
        after = str(number + 1) if number + 1 < len(known) else ""
        return {"channels": known[number : number + 1], "response_metadata": {"next_cursor": after}}

    def _conversations_info(self, args: Args) -> Args:
        key = args["channel"]
        known = {"id": key, "name": self.channels.get(key), "is_ext_shared": key in self.shared}
        return {"channel": known}

    def _conversations_create(self, args: Args) -> Args:
        if args["name"] in self.channels.values():
            return {"error": "name_taken"}
        made = f"C0MADE{len(self.channels)}"
        self.channels[made] = args["name"]
        return {"channel": {"id": made}}

    def _conversations_join(self, args: Args) -> Args:
        self.joined.add(args["channel"])
        return {}

    def _chat_postMessage(self, args: Args) -> Args:
        if args["channel"] in self.gone:
            return {"error": "channel_not_found"}
        made = Posted(
            channel=args["channel"],
            ts=f"1795262400.{len(self.posted):06}",
            text=args["text"],
            blocks=args["blocks"],
            thread=args.get("thread_ts"),
        )
        self.posted.append(made)
        return {"channel": made.channel, "ts": made.ts}

    def _chat_update(self, args: Args) -> Args:
        found = [one for one in self.posted if one.ts == args["ts"]]
        if not found:
            return {"error": "message_not_found"}
        found[0].text, found[0].blocks = args["text"], args["blocks"]
        return {"ts": args["ts"]}

    def _conversations_history(self, args: Args) -> Args:
        found = [one.told() for one in self.posted if one.channel == args["channel"]]
        return {"messages": [one for one in found[::-1] if "thread_ts" not in one]}

    def _conversations_replies(self, args: Args) -> Args:
        ts = args["ts"]
        found = [one for one in self.posted if ts in (one.ts, one.thread)]
        return {"messages": [one.told() for one in found]}


@dataclass
class MemoryKeep:
    """What an adapter asks and remembers, in memory. ``links`` is account by person."""

    links: dict[str, str] = field(default_factory=dict)
    references: dict[str, Any] = field(default_factory=dict)
    incidents: dict[Place, str] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    met: list[Account] = field(default_factory=list)

    async def actor(self, account: Account) -> Actor:
        """Whom it acts as."""
        self.met.append(account)
        person = next((who for who, key in self.links.items() if key == account.id), None)
        if person is None:
            return actor_of(account, None, None)
        link = Link(platform="slack", workspace=TEAM, account=account.id, user=person)
        return actor_of(account, link, Actor(user=person, name=person.title()))

    async def account(self, user: str, platform: str) -> str | None:
        """The person's account."""
        return self.links.get(user)

    async def accounts(self, platform: str) -> dict[str, str]:
        """All of them."""
        return self.links

    async def heard(self, platform: str) -> None:
        """Nobody keeps count."""

    async def incident(self, place: Place) -> str | None:
        """The incident of a place."""
        return self.incidents.get(place)

    async def relay(self, place: Place) -> Relay | None:
        """Nothing is relayed."""
        return None

    async def ringing(self, user: str) -> str | None:
        """Nobody is rung."""
        return None

    async def stored(self, button: str) -> tuple[str, dict[str, str]] | None:
        """No call is kept."""
        return None

    async def card(self, ref: MessageRef) -> Message | None:
        """No card is."""
        return None

    async def choices(self, asked: Choices) -> tuple[Option, ...]:
        """The same for everybody."""
        return self.options

    async def first_time(self, request: str) -> bool:
        """Everything is new."""
        return True

    async def reference(self, platform: str, key: str) -> dict[str, Any] | None:
        """What was kept."""
        return self.references.get(key)

    async def refer(self, platform: str, key: str, reference: dict[str, Any]) -> None:
        """Keep it."""
        self.references[key] = reference


@asynccontextmanager
async def slack_api() -> AsyncIterator[SlackApiStub]:
    """Serve a workspace on a free port of 127.0.0.1 until the block ends."""
    stub = SlackApiStub()
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        await _serve(stub, reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    stub.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api"
    try:
        yield stub
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()


async def _serve(
    stub: SlackApiStub, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """One request per connection."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in head)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        path = head[0].split(" ")[1]
        method = path.rpartition("/")[2].partition("?")[0]
        args = _arguments(headers, body) | dict(parse_qsl(path.partition("?")[2]))
        stub.asked.append((method, args))
        steps = stub.script.get(method, [])
        await _answer(stub, writer, (method, args), steps.pop(0) if steps else Fault(done=True))
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the client went away, as it does when its time is up
    finally:
        writer.close()


def _arguments(headers: dict[str, str], body: bytes) -> Args:
    if headers.get("content-type", "").startswith("application/json"):
        found: Args = json.loads(body)
        return found
    return dict(parse_qsl(body.decode()))


async def _answer(
    stub: SlackApiStub, writer: asyncio.StreamWriter, call: tuple[str, Args], fault: Fault
) -> None:
    said = stub.answer(*call) if fault.done else {"ok": False, "error": fault.error}
    if fault.ending == "hang":
        await asyncio.Event().wait()
    body = b"<html>gateway</html>" if fault.ending == "page" else json.dumps(said).encode()
    kind = "text/html" if fault.ending == "page" else "application/json"
    head = f"content-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n"
    if fault.retry_after is not None:
        head += f"retry-after: {fault.retry_after}\r\n"
    if fault.ending == "cut":
        return
    writer.write(f"HTTP/1.1 {fault.status} Scripted\r\n{head}\r\n".encode())
    if fault.ending == "slow":
        writer.write(body[:4])
        await writer.drain()
        await asyncio.Event().wait()
    writer.write(body)
    await writer.drain()
