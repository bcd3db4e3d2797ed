"""A message as Components V2. Pure: values in, JSON out.

A message that begins with a header stands in a container whose colour is the header's tone; what
is said in a line stands bare. Text that does not fit ends with how much of it is missing; what can
be pressed is kept first.
"""

import re
from dataclasses import dataclass, field
from functools import singledispatch

from domain.message import (
    Actions,
    Button,
    Code,
    Context,
    Divider,
    Fields,
    Form,
    Header,
    Image,
    Message,
    Node,
    Option,
    Progress,
    Select,
    Span,
    Spans,
    Table,
    Text,
    bold,
    link,
    spans,
)
from domain.plain import one_line
from integrations.chat.discord.limits import (
    LONGEST_FIELD,
    LONGEST_HEADER,
    LONGEST_ID,
    LONGEST_LABEL,
    LONGEST_OPTION,
    LONGEST_PLACEHOLDER,
    LONGEST_TEXT,
    MOST_COMPONENTS,
    MOST_OPTIONS,
    Json,
    Rendered,
    clipped,
)
from integrations.chat.discord.markup import Accounts, begun, block, written

ACTION_ROW, BUTTON, SELECT, TEXT, SEPARATOR, CONTAINER = 1, 2, 3, 10, 14, 17
COMPONENTS_V2 = 1 << 15
SILENT = 1 << 12
STYLES = {"primary": 1, "default": 2, "danger": 4}
COLOURS = {"good": 0x2E8540, "warning": 0xD99A00, "danger": 0xC9302C, "info": 0x2C6ECB}
MARKS = {"waiting": "○", "running": "▶", "done": "✔", "failed": "✖", "skipped": "⊘"}
STEPS = 10
# Room that is kept for saying how much is missing.
TAIL = 40
FOLDED = "more:"
CHOICE = "="
SURE = "sure:"
NOTHING = "(nothing)"
BREAKS = re.compile(r"\s*[\r\n\x0b\x0c\x85\u2028\u2029]+\s*")


def rendered(message: Message, accounts: Accounts, marker: int = 0) -> Rendered:
    """``message`` as Discord takes it. ``marker`` is a number by which it can be found again.

    No mention in it notifies anybody, whoever wrote it.
    """
    header = next((node for node in message.nodes if isinstance(node, Header)), None)
    sheet = _Sheet(accounts)
    for node in message.nodes:
        _put(node, sheet)
    components = sheet.whole()
    if header:
        components = [_container(header, components)]
    if marker:
        components[0] |= {"id": marker}
    silent = SILENT if message.urgency == "quiet" else 0
    payload = {
        "flags": COMPONENTS_V2 | silent,
        "components": components,
        "allowed_mentions": {"parse": []},
    }
    return Rendered(payload=payload, broken=tuple(sheet.broken))


@dataclass(frozen=True)
class _Line:
    """Spans to stand on a line of their own, in at most ``most`` characters."""

    spans: Spans
    prefix: str = ""
    most: int = LONGEST_TEXT


@dataclass
class _Sheet:
    """A message as it is filled from top to bottom, and the room that is left."""

    accounts: Accounts
    components: list[Json] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    broken: dict[str, None] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    room: int = LONGEST_TEXT - TAIL
    missing: int = 0

    def line(self, line: _Line) -> None:
        """Write a line, or count what of it is missing."""
        if self.room <= TAIL + len(line.prefix):
            self._lack(sum(len(span.text) for span in line.spans))
            return
        room = min(line.most, self.room) - len(line.prefix) - TAIL
        said = written(line.spans, room, self.accounts)
        self._write(line.prefix + said.text + self._more(said.missing))

    def code(self, text: str) -> None:
        """Write verbatim lines."""
        shown = begun(text, self.room - TAIL, block)
        if not shown.strip():
            self._lack(len(text.strip()))
            return
        self._write(block(shown) + self._more(len(text) - len(shown)))

    def put(self, component: Json) -> None:
        """Put a component beneath what is written, while Discord takes more."""
        needed = 2 + len(component.get("components", ()))
        if self._count() + needed + bool(self.lines) + 1 > MOST_COMPONENTS:
            self.broken["components"] = None
            return
        self._flush()
        self.components.append(component)

    def whole(self) -> list[Json]:
        """All of it, and how much is missing."""
        if self.missing:
            self.lines.append(f"-# … {self.missing} more characters")
        self._flush()
        return self.components or [_text(NOTHING)]

    def _write(self, text: str) -> None:
        if text.strip():
            self.lines.append(text)
            self.room -= len(text) + 1

    def _more(self, missing: int) -> str:
        if missing:
            self.broken["text"] = None
        return f"… {missing} more characters" if missing else ""

    def _lack(self, length: int) -> None:
        if length:
            self.missing += length
            self.broken["text"] = None

    def _flush(self) -> None:
        if self.lines:
            self.components.append(_text("\n".join(self.lines)))
            self.lines.clear()

    def _count(self) -> int:
        return sum(1 + len(one.get("components", ())) for one in self.components)


