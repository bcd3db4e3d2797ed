"""How somebody is answered: in a form, to them alone, or where they asked."""

from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk.webhook.async_client import AsyncWebhookClient

from domain.account import Account
from domain.base import Frozen
from domain.call import Reply
from domain.command import Registry
from domain.errors import Permanent, Retry
from domain.message import Form, Message, form_of
from domain.place import Place
from domain.ports import Choices
from integrations.chat.slack.api import DEADLINE_S, quiet
from integrations.chat.slack.form import Offered, modal, pickable
from integrations.chat.slack.send import AS_IT_IS, SlackChat, keyed

log = structlog.get_logger()

DONE = 200


class Spot(Frozen):
    """Where somebody did something; ``room`` is empty where there is no channel around it.

    ``url`` is Slack's own way to answer there, ``message`` what was pressed or pointed at.
    """

    room: str = ""
    thread: str | None = None
    message: str | None = None
    url: str = ""

    @property
    def place(self) -> Place:
        """The spot as incidents know it: a message begins a thread of its own."""
        return Place(platform="slack", room=self.room, thread=self.thread or self.message)


class Way(Frozen):
    """How ``user`` can be answered: with a form while ``trigger`` counts, about 3 s.

    ``replace``: the pressed message was theirs alone, and the answer takes its place.
    ``direct``: the spot is a place of them and Tocsin alone. ``again``: they may have been
    answered already.
    """

    user: str
    spot: Spot
    key: str
    trigger: str = ""
    replace: bool = False
    direct: bool = False
    again: bool = False


class Answered(Frozen):
    """A reply on its way; ``account`` is None where Slack could not say who asked."""

    reply: Reply
    way: Way
    account: Account | None = None


@dataclass(frozen=True)
class Answers:
    """Carries replies. What cannot be delivered is said in the log: whatever was done stays so."""

    chat: SlackChat
    registry: Registry

    async def give(self, answered: Answered) -> None:
        """Answer in the best way there is."""
        try:
            form = form_of(answered.reply.message)
            if form and await self.ask(answered, form):
                return
            await self._say(answered.reply, answered.way)
        except (Retry, Permanent) as failed:
            log.warning("answer not delivered", key=answered.way.key, error=str(failed))

    async def ask(self, answered: Answered, form: Form) -> bool:
        """Open ``form``; False where it is too late for one. Raises `Retry` or `Permanent`."""
        way = answered.way
        if not way.trigger:
            return False
        offered = await self.offered(form, answered.account)
        view = modal(answered.reply.message, form, offered, way.spot.model_dump_json())
        try:
            await self.chat.api.ask(
                lambda slack: slack.views_open(trigger_id=way.trigger, view=view)
            )
        except (Retry, Permanent) as late:
            log.warning("form not opened", key=way.key, error=str(late))
            return False
        return True

    async def offered(self, form: Form, account: Account | None) -> dict[str, Offered]:
        """What the fields of ``form`` can be picked from, as far as the account may see it."""
        kinds = pickable(form, self.registry) if account else {}
        return {
            name: Offered(
                kind=kind,
                options=await self.chat.keep.choices(Choices(account=account, kind=kind)),
            )
            for name, kind in kinds.items()
            if account
        }

    async def at_once(self, reply: Reply) -> dict[str, Any]:
        """The reply as the acknowledgement of a slash command."""
        return await self._payload(reply.message, public=not reply.private)

    async def _say(self, reply: Reply, way: Way) -> None:
        if way.spot.url:
            await self._respond(reply, way)
        elif way.direct or not way.spot.room:
            await self._direct(reply.message, way)
        elif reply.private:
            await self._privately(reply.message, way)
        else:
            await self.chat.post(way.spot.place, reply.message, f"answer:{way.key}")

    async def _respond(self, reply: Reply, way: Way) -> None:
        payload = await self._payload(reply.message, public=not reply.private)
        payload["replace_original"] = way.replace
        if way.spot.thread and not way.replace:
            payload["thread_ts"] = way.spot.thread
        webhook = AsyncWebhookClient(
            way.spot.url,
            timeout=int(DEADLINE_S),
            session=self.chat.api.client.session,
            logger=quiet("answers"),
            retry_handlers=[],
        )
        try:
            done = await webhook.send_dict(payload)
        except OSError as error:
            raise Retry(f"Slack took no answer: {type(error).__name__}") from None
        if done.status_code != DONE:
            raise Permanent(f"Slack took no answer: {done.status_code}")

    async def _direct(self, message: Message, way: Way) -> None:
        """In the direct message, where what was said can be read again later."""
        place = way.spot.place if way.spot.room else await self.chat.direct_with(way.user)
        await self.chat.post(place, message, f"answer:{way.key}", again=way.again)

    async def _privately(self, message: Message, way: Way) -> None:
        """To the person alone, in the channel; in the direct message where that cannot be."""
        rendered = await self.chat.rendered(message)
        said: dict[str, Any] = {"text": rendered.text, "blocks": keyed(rendered, way.key)}
        if way.spot.thread:
            said["thread_ts"] = way.spot.thread
        try:
            await self.chat.api.ask(
                lambda slack: slack.chat_postEphemeral(
                    channel=way.spot.room, user=way.user, parse="none", **said
                )
            )
        except Permanent:
            await self._direct(message, way.model_copy(update={"spot": Spot()}))

    async def _payload(self, message: Message, *, public: bool) -> dict[str, Any]:
        rendered = await self.chat.rendered(message)
        return {
            "response_type": "in_channel" if public else "ephemeral",
            "text": rendered.text,
            "blocks": list(rendered.blocks),
            **AS_IT_IS,
        }
