"""Teams, put together from its parts."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.routing import BaseRoute

from integrations.chat.platform import Alive
from integrations.chat.teams.connector import Connector
from integrations.chat.teams.listen import TeamsListener
from integrations.chat.teams.send import TeamsChat


@dataclass(frozen=True)
class Teams:
    """A connected Teams: `integrations.chat.platform.Platform`."""

    chat: TeamsChat
    listener: TeamsListener
    connector: Connector
    single: bool = False

    def routes(self) -> Sequence[BaseRoute]:
        """The address that Teams posts to."""
        return (self.listener.route(),)

    async def listen(self, alive: Alive) -> None:
        """Nothing is held open: everything comes over HTTP."""

    async def close(self) -> None:
        """Give the connections back."""
        await self.connector.close()
