"""Buttons, menus, forms and shortcuts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from domain.account import Account
from domain.call import Reply
from domain.chat import Kept, Pressed, Typed
from domain.derive import form
from domain.errors import Permanent, Refused, Retry
from domain.message import Message, Option, form_of, prefilled, sentence
from domain.ports import Choices
from domain.press import given, pressed_call
from domain.spellings import DECLARE
from integrations.chat.edge import ChatEdge
from integrations.chat.slack import manifest, words
from integrations.chat.slack.answer import Answered, Spot, Way
from integrations.chat.slack.form import errors, kind_of, modal, told
from integrations.chat.slack.heard import (
    BlockAction,
    BlockActions,
    Malformed,
    Shortcut,
    SlackMessage,
    Submission,
    Suggestion,
    read,
)
from integrations.chat.slack.lines import DIRECT, Ack, Body
from integrations.chat.slack.notices import Notices
from integrations.chat.slack.people import SlackPeople
from integrations.chat.slack.render import ASK, MORE, PICK, option
from integrations.chat.slack.turns import PRESS_S, Call, Turns

FOLLOW_UP = "incident action"
LONGEST_TITLE = 140
LONGEST_ACTION = 1_000
REFUSALS = ("invalid", "not_found", "not_allowed", "stale")
EPHEMERAL = "ephemeral"


@dataclass(frozen=True)
class Presses:
    """Hears presses; each is the call behind it, checked now."""

    edge: ChatEdge
    people: SlackPeople
    turns: Turns
    notices: Notices

    async def press(self, ack: Ack, body: Body) -> None:
        """A button, a menu or a choice: acknowledged when it is done, answered behind that."""
        sent = read(BlockActions, body)
        if not sent.actions:
            raise Malformed
        way = _way_of(sent)
        answered = await self.turns.take(way, self._pressed(sent.actions[0], way), PRESS_S)
        await ack()
        if answered:
            self.turns.answer(answered)
        if sent.view and sent.view.type == "home":
            self.turns.later(self.notices.show_home(sent.user.id, way.key))

    async def submit(self, ack: Ack, body: Body) -> None:
        """A filled-in form: what is wrong stays in it, everything else closes it."""
        sent = read(Submission, body)
        way = Way(
            user=sent.user.id,
            spot=_spot_of(sent.view.private_metadata),
            key=f"slack:{sent.trigger_id}",
        )
        answered = await self.turns.take(
            way, lambda account: self._press(account, way, sent.view.callback_id, sent.view.values)
        )
        kept_open = await self._kept_open(answered, sent) if answered else {}
        await ack(**kept_open)
        if answered and not kept_open:
            self.turns.answer(answered)

    async def suggest(self, ack: Ack, body: Body) -> None:
        """What fits what is typed into a list."""
        sent = read(Suggestion, body)
        await ack(options=[option(one) for one in await self._fitting(sent)])

    async def shortcut(self, ack: Ack, body: Body) -> None:
        """A shortcut, on a message or anywhere: a form with what is known, or an entry."""
        sent = read(Shortcut, body)
        way = _way_of(sent)
        calls = {
            manifest.NEW: self._asking(way, DECLARE, {}),
            manifest.NEW_FROM: self._asking(way, DECLARE, {"title": LONGEST_TITLE}, sent.message),
            manifest.FOLLOW_UP: self._asking(
                way, FOLLOW_UP, {"text": LONGEST_ACTION}, sent.message
            ),
            manifest.KEEP: lambda account: self._keep(account, way, sent.message),
        }
        answered = await self.turns.take(way, calls.get(sent.callback_id, _unknown))
        await ack()
        if answered:
            self.turns.answer(answered)

    def _pressed(self, action: BlockAction, way: Way) -> Call:
        picked = action.selected_option.value if action.selected_option else ""
        if action.action_id.startswith(ASK):
            return lambda _account: self._opened(action)
        if action.action_id == MORE:
            return lambda account: self._press(account, way, picked, {})
        button, _, name = action.action_id.partition(PICK)
        values = {name: picked} if name else {}
        return lambda account: self._press(account, way, button, values)

    async def _press(
        self, account: Account, way: Way, button: str, values: dict[str, str]
    ) -> Reply:
        pressed = Pressed(
            account=account,
            place=way.spot.place,
            key=way.key,
            message=way.spot.message,
            direct=way.direct,
            button=button,
            values=values,
        )
        return await self.edge.press(pressed)

    async def _opened(self, action: BlockAction) -> Reply:
        """The form behind a button of a message, with what the button carries filled in."""
        registry = self.edge.registry
        try:
            values = json.loads(action.value or "{}")
            parsed = pressed_call(action.action_id.removeprefix(ASK), values, registry)
        except Refused as refused:
            return Reply(message=sentence(refused.text), refused="stale")
        except (ValueError, AttributeError):
            raise Malformed from None
        asked = form(registry.commands[parsed.command], parsed.args, {})
        return Reply(message=Message(nodes=(asked,)), refused="asks")

    async def _kept_open(self, answered: Answered, sent: Submission) -> dict[str, Any]:
        """What the acknowledgement says where the form must not close yet."""
        reply, asked = answered.reply, form_of(answered.reply.message)
        if reply.refused in REFUSALS:
            wrong = errors(reply.message, asked, reply.field, tuple(sent.view.values))
            if wrong:
                return {"response_action": "errors", "errors": wrong}
            return {"response_action": "update", "view": told(reply.message, "Not done", {})}
        if asked is None:
            return {}
        offered = await self.turns.answers.offered(asked, answered.account)
        meta = sent.view.private_metadata
        return {
            "response_action": "update",
            "view": modal(reply.message, asked, offered, meta),
        }

    async def _fitting(self, sent: Suggestion) -> tuple[Option, ...]:
        kind = kind_of(sent.action_id)
        if kind is None:
            return ()
        try:
            account = await self.people.account(sent.user.id)
        except (Retry, Permanent):
            return ()
        asked = Choices(account=account, kind=kind, typed=sent.value)
        return await self.turns.answers.chat.keep.choices(asked)

    def _asking(
        self,
        way: Way,
        command: str,
        longest: Mapping[str, int],
        message: SlackMessage | None = None,
    ) -> Call:
        """The command's own form; each field of ``longest`` holds the message, if it is short."""

        async def asking(account: Account) -> Reply:
            asked = Typed(
                account=account, place=way.spot.place, key=way.key, command=command, args={}
            )
            reply = await self.edge.command(asked)
            said = await self._words(message) if message else ""
            values = {name: " ".join(said.split())[:most] for name, most in longest.items()}
            filled = prefilled(reply.message, given(values))
            return reply.model_copy(update={"message": filled})

        return asking

    async def _keep(self, account: Account, way: Way, message: SlackMessage | None) -> Reply:
        if message is None:
            raise Malformed
        kept = Kept(
            account=account,
            place=way.spot.place,
            key=way.key,
            message=message.ts,
            text=await self._words(message),
            author=await self.people.name(message.user),
        )
        return await self.edge.add(kept)

    async def _words(self, message: SlackMessage) -> str:
        return await words.typed(message.text, self.people.handle)


def _way_of(sent: BlockActions | Shortcut) -> Way:
    message, room = sent.message, sent.channel.id if sent.channel else ""
    theirs = isinstance(sent, BlockActions) and sent.container.is_ephemeral
    shown = message is not None and message.subtype == EPHEMERAL
    thread = message.thread_ts if message else None
    spot = Spot(
        room=room,
        thread=thread,
        message=message.ts if message else None,
        url=sent.response_url or "",
    )
    return Way(
        user=sent.user.id,
        spot=spot,
        key=f"slack:{sent.trigger_id}",
        trigger=sent.trigger_id,
        replace=theirs or shown,
        direct=room.startswith(DIRECT),
    )


def _spot_of(meta: str) -> Spot:
    """Where the form was asked for; it comes back as it was given."""
    try:
        return Spot.model_validate_json(meta or "{}")
    except ValidationError:
        return Spot()


async def _unknown(_account: Account) -> Reply:
    told = "This shortcut is from another version. An admin renews it: tocsin connect slack"
    return Reply(message=sentence(told), refused="stale")
