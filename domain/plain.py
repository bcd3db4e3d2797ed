"""The plain-text twin of a message: lock screen, screen reader, terminal, e-mail and log.

It is complete: whoever reads only this knows what happened and what can be done. The first line
stands alone, because a lock screen shows no other.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import singledispatch
from typing import NamedTuple

from domain.message import (
    Actions,
    Code,
    Context,
    Divider,
    Fields,
    Form,
    Header,
    Image,
    Input,
    Message,
    Node,
    Progress,
    Select,
    Span,
    Table,
    Text,
)

LONGEST = 4000
LONGEST_LINE = 600
MOST_ROWS = 20
MOST_CHOICES = 10
SHOWN_CONTROLS = 0x20
CONTROL_PICTURES = 0x2400


def plain(message: Message) -> str:
    """All of ``message`` in words, at most `LONGEST` characters and a closing ``… N more lines``.

    Where it is too long, the first line and what can be pressed or filled in are kept first.
    """
    lines = [line for node in message.nodes for line in _lines(node)]
    kept = _fit(lines)
    shown = [lines[number].text for number in sorted(kept)]
    if missing := len(lines) - len(kept):
        shown.append(f"… {missing} more lines")
    return "\n".join(shown).strip("\n")


def visible(text: str) -> str:
    """``text`` without characters that make it read as something else; lines and tabs stay.

    Controls become pictures (``␛``), direction overrides become their code (``⟨U+202E⟩``), and
    what has no width is dropped: it only makes two different words look alike. Joiners stay
    inside emoji and the scripts that need them; stacks of more than three marks are cut.
    """
    if text.isascii() and text.isprintable():
        return text
    text = BREAKS.sub("\n", text)
    text = NOTHING.sub("", text)
    text = CONTROLS.sub(_picture, text)
    return MARKS.sub(r"\1", text)


def exact(text: str) -> str:
    """``text`` for somebody who agrees to it: nothing in it is hidden, dropped or reordered.

    Whatever has no shape of its own shows its code (``⟨U+200B⟩``), also in emoji, and so does a
    mark stacked upon three others. Lines stay, a tab becomes ``␉``.
    """
    if text.isascii() and text.isprintable():
        return text
    told = "".join(map(_exact, text.replace("\r\n", "\n")))
    return STACKED.sub(lambda found: "".join(map(_code, found[0])), told)


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """``text`` made visible, on one line, at most about ``longest`` characters."""
    return _clip(" ".join(visible(text).split()), longest)


def web_address(url: str) -> str | None:
    """``url`` where a reader may be sent there: http, https, or a path on this host.

    No other scheme, no user name (``https://bank.example@evil.example``), no invisible character.
    """
    return url if ADDRESS.fullmatch(url) and visible(url) == url else None


def words(spans: Iterable[Span]) -> str:
    """A line of spans as plain text; a link's address follows its word."""
    return visible("".join(_span(span) for span in spans))


class Line(NamedTuple):
    """A line of the twin; ``offered`` marks what can be pressed or filled in."""

    text: str
    offered: bool = False


def _fit(lines: list[Line]) -> set[int]:
    left, kept = LONGEST, set[int]()
    for number in sorted(range(len(lines)), key=lambda n: (n != 0, not lines[n].offered)):
        left -= len(lines[number].text) + 1
        if left < 0:
            break
        kept.add(number)
    return kept


def _clip(text: str, longest: int) -> str:
    extra = len(text) - longest
    return f"{text[:longest]}… {extra} more characters" if extra > 0 else text


def _span(span: Span) -> str:
    if span.kind != "link" or span.url is None or span.url == span.text:
        return span.text
    address = web_address(span.url)
    return f"{span.text} ({address})" if address else span.text


def _lines(node: Node) -> Iterator[Line]:
    for text in _written(node):
        yield Line(text)
    for text in _offered(node):
        yield Line(_clip(text, LONGEST_LINE), offered=True)


@singledispatch
def _written(node: Node) -> Iterator[str]:  # noqa: ARG001 - nothing to read, only to do
    yield from ()


@_written.register
def _(node: Header) -> Iterator[str]:
    yield one_line(node.text)


@_written.register(Text)
@_written.register(Context)
def _(node: Text | Context) -> Iterator[str]:
    yield from (_clip(line, LONGEST_LINE) for line in words(node.spans).splitlines())


@_written.register
def _(node: Fields) -> Iterator[str]:
    for pair in node.fields:
        yield f"{one_line(pair.label)}: {one_line(words(pair.value))}"


@_written.register(Divider)
def _(node: Divider) -> Iterator[str]:  # noqa: ARG001 - every divider is the same
    yield ""


@_written.register
def _(node: Image) -> Iterator[str]:
    address = web_address(node.url)
    yield f"Picture: {one_line(node.alt)}" + (f" ({address})" if address else "")


@_written.register
def _(node: Progress) -> Iterator[str]:
    steps = ", ".join(f"{one_line(step.name)} {step.state}" for step in node.steps)
    yield _clip(f"{node.percent} %: {steps}", LONGEST_LINE)


@_written.register
def _(node: Table) -> Iterator[str]:
    for row in node.rows[:MOST_ROWS]:
        pairs = zip(node.head, row, strict=False)
        yield " · ".join(f"{one_line(head)}: {one_line(cell)}" for head, cell in pairs)
    yield from _more(len(node.rows) - MOST_ROWS, "rows")


@_written.register
def _(node: Code) -> Iterator[str]:
    lines = visible(node.text).splitlines()
    yield from (_clip(line, LONGEST_LINE) for line in lines[:MOST_ROWS])
    yield from _more(len(lines) - MOST_ROWS, "lines")


@singledispatch
def _offered(node: Node) -> Iterator[str]:  # noqa: ARG001 - nothing to do, only to read
    yield from ()


@_offered.register
def _(node: Actions) -> Iterator[str]:
    labels = (one_line(button.label) for button in (*node.buttons, *node.more))
    yield " ".join(f"[{label}]" for label in labels)


@_offered.register
def _(node: Select) -> Iterator[str]:
    chosen = [one_line(option.label) for option in node.options[:MOST_CHOICES]]
    chosen.extend(_more(len(node.options) - MOST_CHOICES, "choices"))
    yield f"{one_line(node.label)}: {' · '.join(chosen)}"


@_offered.register
def _(node: Form) -> Iterator[str]:
    yield one_line(node.title)
    yield from (_input(asked) for asked in node.inputs)
    yield f"[{one_line(node.submit)}]"


def _input(asked: Input) -> str:
    line = f"{one_line(asked.name)}: {one_line(asked.hint or asked.label)}"
    if asked.required:
        line += " (needed)"
    if asked.value:
        line += f" = {one_line(asked.value)}"
    return f"{line} (wrong: {one_line(asked.error)})" if asked.error else line


def _more(count: int, what: str) -> Iterator[str]:
    if count > 0:
        yield f"… {count} more {what}"


def _exact(letter: str) -> str:
    if letter in "\n ":
        return letter
    if letter in SHAPELESS or unicodedata.category(letter) in FORMLESS:
        return "␉" if letter == "\t" else _code(letter)
    return letter


def _code(letter: str) -> str:
    return f"⟨U+{ord(letter):04X}⟩"


def _picture(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number < SHOWN_CONTROLS:
        return chr(CONTROL_PICTURES + number)
    return "�" if 0xD800 <= number <= 0xDFFF else f"⟨U+{number:04X}⟩"


ADDRESS = re.compile(
    r"""(?:https?://[^\s/?\#\\@"'<>]+ (?:[/?\#][^\s\\"'<>]*)? | [/\#](?![/\\])[^\s\\"'<>]*)""",
    re.VERBOSE | re.IGNORECASE,
)
BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Scripts and symbols in which a joiner changes the shape of what stands beside it.
JOINED = "\u0600-\u1fff\u2190-\u2bff\u3030\u303d\ufe0f\U0001f000-\U0001faff"
NOTHING = re.compile(
    # soft hyphen, grapheme joiner, Arabic and Mongolian marks, Hangul fillers
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"
    # zero-width space, direction marks, word joiner and invisible operators, byte order mark
    "\u200b\u200e\u200f\u2060-\u2065\ufeff\ufff9-\ufffb"
    # deprecated format characters, tags and variation selectors that can carry hidden text
    "\u206a-\u206f\ufe00-\ufe0e\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    f"|(?<![{JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{JOINED}])"
)
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
STACKED = re.compile(
    "(?<=[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
# controls, formats, surrogates, private and unassigned characters, separators that are no space
FORMLESS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
# letters and marks that draw nothing: fillers, joiners, variation selectors, the empty braille cell
SHAPELESS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
