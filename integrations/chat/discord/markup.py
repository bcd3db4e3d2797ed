"""Spans as Discord's Markdown. Pure: values in, text out.

Every plain span is made visible and escaped, so that it reads as it was written: no mention, no
link, no emphasis, no heading. Only a span's own kind makes markup.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from domain.message import Span, Spans
from domain.plain import visible, web_address

Accounts = Mapping[str, str]


class Written(NamedTuple):
    """Markdown, and how many characters of the spans it lacks."""

    text: str
    missing: int = 0


def written(spans: Spans, room: int, accounts: Accounts) -> Written:
    """``spans`` in at most ``room`` characters; ``accounts`` gives an account by person's id."""
    text = ""
    for number, span in enumerate(spans):
        piece = markup(span, accounts)
        if len(text) + len(piece) > room:
            head = _begun(span, room - len(text), accounts)
            missing = sum(len(one.text) for one in spans[number:]) - len(head.text)
            return Written(text + markup(head, accounts) if head.text else text, missing)
        text += piece
    return Written(text)


def markup(span: Span, accounts: Accounts) -> str:
    """One span as Markdown."""
    if span.kind == "link" and (address := _address(span.url)):
        return _link(span.text, address)
    if span.kind == "time" and span.at:
        return f"<t:{int(span.at.timestamp())}:f>"
    if span.kind == "mention" and (account := accounts.get(span.person or "")):
        return f"<@{account}>"
    if span.kind == "bold":
        return _wrapped("**", span.text)
    if span.kind == "code":
        return code(span.text)
    return escaped(span.text)


def escaped(text: str) -> str:
    """``text`` so that Discord shows its characters and does nothing else with them."""
    text = INLINE.sub(r"\\\g<0>", visible(text))
    text = SCHEME.sub(r"\\:", text)
    return LINE_START.sub(r"\g<1>\\\g<2>", text)


def code(text: str) -> str:
    """``text`` in a fixed-width face; plain where a backtick in it would end that."""
    shown = visible(text)
    if not shown.strip() or "`" in shown or "\n" in shown:
        return escaped(text)
    return f"`{shown}`"


def block(text: str) -> str:
    """Verbatim lines; plain where their own backticks would end the block."""
    shown = visible(text)
    return escaped(text) if "`" in shown else f"```\n{shown}\n```"


def begun(text: str, room: int, write: Callable[[str], str]) -> str:
    """As much of the beginning of ``text`` as ``write`` makes fit into ``room`` characters."""
    low, high = 0, min(len(text), max(room, 0))
    while low < high:
        middle = (low + high + 1) // 2
        fits = len(write(text[:middle])) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low]


def _begun(span: Span, room: int, accounts: Accounts) -> Span:
    """The beginning of ``span`` that fits; a link, a mention or a time only whole."""
    if span.kind not in CUT:
        return _said(span, "")
    return _said(span, begun(span.text, room, lambda text: markup(_said(span, text), accounts)))


def _said(span: Span, text: str) -> Span:
    return span.model_copy(update={"text": text})


def _address(url: str | None) -> str | None:
    """Addresses on other hosts only: a path means nothing in a chat."""
    address = web_address(url or "")
    if address is None or not address.lower().startswith("http"):
        return None
    return address.replace("(", "%28").replace(")", "%29")


def _link(text: str, address: str) -> str:
    """A word that leads somewhere; a word that could hide where is shown beside the address."""
    shown = visible(text)
    if not shown.strip() or HIDING.search(shown):
        return f"{escaped(text)} <{address}>".lstrip()
    return f"[{escaped(text)}](<{address}>)"


def _wrapped(mark: str, text: str) -> str:
    """``text`` between two marks, which may not stand beside a space."""
    inner = text.strip()
    if not visible(inner).strip():
        return escaped(text)
    before, _, after = text.partition(inner)
    return f"{before}{mark}{escaped(inner)}{mark}{after}"


CUT = ("plain", "bold", "code")
INLINE = re.compile(r"[\\*_~`|<@\[\]]")
SCHEME = re.compile(r":(?=//)")
LINE_START = re.compile(r"^([ \t]*(?:\d{1,9}(?=[.)])|(?=[#>+-])))(.)", re.MULTILINE)
HIDING = re.compile(r"[\[\]]|://|www\.", re.IGNORECASE)
