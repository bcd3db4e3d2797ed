"""Bob in Slack: the stand-in, over sockets or signed HTTP, through Slack's own library."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes.hands.hand import BOB, MOMENT, pace_by_the_story
from tests.fakes.local_slack import GENERAL, Said, account_of, labels
from tests.fakes.slack_tocsin import SlackTocsin, Way, slack_tocsin
from tests.fakes.slack_types import faults, need_inert, need_typed
from tests.fakes.tocsin import Template, Tocsin

POSTING = ("chat.postMessage", "chat.postEphemeral", "chat.update")


@dataclass
class SlackHand:
    """`Hand` in a workspace."""

    office: SlackTocsin

    @property
    def tocsin(self) -> Tocsin:
        """Behind it."""
        return self.office.tocsin

    async def type(self, line: str, *, inside: bool = False) -> None:
        """A slash command."""
        room = (await self.see_message("INC-13", room="inc-13"))["channel"] if inside else GENERAL
        await self.office.command(BOB, line, channel=room)
        await self.tocsin.advance(MOMENT)

    async def press(self, on: str, label: str) -> None:
        """A button, or a line of a menu."""
        await self.office.press(BOB, await self.see_message(on, label=label), label)
        await self.tocsin.advance(MOMENT)

    async def fill(self, **values: str) -> None:
        """The window closes when it was taken."""
        await self.office.submit(BOB, **values)
        assert await self.office.slack.views() == 0, self.office.slack.refused
        await self.tocsin.advance(MOMENT)

    async def see(self, *words: str) -> str:
        """All that stands in it."""
        return str((await self.see_message(*words))["text"])

    async def see_message(self, *words: str, label: str = "", room: str = "") -> Said:
        """The newest of those that Bob can see."""
        channels = (await self.office.slack.state())["channels"]
        rooms = [one["id"] for one in channels if _may_look(one, room)]
        seen = [one for each in rooms for one in await self.office.slack.messages(each)]
        fitting = [one for one in seen if _fits(one, words, label)]
        assert fitting, f"no {words} with {label!r} among {[one['text'][:60] for one in seen]}"
        return max(fitting, key=lambda one: float(one["ts"]))


def _may_look(channel: dict[str, Any], room: str) -> bool:
    if room:
        return str(channel["name"]).startswith(room)
    return not channel["is_im"] or account_of(BOB) in channel["members"]


def _fits(one: Said, words: tuple[str, ...], label: str) -> bool:
    mine = one.get("ephemeral_to") in (None, account_of(BOB))
    shown = all(word in one["text"] for word in words)
    return mine and shown and (not label or any(made.startswith(label) for made in labels(one)))


async def need_sound(office: SlackTocsin) -> None:
    """Raise unless Slack would have taken everything that it was sent, as it is meant."""
    sent = [one for method in POSTING for one in await office.slack.calls(method)]
    for one in sent:
        need_typed(one["blocks"])
        need_inert(one["blocks"])
    for one in await office.slack.calls("views.open"):
        assert faults("Opened", one["view"]) == []
    assert sent


@asynccontextmanager
async def slack_hand(made: Template, folder: Path, way: Way) -> AsyncIterator[SlackHand]:
    """A workspace in which Tocsin is installed; what it was sent is looked at afterwards."""
    async with slack_tocsin(made, folder, way) as office:
        pace_by_the_story(office.tocsin)
        yield SlackHand(office)
        await need_sound(office)
