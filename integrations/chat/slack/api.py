"""Slack's Web API with a deadline of ours and two kinds of failure; the jobs alone try again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from domain.errors import Permanent, Retry

DEADLINE_S = 5.0
LONGEST_WAIT_S = 3600
TOO_MANY = 429
SERVER_ERRORS = 500
# Slack was reached and could not; everything else that it refuses stays refused
BUSY = frozenset(
    {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)

Answer = dict[str, Any]
Asking = Callable[[AsyncWebClient], Awaitable[Any]]


class Refused(Permanent):
    """Slack said no; ``code`` is its own word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SlackApi:
    """One connection pool, one token. Every call raises `Retry` or `Refused`, nothing else."""

    def __init__(self, token: str, address: str, deadline_s: float = DEADLINE_S) -> None:
        self._token = token
        self._address = f"{address}/"
        self.deadline_s = deadline_s
        self._client: AsyncWebClient | None = None

    @property
    def client(self) -> AsyncWebClient:
        """Slack's own client, which here never tries anything twice: a second post is a double."""
        if self._client is None:
            self._client = AsyncWebClient(
                token=self._token,
                base_url=self._address,
                session=aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.deadline_s)),
                logger=quiet("api"),
                retry_handlers=[],
            )
        return self._client

    async def ask(self, asking: Asking) -> Answer:
        """The answer to ``asking``, which calls one method of the client."""
        try:
            async with asyncio.timeout(self.deadline_s):
                answer = await asking(self.client)
        except SlackApiError as error:
            raise failure(error.response) from None
        except (aiohttp.ClientError, OSError) as error:
            raise Retry(f"Slack did not answer: {type(error).__name__}") from None
        return dict(answer.data)

    async def close(self) -> None:
        """Give the connections back."""
        if self._client and self._client.session:
            await self._client.session.close()
        self._client = None


def quiet(name: str) -> logging.Logger:
    """A logger for Slack's libraries, whose lower levels hold whole messages and requests."""
    logger = logging.getLogger(f"tocsin.slack.{name}")
    logger.setLevel(logging.ERROR)
    return logger


def failure(response: Any) -> Retry | Refused:
    """What an answer that is none means: try later, or never."""
    status: int = getattr(response, "status_code", 0) or getattr(response, "status", 0)
    data = getattr(response, "data", None)
    code = str(data.get("error", "")) if isinstance(data, Mapping) else ""
    if status == TOO_MANY or code == "ratelimited":
        return Retry("Slack is busy", _patience(getattr(response, "headers", {})))
    if status >= SERVER_ERRORS or code in BUSY or not code:
        return Retry(f"Slack could not: {code or status}")
    return Refused(code)


def _patience(headers: Mapping[str, str]) -> timedelta | None:
    """What Retry-After says, in seconds; nonsense says nothing."""
    said = headers.get("Retry-After", "")
    return timedelta(seconds=min(int(said), LONGEST_WAIT_S)) if said.isdecimal() else None
