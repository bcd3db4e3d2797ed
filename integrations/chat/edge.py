"""The way in from every outside chat: what was heard becomes a call, and is answered.

The chat edge: whatever goes wrong beneath, the person is told in a sentence, and the platform's
own library never sees an exception.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from domain.account import Account
from domain.actor import Actor
from domain.call import Call, Origin, Reply
from domain.chat import Heard, Kept, Pressed, Typed, Words
from domain.command import Registry
from domain.errors import Refused
from domain.message import Context, Message, Text, code, sentence, spans
from domain.place import Place
from domain.ports import ChatKeep, Dispatch, Line
from domain.ports import Typed as TypedLine
from domain.press import given, pressed_call

log = structlog.get_logger()

QUICK = {"1": "ack", "2": "pass", "ack": "ack", "pass": "pass"}
NO_PAGE = "No page waits for your answer: /me shows what does."
NO_INCIDENT = "This is no incident's room or thread: add it there, or type /incident note INC-42 …"
BROKEN = (
    "Something broke on the way, and Tocsin does not know whether this was done: look before you"
    " try again. An admin finds it in the log."
)


Dressed = Callable[[Reply, str], Reply]


def as_it_is(reply: Reply, _surface: str) -> Reply:
    """No other words than those of the command."""
    return reply


@dataclass(frozen=True)
class ChatEdge:
    """Answers what was heard. Every answer is a `Reply`; nothing is raised.

    ``dressed`` words an answer for the chat it is read in. Whoever is answered for the first
    time is told where to begin.
    """

    keep: ChatKeep
    typed: TypedLine
    dispatch: Dispatch
    registry: Registry
    dressed: Dressed = as_it_is
    known: set[str] = field(default_factory=set)

    async def line(self, words: Words) -> Reply:
        """Carry out a typed line; ``1`` and ``2`` in a direct room answer the newest page."""
        return await self._safely(words, lambda actor: self._line(words, actor))

    async def command(self, typed: Typed) -> Reply:
        """Carry out a command whose arguments are told apart."""
        return await self._safely(
            typed, lambda actor: self._call(typed, actor, typed.command, given(typed.args))
        )

    async def press(self, pressed: Pressed) -> Reply:
        """Carry out the call behind a button, a choice or a form."""
        return await self._safely(pressed, lambda actor: self._press(pressed, actor))

    async def add(self, kept: Kept) -> Reply:
        """Add a message to the timeline of the place's incident."""
        return await self._safely(kept, lambda actor: self._add(kept, actor))

    async def arrived(self, place: Place) -> Message | None:
        """What to say in a room that people have brought Tocsin into, once for each; None where
        it was said, or where the room is an incident's own."""
        try:
            if await self.keep.incident(place) or await self.keep.reference(*_entered(place)):
                return None
            await self.keep.refer(*_entered(place), {"welcomed": True})
        except Exception:
            log.exception("room not welcomed", platform=place.platform)
            return None
        return self.dressed(Reply(message=room_welcome(place.platform)), place.platform).message

    async def overhear(self, words: Words) -> None:
        """Relay direct questions in an incident's room, on a bridge everything; all the rest is
        forgotten."""
        relay = await self.keep.relay(words.place)
        if relay and relay.takes(words.text):
            args = {"incident": relay.incident, "text": words.text}
            heard = words.model_copy(update={"public": True})
            # nobody reads the answer, so it is no first one
            await self._answered(heard, lambda one: self._call(heard, one, "incident say", args))

    async def _safely(self, heard: Heard, answer: Callable[[Actor], Awaitable[Reply]]) -> Reply:
        async def welcomed(actor: Actor) -> Reply:
            return await self._welcomed(heard.account, actor, await answer(actor))

        return self.dressed(await self._answered(heard, welcomed), heard.account.platform)

    async def _answered(self, heard: Heard, answer: Callable[[Actor], Awaitable[Reply]]) -> Reply:
        try:
            await self.keep.heard(heard.account.platform)
            actor = await self.keep.actor(heard.account)
            return await answer(actor)
        except Refused as refusal:
            return _refused(refusal)
        except Exception:
            log.exception("chat not answered", platform=heard.place.platform, key=heard.key)
            return Reply(message=sentence(BROKEN), refused="invalid")

    async def _welcomed(self, account: Account, actor: Actor, reply: Reply) -> Reply:
        """Say where to begin beneath the first answer that only a new account reads."""
        if account.key in self.known or not actor.bindings:
            return reply
        if not reply.private or reply.refused == "asks":
            return reply
        self.known.add(account.key)
        if await self.keep.reference(account.platform, _met(account)):
            return reply
        await self.keep.refer(account.platform, _met(account), {"welcomed": True})
        message = reply.message
        nodes = (*message.nodes, *welcome(linked=actor.user is not None).nodes)
        return reply.model_copy(update={"message": message.model_copy(update={"nodes": nodes})})

    async def _line(self, words: Words, actor: Actor) -> Reply:
        text = await self._quick(words, actor)
        if text is None:
            return Reply(message=sentence(NO_PAGE), refused="not_found")
        origin = await self._origin(words)
        return await self.typed(Line(text=text, actor=actor, origin=origin, key=words.key))

    async def _quick(self, words: Words, actor: Actor) -> str | None:
        answer = QUICK.get(words.text.strip().lower())
        if answer is None or not words.direct or actor.user is None:
            return words.text
        incident = await self.keep.ringing(actor.user)
        return f"{answer} {incident}" if incident else None

    async def _press(self, pressed: Pressed, actor: Actor) -> Reply:
        stored = await self.keep.stored(pressed.button)
        if stored is None:
            parsed = pressed_call(pressed.button, pressed.values, self.registry)
            return await self._call(pressed, actor, parsed.command, parsed.args)
        command, args = stored
        return await self._call(pressed, actor, command, args | given(pressed.values))

    async def _add(self, kept: Kept, actor: Actor) -> Reply:
        incident = await self.keep.incident(kept.place)
        if incident is None:
            return Reply(message=sentence(NO_INCIDENT), refused="not_found")
        args = {"incident": incident, "text": f"{kept.author}: {kept.text}"}
        return await self._call(kept, actor, "incident note", args)

    async def _call(self, heard: Heard, actor: Actor, command: str, args: dict[str, str]) -> Reply:
        call = Call(
            command=command,
            args=args,
            actor=actor,
            origin=await self._origin(heard),
            key=heard.key,
        )
        return await self.dispatch(call)

    async def _origin(self, heard: Heard) -> Origin:
        place = heard.place
        return Origin(
            surface=heard.account.platform,
            workspace=heard.account.workspace,
            room=place.room,
            thread=place.thread,
            message=heard.message,
            incident=await self.keep.incident(place),
            public=heard.public,
            direct=heard.direct,
        )


def welcome(*, linked: bool) -> Message:
    """Where to begin, in a line."""
    first = spans("New here? ", code("/help tour"), " shows in five steps what I do.")
    second = () if linked else spans(" ", code("/me link"), " makes this account yours.")
    return Message(nodes=(Context(spans=(*first, *second)),))


def room_welcome(platform: str) -> Message:
    """What to type first, in a line; in Teams nothing is heard without a mention."""
    slash = "@Tocsin " if platform == "teams" else "/"
    parts = (
        "When something is broken, type ",
        code(f"{slash}incident declare checkout is down"),
        ". Who is on call: ",
        code(f"{slash}oncall who"),
        ". All the rest: ",
        code(f"{slash}help"),
        ".",
    )
    return Message(nodes=(Text(spans=spans(*parts)),), urgency="quiet")


def _entered(place: Place) -> tuple[str, str]:
    return place.platform, f"entered:{place.room}"


def _met(account: Account) -> str:
    return f"met:{account.key}"


def _refused(refusal: Refused) -> Reply:
    return Reply(message=sentence(refusal.text), refused="stale", field=refusal.field)
