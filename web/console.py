"""``/console/api``: the built-in chat, for its page, the terminal and the tests.

Whoever acts is the token's or session's person. In the demo ``?as=`` lets the page's phone act
for its owner, and the clock can be moved.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, JsonValue

from domain.actor import Actor, Role
from domain.actor import Scope as Right
from domain.base import Frozen
from domain.console import Heard, Listener, Press, Spoken, Submission
from domain.errors import NotAllowed, NotFound
from domain.ports import Clock
from storage.scope import Scope
from storage.views import people, rooms
from storage.views.listing import Cut
from storage.views.rooms import MessageView, RoomView, Since
from web.commands import Key, answer_of
from web.gate import Acting
from web.reading import Read, need_role

PREFIX = "/console/api"
As = Annotated[str | None, Query(alias="as", description="Whom to act as; only in the demo")]
LONGEST_ADVANCE = timedelta(days=7)
Json = dict[str, JsonValue]
Values = dict[str, str | bool | int | float | None]
Advance = Callable[[timedelta], Awaitable[bool]]


@dataclass(frozen=True)
class DemoParts:
    """What exists only in the demo: the people one may be, and a clock that can be moved.

    ``advance`` is False where what fell due is still being done.
    """

    person: Callable[[str], Awaitable[Actor | None]]
    advance: Advance


@dataclass(frozen=True)
class ConsoleParts:
    """What the chat is made of; ``shown`` gives a message in the contract's shape."""

    read: Read
    listener: Listener
    shown: Callable[[MessageView], Json]
    clock: Clock
    demo: DemoParts | None = None


class Person(Frozen):
    """Somebody one may act as."""

    id: str
    name: str
    role: str


class Me(Frozen):
    """Who is looking, when it is, and in the demo who else one may be."""

    id: str
    name: str
    timezone: str
    roles: tuple[str, ...]
    direct: str
    now: datetime
    demo: bool
    people: tuple[Person, ...]


class Rooms(Frozen):
    """The rooms one may enter."""

    items: tuple[RoomView, ...]
    next: None = None


class Messages(Frozen):
    """Messages of a room, oldest first; ``next`` goes on where there are more."""

    items: tuple[Json, ...]
    next: str | None = None


class Window(Cut):
    """What follows the message ``after``, or changed after ``since``; else the newest."""

    after: str | None = None
    since: str | None = None
    as_: str | None = Field(default=None, alias="as")
    limit: int = Field(default=200, ge=1, le=500)


class Words(Frozen):
    """What to say in a room or thread."""

    room: str
    text: str
    thread: str | None = None


class Pressed(Frozen):
    """Which button of which message, with what was picked."""

    message: str
    button: str
    values: Values = {}


class Submitted(Frozen):
    """Which form, with what was filled in; ``message`` is where it stands."""

    form: str
    values: Values = {}
    message: str | None = None


class Done(Frozen):
    """What came of it: the messages put into the chat; ``reply`` is the answer among them.

    Words to a room have no ``reply``. The rest is as for a command over HTTP.
    """

    reply: Json | None
    messages: tuple[Json, ...]
    private: bool = False
    refused: bool = False
    reason: str = ""
    field: str | None = None
    approval: str | None = None
    data: JsonValue = None


class Forward(Frozen):
    """How far, as an ISO 8601 duration: ``PT5M``."""

    advance: timedelta = Field(gt=timedelta(0), le=LONGEST_ADVANCE)


class Time(Frozen):
    """What the clock says now; ``settled`` is False while work that fell due goes on."""

    now: datetime
    settled: bool


def router(parts: ConsoleParts) -> APIRouter:
    """Every route of the chat."""
    made = APIRouter(prefix=PREFIX, tags=["console"])
    ConsoleApi(parts).add_routes(made)
    if parts.demo is not None:
        DemoApi(parts.demo, parts.clock).add_routes(made)
    return made


