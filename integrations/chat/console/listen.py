"""From what people type, press and fill in to calls, and from replies to messages."""

import re
from dataclasses import dataclass

from domain.actor import Actor, Scope
from domain.base import Frozen
from domain.call import Call, Origin, Reply
from domain.command import Registry
from domain.console import Heard, Press, Spoken, Submission
from domain.errors import Invalid, NotAllowed
from domain.grammar import Parsed
from domain.message import Context, Message, sentence, spans
from domain.ports import Dispatch, Ids, Keep, Line, Place, Said, Spot, Standing, Typed
from domain.press import given, need_button, pressed_call
from integrations.chat.console.limits import Fit, fit
from integrations.chat.console.send import AUTHOR, PLATFORM

MENTION = re.compile(r"@tocsin\b[\s:,]*", re.IGNORECASE)
QUICK = {"1": "ack", "2": "pass", "ack": "ack", "pass": "pass"}
LONGEST = 8_000
NO_PAGE = sentence("No page waits for your answer: /me shows what does.")
ANSWERED = Message(nodes=(Context(spans=spans("Answered below.")),), urgency="quiet")
READS_ONLY = "This token may only read: make one with the scope write to speak in the chat."
TOO_LONG = f"That is too long: write at most {LONGEST} characters."
EMPTY = "Type some words."


class Asked(Frozen):
    """Who asks for something, where, from which message, and the key that makes it once."""

    actor: Actor
    spot: Spot
    message: str | None = None
    key: str | None = None

    def origin(self, *, public: bool = False) -> Origin:
        """Where the call is made; ``public`` where the room has read the line itself."""
        return Origin(
            surface="console",
            room=self.spot.place.room,
            thread=self.spot.place.thread,
            message=self.message,
            incident=self.spot.incident,
            public=public,
            direct=self.spot.kind == "direct",
        )


