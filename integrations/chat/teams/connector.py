"""The Bot Framework, asked through the SDK's client: every failure is `Retry` or `Permanent`.

Only the SDK's clients are used. Its application reads the environment by itself when it is
imported, waits on the event loop for keys, and answers what it cannot read with a 500.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
from microsoft_teams.api.activities.message import MessageActivityInput
from microsoft_teams.api.clients.conversation import ConversationClient
from microsoft_teams.api.clients.conversation.params import CreateConversationParams
from microsoft_teams.api.clients.team import TeamClient
from microsoft_teams.api.models import Account, ChannelInfo, TeamsChannelAccount
from microsoft_teams.common import Client, ClientOptions, Token

from domain.errors import Permanent, Retry
from domain.ports import ChatKeep
from integrations.chat.teams.proof import is_loopback
from integrations.chat.teams.render import Rendered

PLATFORM = "teams"
DEFAULT = "https://smba.trafficmanager.net/teams"
CARD = "application/vnd.microsoft.card.adaptive"
SERVICE = "service"
PATIENCE_S = 10.0
WHOLE_CALL_S = 15.0
BUSY = (408, 412, 425, 429)
SERVER_ERRORS = 500
LONGEST_WAIT_S = 3600
CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")


@dataclass
class Connector:
    """``fixed`` is the one address to ask, where settings name it; else the one heard last."""

    keep: ChatKeep
    client: Client
    fixed: str | None = None

    async def heard_at(self, address: str) -> None:
        """Remember where Teams wants to be answered; only ever a safe address."""
        if self.fixed or not is_safe(address):
            return
        known = await self.keep.reference(PLATFORM, SERVICE)
        if known != {"address": address}:
            await self.keep.refer(PLATFORM, SERVICE, {"address": address})

    async def post(self, conversation: str, card: Rendered) -> str:
        """Say something where people talk; returns the message's id."""
        async with told():
            talk = await self._conversations()
            return (await talk.create_activity(conversation, message(card))).id

    async def start(self, channel: str, card: Rendered) -> tuple[str, str]:
        """Begin a post in a channel; returns its conversation and its first message."""
        params = CreateConversationParams.model_validate(
            {
                "isGroup": True,
                "activity": message(card),
                "channelData": {"channel": {"id": channel}},
            }
        )
        async with told():
            made = await (await self._conversations()).create(params)
            first = made.activity_id or made.id.rpartition("=")[2]
            return made.id if ";" in made.id else f"{channel};messageid={first}", first

    async def edit(self, conversation: str, activity: str, card: Rendered) -> None:
        """Replace a message in place."""
        async with told():
            talk = await self._conversations()
            try:
                await talk.update_activity(conversation, activity, message(card))
            except KeyError:
                return  # it was replaced; the answer does not repeat its id

    async def direct(self, account: str, tenant: str) -> str:
        """The conversation with a person alone; it is opened where there is none."""
        params = CreateConversationParams(members=[Account(id=account)], tenant_id=tenant)
        async with told():
            return (await (await self._conversations()).create(params)).id

    async def member(self, conversation: str, person: str) -> TeamsChannelAccount:
        """What Teams knows of somebody who takes part."""
        async with told():
            talk = await self._conversations()
            found: TeamsChannelAccount = await talk.get_member_by_id(conversation, person)
            return found

    async def channels(self, team: str) -> list[ChannelInfo]:
        """The channels of a team that Tocsin can see."""
        async with told():
            teams = TeamClient(await self._address(), self.client)
            return await teams.get_conversations(team)

    async def close(self) -> None:
        """Give the connections back."""
        await self.client.http.aclose()

    async def _conversations(self) -> ConversationClient:
        return ConversationClient(await self._address(), self.client)

    async def _address(self) -> str:
        known = None if self.fixed else await self.keep.reference(PLATFORM, SERVICE)
        return self.fixed or str((known or {}).get("address", DEFAULT))


def client(token: Token, patience_s: float = PATIENCE_S) -> Client:
    """Connections whose requests carry ``token``; the SDK itself would wait for ever."""
    return Client(ClientOptions(timeout=patience_s, token=token))


def message(card: Rendered) -> MessageActivityInput:
    """The activity that holds a card; lock screens show the summary."""
    return MessageActivityInput.model_validate(
        {
            "summary": card.summary,
            "attachments": [{"contentType": CARD, "content": card.card}],
        }
    )


def is_safe(address: str) -> bool:
    """Whether Tocsin may send anything there: over TLS, or on this machine."""
    return address.startswith("https://") or is_loopback(address)


@asynccontextmanager
async def told() -> AsyncIterator[None]:
    """Say what went wrong in a call: `Retry` where nobody knows, `Permanent` where it was no."""
    try:
        async with asyncio.timeout(WHOLE_CALL_S):
            yield
    except httpx.HTTPStatusError as refused:
        raise _refusal(refused.response) from refused
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, KeyError) as error:
        raise Retry(f"Teams gave no answer: {type(error).__name__}") from error


def _refusal(response: httpx.Response) -> Retry | Permanent:
    reason = f"Teams answered {response.status_code}{_code(response)}"
    if response.status_code in BUSY or response.status_code >= SERVER_ERRORS:
        return Retry(reason, _wait(response))
    return Permanent(reason)


def _code(response: httpx.Response) -> str:
    """The platform's own word for it, and none of its sentences: they may repeat what was said."""
    try:
        found = CODE.fullmatch(response.json()["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return ""
    return f" {found[0]}" if found else ""


def _wait(response: httpx.Response) -> timedelta | None:
    said = response.headers.get("retry-after", "")
    return timedelta(seconds=min(int(said), LONGEST_WAIT_S)) if said.isdecimal() else None