@dataclass(frozen=True)
class ConsoleApi:
    """What exists in every installation."""

    parts: ConsoleParts

    async def me(self, actor: Acting) -> Me:
        """Who is looking, and when it is."""
        person = _person(actor)
        async with self.parts.read() as unit:
            own = await people.shown(unit.scope, person)
            others = await _seeded(unit.scope) if self.parts.demo else ()
        return Me(
            id=own.id,
            name=own.name,
            timezone=own.timezone,
            roles=own.roles,
            direct=_direct(person),
            now=self.parts.clock.now(),
            demo=self.parts.demo is not None,
            people=others,
        )

    async def rooms(self, actor: Acting, as_: As = None) -> Rooms:
        """The rooms one may enter, by kind and name."""
        person = _person(await self._who(actor, as_))
        async with self.parts.read() as unit:
            return Rooms(items=await rooms.listed(unit.scope, person))

    async def messages(
        self, actor: Acting, room: str, window: Annotated[Window, Query()]
    ) -> Messages:
        """What stands in a room, oldest first."""
        return await self._messages(await self._who(actor, window.as_), room, window)

    async def direct(self, actor: Acting, window: Annotated[Window, Query()]) -> Messages:
        """What stands in one's direct room."""
        who = await self._who(actor, window.as_)
        try:
            return await self._messages(who, _direct(_person(who)), window)
        except NotFound:
            return Messages(items=())

    async def say(self, actor: Acting, words: Words, as_: As = None, key: Key = None) -> Done:
        """Say something: a command begins with a slash."""
        who = await self._who(actor, as_)
        spoken = Spoken(actor=who, **words.model_dump(), key=key)
        return await self._done(who, await self.parts.listener.say(spoken))

    async def press(self, actor: Acting, pressed: Pressed, as_: As = None, key: Key = None) -> Done:
        """Press a button of a message."""
        who = await self._who(actor, as_)
        press = Press(
            actor=who,
            message=pressed.message,
            button=pressed.button,
            values=_given(pressed.values),
            key=key,
        )
        return await self._done(who, await self.parts.listener.press(press))

    async def submit(
        self, actor: Acting, submitted: Submitted, as_: As = None, key: Key = None
    ) -> Done:
        """Send a filled-in form."""
        who = await self._who(actor, as_)
        submission = Submission(
            actor=who,
            form=submitted.form,
            values=_given(submitted.values),
            message=submitted.message,
            key=key,
        )
        return await self._done(who, await self.parts.listener.submit(submission))

    def add_routes(self, router: APIRouter) -> None:
        """Add the routes."""
        router.add_api_route("/me", self.me, methods=["GET"])
        router.add_api_route("/rooms", self.rooms, methods=["GET"])
        router.add_api_route("/rooms/{room}/messages", self.messages, methods=["GET"])
        router.add_api_route("/dms", self.direct, methods=["GET"])
        router.add_api_route("/say", self.say, methods=["POST"])
        router.add_api_route("/press", self.press, methods=["POST"])
        router.add_api_route("/submit", self.submit, methods=["POST"])

    async def _who(self, actor: Actor, wanted: str | None) -> Actor:
        """The caller, or in the demo whom they act as."""
        need_role(actor, Role.MEMBER)
        if wanted is None or wanted == actor.user:
            return actor
        if self.parts.demo is None:
            raise NotAllowed("Acting as somebody else exists only in the demo.")
        found = await self.parts.demo.person(wanted)
        if found is None:
            raise NotFound(f"There is no person {wanted}.", field="as")
        return found

    async def _messages(self, actor: Actor, room: str, window: Window) -> Messages:
        since = Since(after=window.after or window.cursor, change=window.since)
        async with self.parts.read() as unit:
            found = await rooms.said(unit.scope, _person(actor), room, since, window)
        return Messages(items=tuple(map(self.parts.shown, found.items)), next=found.next)

    async def _done(self, actor: Actor, heard: Heard) -> Done:
        async with self.parts.read() as unit:
            found = [await rooms.message(unit.scope, _person(actor), one) for one in heard.messages]
        shown = tuple(map(self.parts.shown, found))
        if heard.reply is None:
            return Done(reply=None, messages=shown)
        told = answer_of(heard.reply).model_dump(exclude={"reply", "text"})
        return Done(reply=shown[-1], messages=shown, **told)


@dataclass(frozen=True)
class DemoApi:
    """What exists only in the demo."""

    demo: DemoParts
    clock: Clock

    async def forward(self, actor: Acting, wanted: Forward) -> Time:
        """Move the clock; everything due until then has happened when this answers."""
        if Right.WRITE not in actor.scopes:
            raise NotAllowed("This token may not move the clock: it lacks the scope write.")
        settled = await self.demo.advance(wanted.advance)
        return Time(now=self.clock.now(), settled=settled)

    def add_routes(self, router: APIRouter) -> None:
        """Add the route."""
        router.add_api_route("/clock", self.forward, methods=["POST"])


async def _seeded(scope: Scope) -> tuple[Person, ...]:
    found = await people.listed(scope)
    return tuple(
        Person(id=one.id, name=one.name, role=", ".join(one.roles))
        for one in found.items
        if one.active
    )


def _given(values: Values) -> dict[str, str]:
    """Picks and fields as they would have been typed; what was left empty is left out."""
    typed = {name: "true" if value is True else str(value) for name, value in values.items()}
    return {name: typed[name] for name, value in values.items() if value not in (None, False, "")}


def _direct(person: str) -> str:
    return f"dm-{person}"


def _person(actor: Actor) -> str:
    if actor.user is None:
        raise NotAllowed("Only people can use the chat: sign in, or use a person's token.")
    return actor.user
