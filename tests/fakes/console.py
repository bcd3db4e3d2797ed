"""The built-in chat over a store, with every real command and no job carried out."""

from dataclasses import dataclass

from bot.console import ConsoleKeep
from bot.dispatch import Dispatch
from bot.lines import typed_by
from commands.discovery import registry
from domain.actor import Actor
from domain.console import Heard, Press, Spoken, Submission
from integrations.chat.console.limits import fit_strictly
from integrations.chat.console.listen import ConsoleListener
from integrations.chat.console.send import ConsoleChat
from storage.store import Store
from storage.views import rooms
from storage.views.rooms import MessageView


@dataclass(frozen=True)
class Talk:
    """What people do, by their handles."""

    store: Store
    keep: ConsoleKeep
    chat: ConsoleChat
    listener: ConsoleListener

    async def actor(self, person: str) -> Actor:
        async with self.store.read() as unit:
            actor = await unit.people.actor(person)
        assert actor, person
        return actor

    async def say(self, person: str, room: str, text: str, **more: str) -> Heard:
        actor = await self.actor(person)
        return await self.listener.say(Spoken(actor=actor, room=room, text=text, **more))

    async def press(self, person: str, message: str, button: str, **values: str) -> Heard:
        actor = await self.actor(person)
        press = Press(actor=actor, message=message, button=button, values=values)
        return await self.listener.press(press)

    async def submit(
        self, person: str, form: str, values: dict[str, str], message: str | None = None
    ) -> Heard:
        actor = await self.actor(person)
        submission = Submission(actor=actor, form=form, values=values, message=message)
        return await self.listener.submit(submission)

    async def seen(self, person: str, room: str) -> tuple[MessageView, ...]:
        async with self.store.read() as unit:
            return (await rooms.said(unit.scope, person, room)).items

    async def message(self, person: str, message: str) -> MessageView:
        async with self.store.read() as unit:
            return await rooms.message(unit.scope, person, message)


def talk_over(store: Store) -> Talk:
    """The chat of ``store``."""
    known = registry()
    dispatch = Dispatch(known, store)
    keep = ConsoleKeep(store)
    listener = ConsoleListener(
        keep=keep,
        typed=typed_by(known, dispatch),
        dispatch=dispatch,
        registry=known,
        ids=store.ids,
        fit=fit_strictly,
    )
    return Talk(store, keep, ConsoleChat(keep, fit_strictly), listener)