@dataclass(frozen=True)
class ConsoleListener:
    """Hears the built-in chat. What people may not see is to them as if it were not there."""

    keep: Keep
    typed: Typed
    dispatch: Dispatch
    registry: Registry
    ids: Ids
    fit: Fit = fit

    async def say(self, spoken: Spoken) -> Heard:
        """A command begins with ``/`` or ``@tocsin``; in a direct room all words are one.

        Anything else is for the room. A line with a slash is not shown to it.
        """
        text = _text(spoken)
        place = Place(platform=PLATFORM, room=spoken.room, thread=spoken.thread)
        spot = await self.keep.enter(place, _person(spoken.actor))
        asked = Asked(actor=spoken.actor, spot=spot, key=spoken.key)
        if text.startswith("/"):
            return await self._line(asked, text)
        said = await self._speak(asked, text)
        mention = MENTION.match(text)
        if not mention and spot.kind != "direct":
            await self._relay(asked, text)
            return Heard(messages=(said,))
        line = text[mention.end() :] if mention else text
        heard = await self._line(asked, line, public=spot.kind != "direct")
        return heard.model_copy(update={"messages": (said, *heard.messages)})

    async def press(self, press: Press) -> Heard:
        """The call behind a button of a message that the person can see."""
        standing = await self.keep.standing(press.message, _person(press.actor))
        need_button(standing.message, press.button)
        parsed = await self._behind(press.button, press.values)
        return await self._call(await self._beside(press, standing), parsed, standing)

    async def submit(self, submission: Submission) -> Heard:
        """The call that a form asked for, with its values; the form gives way to the answer."""
        standing = await self._form(submission)
        parsed = await self._behind(submission.form, submission.values)
        heard = await self._call(await self._beside(submission, standing), parsed, standing)
        if standing and standing.private_to:
            await self.keep.edit(standing.id, ANSWERED)
        return heard

    async def _line(self, asked: Asked, text: str, *, public: bool = False) -> Heard:
        line = await self._quick(asked, text)
        if line is None:
            reply = Reply(message=NO_PAGE, refused="not_found")
        else:
            origin = asked.origin(public=public)
            reply = await self.typed(
                Line(text=line, actor=asked.actor, origin=origin, key=asked.key)
            )
        return await self._answer(asked, reply, asked.spot.place)

    async def _relay(self, asked: Asked, text: str) -> None:
        """In an incident's room, direct questions are read in its other rooms too."""
        relay = asked.spot.relay
        if relay and relay.takes(text):
            args = {"incident": relay.incident, "text": text}
            origin = asked.origin(public=True)
            key = asked.key and f"{asked.key}:relay"
            call = Call(
                command="incident say", args=args, actor=asked.actor, origin=origin, key=key
            )
            await self.dispatch(call)

    async def _quick(self, asked: Asked, text: str) -> str | None:
        """``1`` and ``2`` in a direct room answer the newest page; None where there is none."""
        answer = QUICK.get(text.strip().lower())
        if answer is None or asked.spot.kind != "direct":
            return text
        incident = await self.keep.ringing(_person(asked.actor))
        return f"{answer} {incident}" if incident else None

    async def _form(self, submission: Submission) -> Standing | None:
        """The message that asked; None where the form was asked for outside the chat."""
        person = _person(submission.actor)
        if submission.message is None:
            return await self.keep.asked(submission.form, person)
        standing = await self.keep.standing(submission.message, person)
        need_button(standing.message, submission.form)
        return standing

    async def _beside(self, made: Press | Submission, standing: Standing | None) -> Asked:
        """The place a message speaks of: its own thread, where it carries an incident's."""
        person = _person(made.actor)
        place = _thread(standing) if standing else await self.keep.direct(person)
        spot = await self.keep.enter(place, person)
        message = standing.id if standing else None
        return Asked(actor=made.actor, spot=spot, message=message, key=made.key)

    async def _behind(self, button: str, values: dict[str, str]) -> Parsed:
        stored = await self.keep.stored(button)
        if stored is None:
            return pressed_call(button, values, self.registry)
        command, args = stored
        return Parsed(command=command, args=args | given(values))

    async def _call(self, asked: Asked, parsed: Parsed, standing: Standing | None) -> Heard:
        call = Call(
            command=parsed.command,
            args=parsed.args,
            actor=asked.actor,
            origin=asked.origin(),
            key=asked.key,
        )
        reply = await self.dispatch(call)
        return await self._answer(asked, reply, _place(asked, reply, standing))

    async def _answer(self, asked: Asked, reply: Reply, place: Place) -> Heard:
        alone = reply.private and asked.spot.kind != "direct"
        said = Said(
            place=place,
            author=AUTHOR,
            message=self.fit(reply.message).message,
            key=self._key("answer", asked),
            private_to=asked.actor.user if alone else None,
            secret=reply.secret,
        )
        return Heard(reply=reply, messages=(await self.keep.say(said),))

    async def _speak(self, asked: Asked, text: str) -> str:
        if Scope.WRITE not in asked.actor.scopes:
            raise NotAllowed(READS_ONLY)
        said = Said(
            place=asked.spot.place,
            author=_person(asked.actor),
            message=sentence(text),
            key=self._key("words", asked),
        )
        return await self.keep.say(said)

    def _key(self, what: str, asked: Asked) -> str:
        return f"{what}:{asked.actor.by}:{asked.key or self.ids.new()}"


def _text(spoken: Spoken) -> str:
    text = spoken.text.strip()
    if not text:
        raise Invalid(EMPTY, field="text")
    if len(text) > LONGEST:
        raise Invalid(TOO_LONG, field="text")
    return text


def _thread(standing: Standing) -> Place:
    """A message's own thread, or the one it hangs on."""
    thread = standing.place.thread or standing.id
    return standing.place.model_copy(update={"thread": thread})


def _place(asked: Asked, reply: Reply, standing: Standing | None) -> Place:
    """Where the answer goes: beneath a card in a shared channel, else where the message is."""
    if standing is None:
        return asked.spot.place
    beneath = asked.spot.kind == "channel" and not reply.private
    return asked.spot.place if beneath else standing.place


def _person(actor: Actor) -> str:
    if actor.user is None:
        raise NotAllowed("Only people can use the chat: sign in, or use a person's token.")
    return actor.user
