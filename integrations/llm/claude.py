"""Claude through the official client: one typed question, our own budget, two kinds of failure.

The client's own retries are off and its answer is read as bytes: its typed reader validates
before one can see why a message ended, so that a refusal, a cut answer and nonsense would look
alike, and what they cost would be lost.
"""

import asyncio
import importlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import httpx2
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from domain.base import Frozen
from domain.llm import ModelFailed, ModelRetry, Reason
from domain.ports import Answer, Clock, ModelAnswer, Purpose
from integrations.llm.circuit import Circuit
from integrations.llm.prices import cost_usd, model_of

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

TRIES = 2
PROBE_S = 10.0
LARGEST_ANSWER = 256 * 1024
"""Bytes. The longest answer that a prompt allows has a tenth of it."""

LONGEST_WAIT_S = 3600
SERVER_ERRORS = 500
RETRIED = {
    408: Reason.TIMEOUT,
    409: Reason.SERVER_ERROR,
    429: Reason.RATE_LIMITED,
    529: Reason.OVERLOADED,
}
CUT_SHORT = frozenset({"max_tokens", "model_context_window_exceeded"})
ANSWERED = frozenset({Reason.REFUSAL, Reason.REJECTED})
"""The other side works and said no to this one text: no reason to leave it alone."""


class ClaudeSettings(Frozen):
    """``base_url`` may point at a proxy or at loopback; ``pause_s`` parts two tries."""

    api_key: SecretStr
    model: str
    base_url: str = "https://api.anthropic.com"
    pause_s: float = 0.5


