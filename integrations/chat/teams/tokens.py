"""Who asks: the app's own token for the Bot Framework, from its registration."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx2
import msal
from pydantic import SecretStr

from domain.errors import Permanent, Retry

AUTHORITY = "https://login.microsoftonline.com"
SCOPE = "https://api.botframework.com/.default"


@dataclass
class AppTokens:
    """Called for each request; the library keeps a token until shortly before it ends."""

    app_id: str
    password: SecretStr
    tenant: str
    authority: str = AUTHORITY
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=10))
    app: Any = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __call__(self) -> str:
        """A token that is valid now; one thread at a time asks for it. Raises as a `Chat` does."""
        async with self.turn:
            found = await asyncio.to_thread(self._acquired)
        if token := found.get("access_token"):
            return str(token)
        raise Permanent(f"Teams refuses the app's password: {found.get('error')}")

    def _acquired(self) -> dict[str, Any]:
        try:
            if self.app is None:
                self.app = msal.ConfidentialClientApplication(
                    self.app_id,
                    client_credential=self.password.get_secret_value(),
                    authority=f"{self.authority}/{self.tenant}",
                    # Microsoft's own hosts vouch for each other; another one is what was asked for
                    instance_discovery=None if self.authority == AUTHORITY else False,
                    http_client=self.http,
                )
            answer: dict[str, Any] = self.app.acquire_token_for_client(scopes=[SCOPE])
        except (httpx2.HTTPError, msal.exceptions.MsalError, ValueError) as error:
            raise Retry(f"no token: {type(error).__name__}") from error
        return answer

    def close(self) -> None:
        """Give the connection back."""
        self.http.close()