@singledispatch
def _put(node: Node, sheet: _Sheet) -> None:  # noqa: ARG001 - the shape of all that follow
    raise TypeError(f"no Discord component for {type(node).__name__}")


@_put.register
def _(node: Header, sheet: _Sheet) -> None:
    sheet.line(_Line(spans(_flat(node.text)), "### ", LONGEST_HEADER))


@_put.register
def _(node: Text, sheet: _Sheet) -> None:
    sheet.line(_Line(node.spans))


@_put.register
def _(node: Context, sheet: _Sheet) -> None:
    sheet.line(_Line(_flat_spans(node.spans), "-# "))


@_put.register
def _(node: Fields, sheet: _Sheet) -> None:
    for pair in node.fields:
        label = bold(_flat(pair.label))
        sheet.line(_Line((label, Span(text="  "), *_flat_spans(pair.value)), most=LONGEST_FIELD))


@_put.register
def _(node: Divider, sheet: _Sheet) -> None:  # noqa: ARG001 - every divider is the same
    sheet.put({"type": SEPARATOR})


@_put.register
def _(node: Image, sheet: _Sheet) -> None:
    sheet.line(_Line((link(_flat(node.alt), node.url),)))


@_put.register
def _(node: Progress, sheet: _Sheet) -> None:
    done = node.percent * STEPS // 100
    sheet.line(_Line(spans(f"{'▓' * done}{'░' * (STEPS - done)} {node.percent} %")))
    for step in node.steps:
        sheet.line(_Line(spans(f"{MARKS[step.state]} {_flat(step.name)}")))


@_put.register
def _(node: Table, sheet: _Sheet) -> None:
    sheet.line(_Line(spans(" · ".join(map(_flat, node.head))), "-# "))
    for first, *others in node.rows:
        told = "".join(f" · {_flat(cell)}" for cell in others)
        sheet.line(_Line(spans(bold(_flat(first)), told), most=LONGEST_FIELD))


@_put.register
def _(node: Code, sheet: _Sheet) -> None:
    sheet.code(node.text)


@_put.register
def _(node: Actions, sheet: _Sheet) -> None:
    shown = [_button(one) for one in _new(node.buttons, sheet.ids)]
    if shown:
        sheet.put({"type": ACTION_ROW, "components": shown})
    folded = [_option(Option(value=one.id, label=one.label)) for one in _new(node.more, set())]
    _put_menu(sheet, f"{FOLDED}{len(sheet.components)}", "More…", folded)


@_put.register
def _(node: Select, sheet: _Sheet) -> None:
    named = (
        one.model_copy(update={"value": f"{node.name}{CHOICE}{one.value}"}) for one in node.options
    )
    fitting = [_option(one) for one in named if len(one.value) <= LONGEST_OPTION]
    if len(fitting) < len(node.options):
        sheet.broken["option"] = None
    _put_menu(sheet, node.id, node.label, fitting)


@_put.register
def _(node: Form, sheet: _Sheet) -> None:
    """Where no form can be opened at once, a button that asks for it."""
    asks = Button(id=node.id, label=f"{one_line(node.submit)[: LONGEST_LABEL // 2]}…")
    sheet.put({"type": ACTION_ROW, "components": [_button(asks)]})


def _put_menu(sheet: _Sheet, made: str, label: str, options: list[Json]) -> None:
    if len(options) > MOST_OPTIONS:
        sheet.broken["options"] = None
    if not options or made in sheet.ids:
        return
    sheet.ids.add(made)
    menu = {
        "type": SELECT,
        "custom_id": made,
        "placeholder": clipped(one_line(label), LONGEST_PLACEHOLDER),
        "options": options[:MOST_OPTIONS],
    }
    sheet.put({"type": ACTION_ROW, "components": [menu]})


def _new(buttons: tuple[Button, ...], ids: set[str]) -> list[Button]:
    """Those whose call no other one makes; ``ids`` knows them from now on."""
    fresh = {one.id: one for one in buttons if one.id not in ids}
    ids.update(fresh)
    return list(fresh.values())


def _button(button: Button) -> Json:
    asks = button.confirm and len(SURE) + len(button.id) <= LONGEST_ID
    return {
        "type": BUTTON,
        "style": STYLES[button.style],
        "label": clipped(one_line(button.label), LONGEST_LABEL) or "…",
        "custom_id": f"{SURE}{button.id}" if asks else button.id,
    }


def _option(option: Option) -> Json:
    label = clipped(one_line(option.label), LONGEST_OPTION)
    return {"label": label or "…", "value": option.value}


def _container(header: Header, components: list[Json]) -> Json:
    colour = COLOURS.get(header.tone)
    accent = {} if colour is None else {"accent_color": colour}
    return {"type": CONTAINER, "components": components} | accent


def _text(content: str) -> Json:
    return {"type": TEXT, "content": content}


def _flat(text: str) -> str:
    return " ".join(text.split())


def _flat_spans(given: Spans) -> Spans:
    return tuple(one.model_copy(update={"text": BREAKS.sub(" ", one.text)}) for one in given)
