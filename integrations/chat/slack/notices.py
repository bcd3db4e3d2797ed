"""What Slack tells of by the way: a reaction that adds to a timeline, an opened App Home, and a
channel that we were brought into."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from domain.chat import Kept, Words
from domain.errors import Permanent, Retry
from domain.place import Place
from integrations.chat.edge import ChatEdge
from integrations.chat.slack import words
from integrations.chat.slack.answer import Answered, Spot, Way
from integrations.chat.slack.heard import HomeEvent, JoinedEvent, ReactionEvent, SlackMessage, read
from integrations.chat.slack.lines import Body
from integrations.chat.slack.people import SlackPeople
from integrations.chat.slack.turns import Turns

log = structlog.get_logger()

HOME_LINE, HELP_LINE = "/me", "/help"


@dataclass(frozen=True)
class Notices:
    """Hears reactions with ``emoji``, and shows everybody their own page."""

    edge: ChatEdge
    people: SlackPeople
    turns: Turns
    emoji: str

    async def reaction(self, body: Body) -> None:
        """Add a message to the timeline; a reaction with anything else is none of ours."""
        sent = read(ReactionEvent, body["event"])
        if sent.reaction.partition("::")[0] == self.emoji and sent.item.type == "message":
            self.turns.later(self._keep(sent))

    async def joined(self, body: Body) -> None:
        """People have brought us into a channel: say there what to type first."""
        sent = read(JoinedEvent, body["event"])
        if sent.inviter:
            self.turns.later(self._greet(sent))

    async def home(self, body: Body) -> None:
        """Somebody opened our page."""
        sent = read(HomeEvent, body["event"])
        if sent.tab == "home":
            self.turns.later(self.show_home(sent.user, f"slack:{body.get('event_id')}"))

    async def show_home(self, user: str, key: str) -> None:
        """Draw somebody's page: their shifts and open incidents, or help."""
        chat = self.turns.answers.chat
        known = HOME_LINE.removeprefix("/") in self.edge.registry.nouns
        try:
            said = Words(
                account=await self.people.account(user),
                place=Place(platform="slack", room=f"home-{user}"),
                key=f"{key}:home",
                text=HOME_LINE if known else HELP_LINE,
            )
            reply = self.turns.dressed(await self.edge.line(said))
            rendered = await chat.rendered(reply.message)
            view = {"type": "home", "blocks": list(rendered.blocks)}
            await chat.api.ask(lambda slack: slack.views_publish(user_id=user, view=view))
        except (Retry, Permanent) as failed:
            log.warning("home not shown", error=str(failed))

    async def _greet(self, sent: JoinedEvent) -> None:
        """Where other companies read too nothing is posted (rules.md 1)."""
        chat, place = self.turns.answers.chat, Place(platform="slack", room=sent.channel)
        try:
            if sent.user != (await self.people.home()).bot:
                return
            if message := await self.edge.arrived(place):
                await chat.post(place, self.turns.dress(message), f"entered:{place.room}")
        except (Retry, Permanent) as failed:
            log.warning("room not welcomed", error=str(failed))

    async def _keep(self, sent: ReactionEvent) -> None:
        """Text is read only of a message that belongs to an incident's room or thread."""
        try:
            found = await self._fetched(sent.item.channel, sent.item.ts)
            spot = await self._spot(sent, found)
            if spot:
                await self._add(sent, spot, read(SlackMessage, found))
        except (Retry, Permanent) as failed:
            log.warning("message not added", error=str(failed))

    async def _spot(self, sent: ReactionEvent, found: Mapping[str, Any]) -> Spot | None:
        thread = found.get("thread_ts")
        spot = Spot(room=sent.item.channel, thread=thread, message=sent.item.ts)
        known = await self.turns.answers.chat.keep.incident(spot.place)
        return spot if known and found else None

    async def _add(self, sent: ReactionEvent, spot: Spot, message: SlackMessage) -> None:
        key = f"slack:{spot.room}:{message.ts}:kept"
        account = await self.people.account(sent.user)
        kept = Kept(
            account=account,
            place=spot.place,
            key=key,
            message=message.ts,
            text=await words.typed(message.text, self.people.handle),
            author=await self.people.name(message.user),
        )
        reply = self.turns.dressed(await self.edge.add(kept))
        way = Way(user=sent.user, spot=spot, key=key)
        self.turns.answer(Answered(reply=reply, way=way, account=account))

    async def _fetched(self, channel: str, stamp: str) -> Mapping[str, Any]:
        """The message, in a thread or not; nothing where it has gone."""
        answer = await self.turns.answers.chat.api.ask(
            lambda slack: slack.conversations_replies(
                channel=channel, ts=stamp, oldest=stamp, latest=stamp, inclusive=True, limit=1
            )
        )
        mine = (one for one in answer["messages"] if one.get("ts") == stamp)
        return next(mine, {})