class Claude:
    """The `LanguageModel` port on the Messages API."""

    def __init__(self, settings: ClaudeSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._circuit = Circuit()
        self._client: AsyncAnthropic | None = None
        self._connecting = asyncio.Lock()

    @property
    def model(self) -> str:
        """The model's name, as in the settings."""
        return self._settings.model

    @property
    def address(self) -> str:
        """The API's host; a user or a path of the address is not shown."""
        url = httpx2.URL(self._settings.base_url)
        return f"{url.scheme}://{url.netloc.decode('ascii')}"

    async def ask(self, purpose: Purpose, schema: type[Answer]) -> tuple[Answer, ModelAnswer]:
        """Answer ``purpose`` in the shape of ``schema``, within its ``timeout_s`` all told.

        Raises `ModelRetry` or `ModelFailed`; never anything else.
        """
        self._need_closed()
        client = await self._connected()
        self._circuit = self._circuit.tried(self._clock.now())
        try:
            answer = await self._within(client, purpose, schema)
        except (ModelRetry, ModelFailed) as failure:
            works = failure.reason in ANSWERED
            self._circuit = Circuit() if works else self._circuit.failed(self._clock.now())
            raise
        self._circuit = Circuit()
        return answer

    async def probe(self) -> None:
        """Ask whether the key and the model are known, which costs nothing. Raises as `ask`."""
        client = await self._connected()
        try:
            async with asyncio.timeout(PROBE_S), _failures_named():
                await client.models.with_raw_response.retrieve(self.model)
        except TimeoutError:
            raise ModelRetry(Reason.TIMEOUT) from None

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    def _need_closed(self) -> None:
        wait = self._circuit.wait(self._clock.now())
        if wait is not None:
            raise ModelRetry(Reason.CIRCUIT_OPEN, wait)

    async def _connected(self) -> "AsyncAnthropic":
        async with self._connecting:
            if self._client is None:
                self._client = await _connect(self._settings)
            return self._client

    async def _within(
        self, client: "AsyncAnthropic", purpose: Purpose, schema: type[Answer]
    ) -> tuple[Answer, ModelAnswer]:
        request = _request(self.model, purpose, schema)
        try:
            async with asyncio.timeout(purpose.timeout_s) as budget:
                body = await self._tried(client, request, budget)
        except TimeoutError:
            raise ModelRetry(Reason.TIMEOUT) from None
        return _read(self.model, body, schema)

    async def _tried(
        self, client: "AsyncAnthropic", request: Mapping[str, Any], budget: asyncio.Timeout
    ) -> bytes:
        """One try and, where time is left for it, a second one."""
        for _ in range(TRIES - 1):
            try:
                return await _send(client, request)
            except ModelRetry as failure:
                pause = failure.after or timedelta(seconds=self._settings.pause_s)
                if pause.total_seconds() >= _left(budget):
                    raise
                await asyncio.sleep(pause.total_seconds())
        return await _send(client, request)


Count = Annotated[int, Field(ge=0)]


class _Block(BaseModel):
    model_config = ConfigDict(extra="ignore")
    type: str
    text: str = ""


class _Usage(BaseModel):
    model_config = ConfigDict(extra="ignore")
    input_tokens: Count
    output_tokens: Count
    cache_creation_input_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None


class _Message(BaseModel):
    """What we need of a message; the wire has more."""

    model_config = ConfigDict(extra="ignore")
    content: tuple[_Block, ...]
    stop_reason: str
    usage: _Usage


async def _connect(settings: ClaudeSettings) -> "AsyncAnthropic":
    """The client. Its import takes a second, so it happens once, late, and beside the loop."""
    anthropic = await asyncio.to_thread(importlib.import_module, "anthropic")
    async with _failures_named():
        client: AsyncAnthropic = anthropic.AsyncAnthropic(
            api_key=settings.api_key.get_secret_value(),
            base_url=settings.base_url,
            max_retries=0,
            # a redirect would carry the key to another host
            http_client=anthropic.DefaultAsyncHttpxClient(follow_redirects=False),
        )
    return client


def _request(model: str, purpose: Purpose, schema: type[BaseModel]) -> dict[str, Any]:
    from anthropic import transform_schema

    shape = {"type": "json_schema", "schema": transform_schema(schema)}
    thinking = {"thinking": {"type": "disabled"}} if model_of(model).quiet else {}
    return {
        "model": model,
        "max_tokens": purpose.max_tokens,
        "system": purpose.system,
        "messages": [{"role": "user", "content": purpose.request}],
        "output_config": {"format": shape},
        "timeout": purpose.timeout_s,
        **thinking,
    }


async def _send(client: "AsyncAnthropic", request: Mapping[str, Any]) -> bytes:
    """The body of a successful answer, at most `LARGEST_ANSWER` bytes."""
    async with (
        _failures_named(),
        client.messages.with_streaming_response.create(**request) as response,
    ):
        body = bytearray()
        async for chunk in response.iter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise ModelFailed(Reason.TOO_LARGE)
        return bytes(body)


@asynccontextmanager
async def _failures_named() -> AsyncIterator[None]:
    """Every failure of client and network, in our two kinds."""
    import anthropic

    try:
        yield
    except anthropic.APIStatusError as failure:
        raise _status(failure.status_code, failure.response.headers) from None
    except (anthropic.APIConnectionError, httpx2.HTTPError, OSError):
        raise ModelRetry(Reason.UNREACHABLE) from None
    except (anthropic.AnthropicError, httpx2.InvalidURL, ValueError):
        # the key or the address cannot even be sent
        raise ModelFailed(Reason.REJECTED) from None


def _status(code: int, headers: Mapping[str, str]) -> ModelRetry | ModelFailed:
    if code in (401, 403):
        return ModelFailed(Reason.UNAUTHORISED)
    if code in RETRIED or code >= SERVER_ERRORS:
        return ModelRetry(RETRIED.get(code, Reason.SERVER_ERROR), _retry_after(headers))
    return ModelFailed(Reason.REJECTED)


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """The seconds of ``retry-after``; None where there are none, or they make no sense."""
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return timedelta(seconds=min(seconds, LONGEST_WAIT_S)) if seconds > 0 else None


def _left(budget: asyncio.Timeout) -> float:
    """Seconds until the budget ends."""
    ends = budget.when()
    return ends - asyncio.get_running_loop().time() if ends is not None else 0.0


def _read(model: str, body: bytes, schema: type[Answer]) -> tuple[Answer, ModelAnswer]:
    """The answer in ``body``; what it cost is known whatever it says."""
    try:
        message = _Message.model_validate_json(body)
    except ValidationError as error:
        raise ModelFailed(_why_unreadable(error)) from None
    spent = _spent(model, message.usage)
    if message.stop_reason == "refusal":
        raise ModelFailed(Reason.REFUSAL, spent)
    if message.stop_reason in CUT_SHORT:
        raise ModelFailed(Reason.TRUNCATED, spent)
    try:
        return schema.model_validate_json(_text(message)), spent
    except ValidationError as error:
        raise ModelFailed(_why_unreadable(error), spent) from None


def _text(message: _Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def _spent(model: str, usage: _Usage) -> ModelAnswer:
    cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
    read = usage.input_tokens + cached
    return ModelAnswer(
        model=model,
        input_tokens=read,
        output_tokens=usage.output_tokens,
        cost_usd=cost_usd(model, read, usage.output_tokens),
    )


def _why_unreadable(error: ValidationError) -> Reason:
    broken = any(one["type"] == "json_invalid" for one in error.errors(include_input=False))
    return Reason.NOT_JSON if broken else Reason.WRONG_SHAPE
