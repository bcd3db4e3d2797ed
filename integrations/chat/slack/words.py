"""Words as Slack writes them down, back to what somebody typed."""

import re
from collections.abc import Awaitable, Callable

MOST_MENTIONS = 20
CONTROL = re.compile(r"<([^<>]*)>")
BELL = re.compile(r"^!(?:subteam\^[A-Z0-9]+|[a-z]+)")

Handle = Callable[[str], Awaitable[str]]


async def typed(text: str, handle: Handle) -> str:
    """``text`` with people by their handles, rooms and links by their words, and no entities.

    ``handle`` gives a person's by their account.
    """
    found = dict.fromkeys(re.findall(r"<@([UW][A-Z0-9]+)", text))
    names = {account: await handle(account) for account in list(found)[:MOST_MENTIONS]}
    plain = CONTROL.sub(lambda one: _said(one[1], names), text)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("\0", "")):
        plain = plain.replace(entity, character)
    return plain.strip()


def without(text: str, account: str) -> str:
    """``text`` without the mention of ``account``, as which we were called."""
    return re.sub(rf"<@{re.escape(account)}(?:\|[^>]*)?>", "", text).strip()


def _said(inner: str, names: dict[str, str]) -> str:
    target, _, label = inner.partition("|")
    if target.startswith("@"):
        return f"@{names.get(target[1:], label or target[1:])}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if BELL.match(target):
        return label or f"@{target[1:]}"
    return label or target
