"""Commands, presses and forms on Discord become calls.

They are heard as raw interactions and never bound to an object in memory, so that a button works
after a restart.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

import discord
import structlog

from domain.account import Account
from domain.args import slots_of
from domain.call import Reply
from domain.chat import Heard, Kept, Pressed, Typed
from domain.errors import Permanent, Retry
from domain.message import Actions, Button, Message, prefilled, sentence
from domain.ports import Choices
from domain.press import UNKNOWN
from integrations.chat.discord.answer import LATER, Answers, Ticket
from integrations.chat.discord.asked import pick, pointed, typed_command
from integrations.chat.discord.forms import filled_in
from integrations.chat.discord.manifest import (
    ADD_TO_TIMELINE,
    CHOOSABLE,
    CREATE_ACTION,
    DECLARE_FROM,
    command_named,
)
from integrations.chat.discord.places import Places, person
from integrations.chat.discord.render import SURE
from integrations.chat.discord.server import PLATFORM
from integrations.chat.edge import ChatEdge

log = structlog.get_logger()

Event = discord.Interaction[Any]
Kind = discord.InteractionType

UNSURE = "Discord does not say who you are just now: try again in a minute."
REALLY = "Are you sure?"
# What a command in a message's menu fills into a form: the command, the field, how much fits.
FROM_MESSAGE = {
    DECLARE_FROM: ("incident declare", "title", 200),
    CREATE_ACTION: ("incident action", "text", 500),
}


@dataclass(frozen=True)
class Interactions:
    """Hears interactions and answers them. Nothing is raised."""

    edge: ChatEdge
    places: Places
    answers: Answers

    async def hear(self, event: Event) -> None:
        """A command, a press, a form, or a field that is being filled in."""
        opens = event.type is not Kind.modal_submit
        ticket = Ticket(id=str(event.id), token=event.token, opens=opens)
        try:
            heard = await self._heard(event)
        except (Retry, Permanent) as unknown:
            log.warning("account not known", platform=PLATFORM, error=str(unknown))
            await self.answers.give(ticket, NOBODY, _said(UNSURE))
            return
        if event.type is Kind.autocomplete:
            await self._complete(event.data, ticket, heard.account)
        else:
            await self.answers.give(ticket, heard.account, self._reply(event, heard))

    async def _heard(self, event: Event) -> Heard:
        account = await self.places.server.account(person(event.user, event.guild_id))
        return Heard(
            account=account,
            place=await self.places.place(event.channel),
            key=str(event.id),
            direct=event.guild_id is None,
            message=str(event.message.id) if event.message else None,
        )

    def _reply(self, event: Event, heard: Heard) -> Awaitable[Reply]:
        told: Any = event.data
        if event.type is Kind.component:
            return self._press(told, heard)
        if event.type is Kind.modal_submit:
            return self._submit(told, heard)
        if told["type"] == discord.AppCommandType.message.value:
            return self._point(told, heard)
        return self._command(told, heard)

    async def _command(self, told: Any, heard: Heard) -> Reply:
        typed = typed_command(told)
        command = command_named(typed.path, self.edge.registry)
        if command is None:
            return Reply(message=sentence(UNKNOWN), refused="stale")
        return await self.edge.command(Typed(**dict(heard), command=command.name, args=typed.args))

    async def _press(self, told: Any, heard: Heard) -> Reply:
        picked = pick(told)
        if picked.button.startswith(LATER):
            return await self.answers.kept(heard.account, picked.button.removeprefix(LATER))
        if picked.button.startswith(SURE):
            return _sure(picked.button.removeprefix(SURE))
        return await self.edge.press(Pressed(**dict(heard), **dict(picked)))

    async def _submit(self, told: Any, heard: Heard) -> Reply:
        values = filled_in(told["components"])
        button = told["custom_id"]
        return await self.edge.press(Pressed(**dict(heard), button=button, values=values))

    async def _point(self, told: Any, heard: Heard) -> Reply:
        message, name = pointed(told), told["name"]
        if name == ADD_TO_TIMELINE:
            kept = Kept(**dict(heard), text=message.text, author=message.author)
            return await self.edge.add(kept)
        if name not in FROM_MESSAGE:
            return Reply(message=sentence(UNKNOWN), refused="stale")
        command, field, most = FROM_MESSAGE[name]
        reply = await self.edge.command(Typed(**dict(heard), command=command, args={}))
        filled = prefilled(reply.message, {field: message.text.strip()[:most]})
        return reply.model_copy(update={"message": filled})

    async def _complete(self, told: Any, ticket: Ticket, account: Account) -> None:
        typed = typed_command(told)
        command = command_named(typed.path, self.edge.registry)
        slots = {slot.name: slot for slot in slots_of(command.args)} if command else {}
        if typed.focused not in slots:
            return
        kind = CHOOSABLE.get(slots[typed.focused].arg.kind)
        if kind:
            wanted = Choices(account=account, kind=kind, typed=typed.args[typed.focused])
            await self.answers.offer(ticket, await self.edge.keep.choices(wanted))


async def _said(text: str) -> Reply:
    return Reply(message=sentence(text), refused="invalid")


def _sure(button: str) -> Reply:
    yes = Button(id=button, label="Yes", style="danger")
    nodes = (*sentence(REALLY).nodes, Actions(buttons=(yes,)))
    return Reply(message=Message(nodes=nodes), refused="confirm")


NOBODY = Account(platform=PLATFORM, workspace="", id="", name="", standing="guest")
