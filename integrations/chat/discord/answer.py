"""How a reply reaches whoever asked for it by an interaction.

Discord wants the first answer within three seconds, and a form can be nothing but the first
answer. So what takes long is promised, and a form that comes too late is asked for by a button.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from domain.account import Account
from domain.base import Frozen
from domain.call import Reply
from domain.errors import Permanent, Retry
from domain.message import Actions, Button, Form, Message, Node, Option, form_of, sentence
from domain.ports import Choices
from integrations.chat.discord.forms import modal, offered
from integrations.chat.discord.limits import Json
from integrations.chat.discord.render import SILENT
from integrations.chat.discord.send import DiscordChat
from integrations.chat.discord.server import PLATFORM

log = structlog.get_logger()

SLOW_S = 1.5
EPHEMERAL = 1 << 6
MESSAGE, DEFERRED, CHOICES, MODAL = 4, 5, 8, 9
MOST_PEOPLE = 24
LATER = "form:"
GONE = "That form has gone, because you have asked for another one since: start again."
Dress = Callable[[Message], Message]
CALLBACK = "/interactions/{webhook_id}/{webhook_token}/callback"
ORIGINAL = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"


class Ticket(Frozen):
    """What one interaction is answered with; ``opens`` says that a form may be the answer."""

    id: str
    token: str
    opens: bool = True


@dataclass(frozen=True)
class Answers:
    """Answers interactions. Nothing is raised: an answer that is not delivered is logged.

    ``dress`` marks what the demo says.
    """

    chat: DiscordChat
    dress: Dress

    async def give(self, ticket: Ticket, account: Account, coming: Awaitable[Reply]) -> None:
        """Answer with what ``coming`` brings, at once or when it is there."""
        work = asyncio.ensure_future(coming)
        try:
            done, _ = await asyncio.wait((work,), timeout=SLOW_S)
            await (self._at_once if done else self._later)(ticket, account, work)
        except (Retry, Permanent) as lost:
            log.warning("answer not delivered", platform=PLATFORM, error=str(lost))

    async def offer(self, ticket: Ticket, options: tuple[Option, ...]) -> None:
        """Answer with what may be filled in."""
        choices = [{"name": one.label[:100], "value": one.value} for one in options]
        try:
            await self._call_back(ticket, CHOICES, {"choices": choices})
        except (Retry, Permanent) as lost:
            log.warning("choices not delivered", platform=PLATFORM, error=str(lost))

    async def askable(self, message: Message, account: Account, asked: str) -> Message:
        """``message``, dressed; a form in it is kept, and a button stands in its place."""
        message = self.dress(message)
        form = form_of(message)
        if form is None:
            return message
        kept = {"asked": asked, "form": form.model_dump(mode="json")}
        await self.chat.keep.refer(PLATFORM, f"{LATER}{account.id}", kept)
        button = Button(id=f"{LATER}{asked}", label=f"{form.submit[:70]}…", style="primary")
        nodes: tuple[Node, ...] = (Actions(buttons=(button,)),)
        others = tuple(node for node in message.nodes if not isinstance(node, Form))
        return message.model_copy(update={"nodes": (*others, *nodes)})

    async def kept(self, account: Account, asked: str) -> Reply:
        """The form that was asked for by a button."""
        found = await self.chat.keep.reference(PLATFORM, f"{LATER}{account.id}")
        if found is None or found["asked"] != asked:
            return Reply(message=sentence(GONE), refused="stale")
        form = Form.model_validate(found["form"])
        return Reply(message=Message(nodes=(form,)), refused="asks")

    async def _at_once(self, ticket: Ticket, account: Account, work: asyncio.Future[Reply]) -> None:
        reply = work.result()
        form = form_of(reply.message)
        if form and form.inputs and ticket.opens:
            shown = self.chat.accept(modal(await self._with_people(form, account)))
            await self._call_back(ticket, MODAL, shown)
            return
        body = await self._body(ticket, account, reply)
        hidden = EPHEMERAL if reply.private else 0
        await self._call_back(ticket, MESSAGE, body | {"flags": body["flags"] | hidden})

    async def _later(self, ticket: Ticket, account: Account, work: asyncio.Future[Reply]) -> None:
        await self._call_back(ticket, DEFERRED, {"flags": EPHEMERAL})
        body = await self._body(ticket, account, await work)
        ids = {"webhook_id": await self.chat.api.application(), "webhook_token": ticket.token}
        await self.chat.api.call("PATCH", ORIGINAL, body, **ids)

    async def _body(self, ticket: Ticket, account: Account, reply: Reply) -> Json:
        message = await self.askable(reply.message, account, ticket.id)
        body = await self.chat.body(message, ticket.id)
        return {
            "flags": body["flags"] & ~SILENT,
            "components": body["components"],
            "allowed_mentions": body["allowed_mentions"],
        }

    async def _with_people(self, form: Form, account: Account) -> Form:
        """People to pick from, where all of them stand in one menu."""
        for one in form.inputs:
            if one.kind == "person":
                known = await self.chat.keep.choices(Choices(account=account, kind="person"))
                if 0 < len(known) <= MOST_PEOPLE:
                    form = offered(form, one.name, known)
        return form

    async def _call_back(self, ticket: Ticket, kind: int, body: Json) -> None:
        ids = {"webhook_id": ticket.id, "webhook_token": ticket.token}
        await self.chat.api.call("POST", CALLBACK, {"type": kind, "data": body}, **ids)
