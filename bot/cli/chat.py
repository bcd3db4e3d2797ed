"""The chat in a terminal: the same rooms, messages and buttons as ``/chat``, over the same API.

Plain lines are said into the room, and so are commands for Tocsin (``/incident declare …``).
The few commands of the terminal itself are listed by ``/?``.
"""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass, field

import httpx2

from bot.cli.chat_paper import Filling, Paper, room_label
from bot.cli.chat_wire import SLOW_S, Trouble, Wire
from bot.cli.terminal import Screen
from domain.plain import one_line, visible
from domain.when import parse_duration

HELP = """\
/room NAME   go to a room; /room alone lists them
/as PERSON   act as somebody else (demo)
/press N     press the button with that number
/fill        fill in the newest form, field by field
/clock 5m    move the demo's clock; everything due happens
/quit        leave
Everything else is said into the room; /help lists what Tocsin can be asked."""
LONGEST_WAIT_S = 15
ANSWER = re.compile(r"(ack|pass)( (inc-)?\d+)?", re.IGNORECASE)


async def run_chat(url: str, tokens: Mapping[str, str], start_as: str) -> None:
    """Chat with the Tocsin at ``url`` until the input ends.

    ``tokens`` holds an API token per person; ``start_as`` is the one who acts first.
    """
    async with httpx2.AsyncClient(base_url=url, timeout=SLOW_S) as client:
        screen = Screen(sys.stdout.isatty())
        chat = Chat(Wire(client, tokens, start_as), Paper(screen.show))
        screen.prompt = lambda: chat.prompt
        await chat.obey(screen.lines())


@dataclass
class Chat:
    """One person at a keyboard, and where they are."""

    wire: Wire
    paper: Paper
    room: str = ""
    room_name: str = ""
    direct: str = ""
    seen: dict[str, str] = field(default_factory=dict)
    filling: Filling | None = None
    listening: asyncio.Task[None] | None = None

    @property
    def prompt(self) -> str:
        """Who speaks, and where."""
        return f"{self.wire.person} {self.room_name}> "

    async def obey(self, lines: AsyncIterator[str]) -> None:
        """Carry out each line until ``/quit`` or the end."""
        await self.attempt(self.enter())
        self.listen()
        try:
            async for line in lines:
                if line.strip() == "/quit":
                    return
                await self.attempt(self.carry_out(line.strip()))
        finally:
            self.stop()

    async def attempt(self, work: Awaitable[None]) -> None:
        """Do it, or say why not."""
        try:
            await work
        except Trouble as trouble:
            self.paper.show(f"! {visible(str(trouble))}")

    async def carry_out(self, line: str) -> None:
        """One line: an answer to a form's field, a command of the terminal, or words to say."""
        word, _, rest = line.partition(" ")
        own = {
            "/?": self.help,
            "/room": self.go,
            "/as": self.act_as,
            "/press": self.press,
            "/fill": self.fill,
            "/clock": self.advance,
        }
        if self.filling is not None:
            await self.answer(self.filling, line)
        elif word in own:
            await own[word](rest.strip())
        elif line:
            # what a page asks to be typed answers it from wherever one is
            room = self.direct if self.direct and ANSWER.fullmatch(line) else self.room
            await self.wire.post("say", {"room": room, "text": line})
            await self.read()

    async def help(self, _: str) -> None:
        """What the terminal itself understands."""
        self.paper.show(HELP)

    async def go(self, name: str) -> None:
        """Go to a room, or list them."""
        if name:
            await self.enter(name.removeprefix("#"))
            return
        rooms = (await self.wire.get("rooms"))["items"]
        lines = (f"{'*' if room.get('unread') else ' '} {room_label(room)}" for room in rooms)
        self.paper.show("\n".join(lines))

    async def act_as(self, person: str) -> None:
        """Speak and see as somebody else."""
        tokens = self.wire.tokens
        if person not in tokens:
            raise Trouble(f"There is no token for {person!r}, only for {', '.join(tokens)}.")
        self.wire.person = person
        self.seen.clear()
        self.paper.turn()
        await self.enter(self.room)
        self.listen()

    async def press(self, number: str) -> None:
        """Press what stands behind a number."""
        offer = self.paper.offered(number)
        body = {"message": offer.message, "button": offer.button, "values": offer.values}
        await self.wire.post("press", body)
        await self.read()

    async def fill(self, _: str) -> None:
        """Begin to fill in the newest form."""
        if self.paper.form is None:
            raise Trouble("There is no form to fill in.")
        self.filling = Filling(*self.paper.form)
        await self.ask(self.filling)

    async def ask(self, filling: Filling) -> None:
        """Ask for the next field; send the form after the last."""
        if asked := filling.next:
            self.paper.show(filling.question(asked))
            return
        self.filling = self.paper.form = None
        await self.wire.post("submit", filling.body)
        await self.read()

    async def answer(self, filling: Filling, line: str) -> None:
        """Take the value of the field that was asked for."""
        if asked := filling.next:
            filling.take(asked, line)
        await self.ask(filling)

    async def advance(self, text: str) -> None:
        """Move the demo's clock."""
        duration = parse_duration(text or "5m")
        if duration is None:
            raise Trouble("Type how far, like /clock 5m.")
        await self.wire.post("clock", {"advance": f"PT{int(duration.total_seconds())}S"})
        await self.read()

    async def enter(self, wanted: str = "incidents") -> None:
        """Go to the room of that id or name and show its newest messages."""
        rooms = (await self.wire.get("rooms"))["items"]
        if not rooms:
            raise Trouble("There is no room that you may enter.")
        room = next((one for one in rooms if wanted in (one["id"], one["name"])), rooms[0])
        self.room, self.room_name = room["id"], room_label(room)
        self.direct = next((one["id"] for one in rooms if one["kind"] == "direct"), "")
        self.seen.pop(self.room, None)
        self.paper.show(f"--- {room_label(room)}  {one_line(room.get('topic') or '')}")
        await self.read()

    async def read(self) -> None:
        """Show what was said or edited since, here and in the person's own direct room.

        Of a direct room not yet looked at, the newest message: it may be a page.
        """
        for room in dict.fromkeys(one for one in (self.room, self.direct) if one):
            known = room in self.seen
            params = {"since": self.seen[room]} if known else {}
            items = (await self.wire.get(f"rooms/{room}/messages", params))["items"]
            self.seen[room] = max([self.seen.get(room, ""), *(one["change"] for one in items)])
            whole = known or room == self.room
            self.paper.tell(items if whole else items[-1:], self.room)

    def listen(self) -> None:
        """Follow the stream as whoever acts now."""
        self.stop()
        self.listening = asyncio.create_task(self._follow())

    def stop(self) -> None:
        """Follow it no more."""
        if self.listening:
            self.listening.cancel()

    async def _follow(self) -> None:
        """Read again at each nudge; connect again for as long as it takes."""
        wait = 1
        while True:
            try:
                async for _ in self.wire.nudges():
                    await self.read()
                    wait = 1
            except (httpx2.HTTPError, Trouble):
                wait = min(wait * 2, LONGEST_WAIT_S)
            await asyncio.sleep(wait)
