"""Text on its way to Slack: plain where that is enough, else markup in which data stays data.

A plain text object is shown as it is. Markup is needed only for what is bold, code, a link, a
mention or a time; in it, every character of data that could begin markup is escaped or broken by
a space without width.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from typing import Any

from domain.message import Span, Spans
from domain.plain import one_line, visible, web_address
from integrations.chat.slack.limits import pieces

BREAK = "\u200b"
ATOM = 400
LONGEST_ADDRESS = 2_000
LONGEST_LINK = 300
NOTHING = "–"
FENCE = "```"
ACCOUNT = re.compile(r"[UW][A-Z0-9]{2,20}")
BEGINS_MARKUP = re.compile(r"[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
EMOJI = re.compile(r":(?=[a-z0-9_+'-]+:)")
QUOTE = re.compile(r"^(?=&gt;)", re.MULTILINE)

Mentions = Mapping[str, str]
TextObject = dict[str, Any]


def plain_text(text: str) -> TextObject:
    """``text`` as Slack never interprets it, not even ``:names:`` of emoji."""
    return {"type": "plain_text", "text": text or NOTHING, "emoji": False}


def mrkdwn(text: str) -> TextObject:
    """Markup that is finished: ``verbatim`` keeps Slack from finding more of it."""
    return {"type": "mrkdwn", "text": text or NOTHING, "verbatim": True}


def texts(spans: Spans, mentions: Mentions, longest: int) -> list[TextObject]:
    """A paragraph in as many text objects of ``longest`` characters as it takes."""
    if all(span.kind == "plain" for span in spans):
        said = visible("".join(span.text for span in spans)).strip("\n")
        return [plain_text(one) for one in pieces(said, longest) if one.strip()]
    atoms = [atom for span in spans for atom in _atoms(span, mentions)]
    return [mrkdwn(one) for one in packed(atoms, longest) if one.strip()]


def packed(atoms: Iterable[str], longest: int) -> Iterator[str]:
    """``atoms`` joined, in parts of at most ``longest``; no atom is taken apart."""
    part = ""
    for atom in atoms:
        if len(part) + len(atom) > longest:
            yield part
            part = ""
        part += atom
    yield part


def marked(spans: Spans, mentions: Mentions) -> str:
    """A line of spans in markup."""
    return "".join(atom for span in spans for atom in _atoms(span, mentions))


def data(text: str) -> str:
    """``text`` for use within markup: nothing in it is any."""
    broken = BEGINS_MARKUP.sub(rf"{BREAK}\g<0>{BREAK}", escaped(visible(text)))
    return QUOTE.sub(BREAK, EMOJI.sub(f":{BREAK}", broken))


def strong(text: str) -> str:
    """``text`` in bold."""
    return "".join(_around("*", text))


def fenced(text: str, longest: int) -> list[TextObject]:
    """Verbatim lines. A fence cannot hold a backtick; such lines are plain text instead."""
    said = visible(text).strip("\n")
    if "`" in said:
        return [plain_text(one) for one in pieces(said, longest) if one.strip()]
    atoms = (escaped(one) for line in said.splitlines(True) for one in pieces(line, ATOM))
    parts = packed(atoms, longest - len(FENCE) * 2)
    return [mrkdwn(FENCE + one.strip("\n") + FENCE) for one in parts if one.strip()]


def escaped(text: str) -> str:
    """``text`` without the three characters that Slack takes as its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _atoms(span: Span, mentions: Mentions) -> Iterator[str]:
    if span.kind == "link" and span.url:
        yield _link(span.text, span.url)
    elif span.kind == "mention":
        yield _mention(span, mentions)
    elif span.kind == "time" and span.at:
        yield _time(span)
    elif span.kind == "code":
        yield from (_code(one) for one in pieces(one_line(span.text), ATOM))
    elif span.kind == "bold":
        yield from _around("*", span.text)
    else:
        yield from (data(one) for one in pieces(span.text, ATOM))


def _around(mark: str, text: str) -> Iterator[str]:
    """Each line by itself, because a mark ends with its line and touches no space."""
    for number, line in enumerate(visible(text).split("\n")):
        if number:
            yield "\n"
        for one in pieces(line, ATOM):
            core = one.strip()
            marked_core = f"{mark}{data(core)}{mark}" if core else ""
            yield one.replace(core, marked_core, 1) if core else one


def _code(text: str) -> str:
    core = escaped(text).replace("`", "ˋ")
    return f"`{core}`" if core.strip() else core


def _link(text: str, url: str) -> str:
    address = web_address(url)
    shown = one_line(text, LONGEST_LINK)
    if address is None or address[0] in "/#" or len(address) > LONGEST_ADDRESS:
        return data(shown)
    return f"<{escaped(address).replace('|', '%7C')}|{data(shown) or NOTHING}>"


def _mention(span: Span, mentions: Mentions) -> str:
    account = mentions.get(span.person or "", "")
    return f"<@{account}>" if ACCOUNT.fullmatch(account) else data(span.text)


def _time(span: Span) -> str:
    """The instant in the reader's zone; where Slack cannot, as the span says it."""
    at = span.at.astimezone(UTC) if span.at else None
    told = data(span.text).replace("|", "/")
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{told}>" if at else told
