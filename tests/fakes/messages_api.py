"""A Messages API on loopback for the real client: scripted answers, and a record of what left.

    async with messages_api(status(429, retry_after="0.01"), good(ANSWER)) as api:
        claude = Claude(ClaudeSettings(api_key=SecretStr("k"), model="m", base_url=api.url), clock)

Each request takes the next step of the script; the last step serves all further requests.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}


@dataclass(frozen=True)
class Step:
    """One answer. ``hang`` never answers; ``cut`` closes the connection in the middle of it."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    ending: Literal["whole", "hang", "cut"] = "whole"


Request = dict[str, Any]
Script = Step | Callable[[Request], Step]


@dataclass
class MessagesApi:
    """``requests`` are the JSON bodies in order of arrival, ``headers`` those beside them.

    Models are told of to whoever has no one of the ``wrong_keys``.
    """

    url: str
    script: list[Script]
    requests: list[Request] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    wrong_keys: set[str] = field(default_factory=set)

    @property
    def sent(self) -> str:
        """Everything that left, for looking for what must not be in it."""
        return json.dumps(self.requests, ensure_ascii=False)

    def next(self, headers: dict[str, str], body: bytes) -> Step:
        """Record a request and take the next step."""
        if headers[":path"].startswith("/v1/models/"):
            return self._described(headers)
        request = json.loads(body)
        if refused := _refused(headers, request):
            return refused
        self.requests.append(request)
        self.headers.append(headers)
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return step if isinstance(step, Step) else step(request)

    def _described(self, headers: dict[str, str]) -> Step:
        """What is told of a model, to whoever has the key; of another there is none."""
        if _key(headers) in self.wrong_keys:
            return status(401)
        name = headers[":path"].rpartition("/")[2]
        known = {"type": "model", "id": name, "display_name": name}
        told = json.dumps(known | {"created_at": "2026-01-01T00:00:00Z"}).encode()
        return Step(told) if name.startswith("claude") else status(404)


def good(answer: Mapping[str, Any] | str, input_tokens: int = 800, output_tokens: int = 90) -> Step:
    """A whole answer: a mapping is sent as JSON text, a string as it is."""
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return message(text, "end_turn", input_tokens, output_tokens)


def message(text: str, stop_reason: str, input_tokens: int = 800, output_tokens: int = 90) -> Step:
    """An answer of status 200 in the shape of the wire."""
    body = {
        "model": "claude-haiku-5-5",
        "id": "msg_01LoopbackLoopbackLoopback",
        "type": "message",
        "role": "assistant",
        "content": [{"type": "text", "text": text}],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {
            "input_tokens": input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": output_tokens,
            "service_tier": "standard",
        },
    }
    return Step(json.dumps(body).encode())


def by_schema(answers: Mapping[str, Mapping[str, Any]]) -> Callable[[Request], Step]:
    """Answer by the title of the asked shape, such as ``ClassifyAnswer``."""
    return lambda request: good(answers[request["output_config"]["format"]["schema"]["title"]])


def status(code: int, retry_after: str | None = None) -> Step:
    """An error as the API words it."""
    error = {"type": KINDS.get(code, "api_error"), "message": f"scripted {code}"}
    body = {"type": "error", "error": error, "request_id": "req_011Loopback"}
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return Step(json.dumps(body).encode(), code, headers)


def refusal() -> Step:
    """The model declines: status 200, no JSON, and a reason to stop."""
    return message("I can't help with that.", "refusal")


def truncated() -> Step:
    """The answer ran into max_tokens in the middle of its JSON."""
    return message('{"severity": "SEV2", "serv', "max_tokens")


def huge() -> Step:
    """An answer of more than a megabyte."""
    return message("x" * 1_100_000, "end_turn")


def nonsense() -> Step:
    """A proxy's page where JSON was promised."""
    return Step(b"<html>gateway</html>", headers={"content-type": "text/html"})


def hang() -> Step:
    """Take the request and say nothing."""
    return Step(ending="hang")


def cut() -> Step:
    """Promise an answer and close the connection in the middle."""
    return Step(good("{}").body, ending="cut")


@asynccontextmanager
async def messages_api(*script: Script) -> AsyncIterator[MessagesApi]:
    """Serve ``script`` on a free port of 127.0.0.1 until the block ends."""
    connections: set[asyncio.Task[None]] = set()
    api = MessagesApi("", list(script))

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        await _serve(api, reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    api.url = f"http://{host}:{port}"
    try:
        yield api
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()


async def _serve(
    api: MessagesApi, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """One request per connection, which keeps every step of a script apart from the next."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        await _answer(api.next(headers | {":path": head[0].split(" ")[1]}, body), writer)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the client went away, as it does when its time is up
    finally:
        writer.close()


async def _answer(step: Step, writer: asyncio.StreamWriter) -> None:
    if step.ending == "hang":
        await asyncio.Event().wait()
    headers = {
        "content-type": "application/json",
        "content-length": str(len(step.body)),
        "connection": "close",
        **step.headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {step.status} Scripted\r\n{head}\r\n".encode())
    writer.write(step.body[: len(step.body) // 2] if step.ending == "cut" else step.body)
    await writer.drain()


def _refused(headers: dict[str, str], request: Request) -> Step | None:
    """What the API itself refuses: another path, no key, a missing field."""
    if headers[":path"] != "/v1/messages":
        return status(404)
    if not _key(headers) or "anthropic-version" not in headers:
        return status(401)
    return None if {"model", "max_tokens", "messages"} <= request.keys() else status(400)


def _key(headers: dict[str, str]) -> str:
    return headers.get("authorization", "").removeprefix("Bearer ") or headers.get("x-api-key", "")
