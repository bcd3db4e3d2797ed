"""What the built-in chat remembers, over the store; and its messages as the web shows them."""

from dataclasses import dataclass

from pydantic import JsonValue

from domain.call import Surface
from domain.console import SHOWN_FOR, ForgetAnswer
from domain.errors import NotFound
from domain.message import Message
from domain.ports import Place, RoomSpec, Said, Spot, Standing
from integrations.chat.console.render import ConsoleMessage, html, payload
from integrations.chat.console.send import AUTHOR, PLATFORM
from storage.console import Posted, Room
from storage.store import Act, Store
from storage.unit import Unit
from storage.views import rooms
from storage.views.rooms import MessageView
from web.pages.parts import Hidden

SURFACE: Surface = "console"


@dataclass(frozen=True)
class ConsoleKeep:
    """The chat's memory. Each call is a unit of its own."""

    store: Store

    async def say(self, said: Said) -> str:
        """Keep a message, once per key; returns its id."""
        async with self.store.write(Act(said.author, SURFACE)) as unit:
            posted = Posted(
                id=unit.ids.new(),
                key=said.key,
                room=said.place.room,
                thread=said.place.thread,
                author=said.author,
                at=unit.now,
                body=said.message,
                private_to=said.private_to,
                change=unit.ids.new(),
            )
            await _need_room(unit, said.place.room)
            message = await unit.console.post(posted)
            if said.secret:
                forget = ForgetAnswer(message=message)
                await unit.jobs.add(forget, due=unit.now + SHOWN_FOR, key=f"forget:{message}")
            return message

    async def edit(self, message: str, shown: Message) -> bool:
        """Replace a message; False where it has gone."""
        async with self.store.write(Act(AUTHOR, SURFACE)) as unit:
            return await unit.console.edit(message, shown) is not None

    async def direct(self, user: str) -> Place:
        """The person's direct room, opened if need be."""
        async with self.store.read() as unit:
            person = await unit.people.need(user)
            known = await unit.console.room(direct_room(user))
        if known is None:
            opened = Room(
                id=direct_room(user),
                name=person.name,
                room_kind="direct",
                topic="Your pages and answers",
                members=(user,),
            )
            await self._open(opened)
        return Place(platform=PLATFORM, room=direct_room(user))

    async def open_room(self, spec: RoomSpec) -> Place:
        """A room of that name; a private one is for its members, a public one for everybody."""
        members = spec.members if spec.private else ()
        room = Room(
            id=spec.name, name=spec.name, room_kind="incident", topic=spec.topic, members=members
        )
        await self._open(room)
        return Place(platform=PLATFORM, room=room.id)

    async def enter(self, place: Place, reader: str) -> Spot:
        """The room or thread, for somebody who wants to speak there."""
        if place.room == direct_room(reader):
            await self.direct(reader)
        async with self.store.read() as unit:
            room = await rooms.shown(unit.scope, reader, place.room)
            if place.thread is not None:
                await _need_thread(unit, place, reader)
            incident = await unit.incidents.at(place)
            found = await unit.incidents.get(incident) if incident else None
        known = {"place": place, "kind": room.kind, "incident": incident}
        return Spot.model_validate(known | {"relay": found.relay if found else None})

    async def standing(self, message: str, reader: str) -> Standing:
        """The message of that id."""
        async with self.store.read() as unit:
            return _standing(await rooms.message(unit.scope, reader, message))

    async def asked(self, form: str, reader: str) -> Standing | None:
        """The newest message to the reader alone that asks with the form of that id."""
        async with self.store.read() as unit:
            found = await rooms.asked(unit.scope, reader, form)
        return _standing(found) if found else None

    async def ringing(self, user: str) -> str | None:
        """The incident of the person's newest page that still rings."""
        async with self.store.read() as unit:
            pages = await unit.pages.to(user)
        return pages[0].incident if pages else None

    async def stored(self, button: str) -> tuple[str, dict[str, str]] | None:
        """The command and arguments of a call that was kept for a button."""
        async with self.store.read() as unit:
            return await unit.calls.stored(button)

    async def _open(self, room: Room) -> None:
        async with self.store.write(Act(AUTHOR, SURFACE)) as unit:
            await unit.console.open(room)


def direct_room(user: str) -> str:
    """The id of a person's direct room."""
    return f"dm-{user}"


def shown(view: MessageView) -> dict[str, JsonValue]:
    """A message in the contract's shape, as the console renders it."""
    return payload(ConsoleMessage.model_validate(dict(view)))


def drawn(message: Message, hidden: Hidden) -> str:
    """An answer that stands on a page of the dashboard, as HTML."""
    return html(message, "answer", hidden.csrf, key=hidden.key, back=hidden.back)


async def _need_thread(unit: Unit, place: Place, reader: str) -> None:
    root = await rooms.message(unit.scope, reader, place.thread or "")
    if root.room != place.room:
        raise NotFound(f"There is no thread {place.thread} in {place.room}.")


def _standing(view: MessageView) -> Standing:
    return Standing(
        id=view.id,
        place=Place(platform=PLATFORM, room=view.room, thread=view.thread),
        message=view.message,
        private_to=view.private_to,
    )


async def _need_room(unit: Unit, room: str) -> None:
    """A channel that settings or a route name is there as soon as something is said in it."""
    if await unit.console.room(room) is None:
        await unit.console.open(Room(id=room, name=room, room_kind="channel"))
