"""Logs: one line per event, JSON or for the eye, with trace and correlation ids, no secrets."""

import logging
import re
import sys
from collections.abc import Callable, Collection, Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars
from structlog.typing import EventDict, Processor

from domain.redaction import known_values

Scope = MutableMapping[str, Any]
MASK = "[secret]"
TRACEPARENT = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
NOISY = {
    "alembic": logging.WARNING,
    "apscheduler": logging.ERROR,
    "discord": logging.WARNING,
    "discord.client": logging.ERROR,  # warns that there will be no voice
    "httpx": logging.WARNING,
    "microsoft_teams.common.http.client": logging.WARNING,  # gives httpx its own level
    "uvicorn.error": logging.WARNING,
}


def configure(
    level: str, *, as_json: bool, secrets: Collection[str], stream: TextIO | None = None
) -> None:
    """Send everything that is logged, by us or by libraries, to ``stream``: standard output,
    where it is not what a program is asked for."""
    own = _processors(secrets)
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=own, processors=[*last, _renderer(as_json=as_json)]
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in NOISY.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    structlog.configure(
        processors=[*own, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(root.level),
        cache_logger_on_first_use=False,
    )


def masked(secrets: Collection[str]) -> Callable[[str], str]:
    """Takes known secrets out of a text, in every form in which they get into one."""
    known = known_values(secrets)
    return (lambda text: known.sub(MASK, text)) if known else str


def escaped(text: str) -> str:
    """``text`` with control characters and direction overrides as ``\\n`` and ``\\u202e``."""
    return CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class Traced:
    """ASGI middleware: everything logged for a request carries the caller's W3C trace id.

    ``new`` makes a trace of our own where the caller sends none.
    """

    def __init__(self, app: Any, new: Callable[[], str]) -> None:
        self._app = app
        self._new = new

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass the request on within its trace."""
        with bound_contextvars(trace=trace_of(dict(scope.get("headers", ()))) or self._new()):
            await self._app(scope, receive, send)


def trace_of(headers: Mapping[bytes, bytes]) -> str | None:
    """The trace id of a ``traceparent`` header; None where there is none that is valid."""
    found = TRACEPARENT.fullmatch(headers.get(b"traceparent", b""))
    return found[1].decode() if found and set(found[1]) != {ord("0")} else None


def correlate(**ids: str | None) -> None:
    """Let everything that this task logs from now on carry ``ids``."""
    bind_contextvars(**{name: value for name, value in ids.items() if value})


def _processors(secrets: Collection[str]) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _Safe(masked(secrets)),
    ]


def _renderer(*, as_json: bool) -> Processor:
    if as_json:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())


class _Safe:
    """Masks and escapes every text of an event, however deep it stands."""

    def __init__(self, mask: Callable[[str], str]) -> None:
        self._mask = mask

    def __call__(self, _logger: Any, _method: str, event: EventDict) -> EventDict:
        return {
            name: value if name.startswith("_") else self._safe(value, trace=name == "exception")
            for name, value in event.items()
        }

    def _safe(self, value: Any, *, trace: bool = False) -> Any:
        if isinstance(value, str):
            return self._text(value, trace=trace)
        if isinstance(value, Mapping):
            return {self._text(str(key)): self._safe(one) for key, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._safe(one) for one in value]
        return value if isinstance(value, int | float | None) else self._text(str(value))

    def _text(self, text: str, *, trace: bool = False) -> str:
        """A traceback keeps its lines, indented: none of them can pass for an event."""
        if trace:
            return "\n".join(f"  {escaped(line)}" for line in self._mask(text).split("\n"))
        return escaped(self._mask(text))
