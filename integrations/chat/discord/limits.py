"""What Discord lets a message, a form and a list of choices hold."""

from collections.abc import Callable
from typing import Any

import structlog

from domain.base import Frozen
from integrations.chat.platform import Shortened, uncounted

log = structlog.get_logger()

Json = dict[str, Any]

LONGEST_TEXT = 4000
MOST_COMPONENTS = 40
LONGEST_HEADER = 300
LONGEST_FIELD = 700
LONGEST_LABEL = 80
LONGEST_PLACEHOLDER = 100
MOST_BUTTONS = 5
MOST_OPTIONS = 25
LONGEST_OPTION = 100
LONGEST_ID = 100
LONGEST_TITLE = 45
LONGEST_DESCRIPTION = 100
LONGEST_VALUE = 4000
MOST_INPUTS = 5


class LimitBroken(ValueError):
    """A view built a message that Discord would not take whole."""


class Rendered(Frozen):
    """What Discord is sent, and what was shortened or left out to get there."""

    payload: Json
    broken: tuple[str, ...] = ()


Accept = Callable[[Rendered], Json]


def accepting(shortened: Shortened) -> Accept:
    """Send it as far as it fits: what production does, leaving a line in the log and a count."""

    def accept(rendered: Rendered) -> Json:
        if rendered.broken:
            log.warning("message shortened", platform="discord", nodes=rendered.broken)
            shortened("discord")
        return rendered.payload

    return accept


accept = accepting(uncounted)


def accept_whole(rendered: Rendered) -> Json:
    """Send it whole: what tests do. Raises `LimitBroken` where `accept` would shorten it."""
    if rendered.broken:
        raise LimitBroken(f"over Discord's limits: {', '.join(rendered.broken)}")
    return rendered.payload


def clipped(text: str, longest: int) -> str:
    """``text`` in at most ``longest`` characters, the last of them an ellipsis if need be."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
