"""Teams, put together from its parts."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.routing import BaseRoute

from domain.finding import Finding
from integrations.chat.platform import Alive
from integrations.chat.teams import check
from integrations.chat.teams.connector import Connector
from integrations.chat.teams.listen import TeamsListener
from integrations.chat.teams.send import TeamsChat
from integrations.chat.teams.tokens import AppTokens


@dataclass(frozen=True)
class Teams:
    """A connected Teams: `integrations.chat.platform.Platform`."""

    chat: TeamsChat
    listener: TeamsListener
    connector: Connector
    tokens: AppTokens | None
    single: bool = False

    def routes(self) -> Sequence[BaseRoute]:
        """The address that Teams posts to."""
        return (self.listener.route(),)

    async def listen(self, alive: Alive) -> None:
        """Nothing is held open: everything comes over HTTP."""

    async def check(self) -> tuple[Finding, ...]:
        """The app's password, and the room of all incidents."""
        found = await check.of_tokens(self.tokens)
        return (*found, await check.of_room(self.chat.channels, self.chat.incidents_room))

    async def close(self) -> None:
        """Give the connections back."""
        await self.connector.close()
        if self.tokens:
            self.tokens.close()
