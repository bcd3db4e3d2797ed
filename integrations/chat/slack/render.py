"""A message as Block Kit, with its plain twin first. Pure: values in, blocks out."""

import json
import re
from collections.abc import Callable, Iterable
from functools import singledispatch
from itertools import islice

from domain.base import Frozen
from domain.incident_card import ICONS
from domain.message import (
    Actions,
    Button,
    Code,
    Context,
    Divider,
    FieldPair,
    Fields,
    Form,
    Header,
    Image,
    Message,
    Node,
    Option,
    Progress,
    Select,
    Table,
    Text,
    bold,
    link,
    spans,
)
from domain.plain import one_line, plain
from domain.severity import Severity
from integrations.chat.slack import limits
from integrations.chat.slack.limits import LONGEST_SECTION as LONGEST
from integrations.chat.slack.limits import Block, Drawn, LimitBroken, clip
from integrations.chat.slack.markup import (
    NOTHING,
    Mentions,
    TextObject,
    data,
    escaped,
    fenced,
    marked,
    mrkdwn,
    packed,
    plain_text,
    strong,
    texts,
)

MORE = "more"
ASK = "ask:"
PICK = "|"
MOST_CELLS = 500
BAR = 10
MARKS = {"waiting": "○", "running": "▶", "done": "✔", "failed": "✖", "skipped": "–"}
SEVERITY = re.compile(r"SEV([1-5])\b")


class Rendered(Frozen):
    """What is posted: ``text`` is all of it in words, for lock screens and screen readers."""

    text: str
    blocks: tuple[Block, ...]
    broken: tuple[str, ...] = ()


Render = Callable[[Message, Mentions], Rendered]


def render(message: Message, mentions: Mentions) -> Rendered:
    """``message`` within Slack's limits; ``mentions`` is account by person.

    What had to be shortened is named in ``broken``.
    """
    fitted = limits.fit(_draw(node, mentions) for node in message.nodes)
    return Rendered(
        text=escaped(plain(message)) or NOTHING, blocks=fitted.blocks, broken=fitted.broken
    )


def render_strictly(message: Message, mentions: Mentions) -> Rendered:
    """As `render`: what tests do. Raises `LimitBroken` where something had to be shortened."""
    rendered = render(message, mentions)
    if rendered.broken:
        raise LimitBroken(f"over Slack's limits: {', '.join(rendered.broken)}")
    return rendered


@singledispatch
def _draw(node: Node, mentions: Mentions) -> Drawn:  # noqa: ARG001 - the shape of all that follow
    raise TypeError(f"no blocks for {type(node).__name__}")


@_draw.register
def _(node: Header, mentions: Mentions) -> Drawn:
    """A header block; one that is too long for it is bold text, so that nothing is lost."""
    text = _with_icon(one_line(node.text, LONGEST))
    if len(text) > limits.LONGEST_HEADER:
        return _paragraph(node.kind, texts(spans(bold(text)), mentions, LONGEST))
    blocks = ({"type": "header", "text": plain_text(text)},) if text else ()
    return Drawn(kind=node.kind, blocks=blocks)


@_draw.register
def _(node: Text, mentions: Mentions) -> Drawn:
    return _paragraph(node.kind, texts(node.spans, mentions, LONGEST))


@_draw.register
def _(node: Fields, mentions: Mentions) -> Drawn:
    if not node.fields:
        return Drawn(kind=node.kind, blocks=())
    made = [_field(pair, mentions) for pair in node.fields]
    shown = [one for one, _ in made]
    block: Block = {"type": "section", "fields": shown}
    return Drawn(kind=node.kind, blocks=(block,), cut=any(cut for _, cut in made))


@_draw.register
def _(node: Context, mentions: Mentions) -> Drawn:
    found = texts(node.spans, mentions, limits.LONGEST_CONTEXT)
    blocks = tuple({"type": "context", "elements": [one]} for one in found)
    return Drawn(kind=node.kind, blocks=blocks)


@_draw.register
def _(node: Divider, mentions: Mentions) -> Drawn:  # noqa: ARG001
    return Drawn(kind=node.kind, blocks=({"type": "divider"},))


@_draw.register
def _(node: Image, mentions: Mentions) -> Drawn:
    """A link: Slack refuses the whole message where it cannot load a picture at once."""
    return _paragraph(node.kind, texts(spans(link(node.alt, node.url)), mentions, LONGEST))


@_draw.register
def _(node: Progress, mentions: Mentions) -> Drawn:  # noqa: ARG001
    full = round(node.percent * BAR / 100)
    lines = [f"{'▓' * full}{'░' * (BAR - full)} {node.percent} %"]
    lines += [f"{MARKS[step.state]} {one_line(step.name)} {step.state}" for step in node.steps]
    parts = packed((f"{line}\n" for line in lines), LONGEST)
    return _paragraph(node.kind, (plain_text(one.strip()) for one in parts))


@_draw.register
def _(node: Table, mentions: Mentions) -> Drawn:  # noqa: ARG001
    """A line for each row, which any screen reads out in order; a grid of characters is none."""
    head = clip(" · ".join(map(one_line, node.head)), limits.LONGEST_CONTEXT)
    lines = [_row(row[: len(node.head)]) for row in node.rows]
    parts = packed((f"{line}\n" for line in lines), LONGEST)
    rows = _paragraph(node.kind, (mrkdwn(one.strip("\n")) for one in parts if one.strip()))
    named: Block = {"type": "context", "elements": [plain_text(head)]}
    return Drawn(kind=node.kind, blocks=(named, *rows.blocks))


@_draw.register
def _(node: Code, mentions: Mentions) -> Drawn:  # noqa: ARG001
    return _paragraph(node.kind, fenced(node.text, LONGEST))


@_draw.register
def _(node: Actions, mentions: Mentions) -> Drawn:  # noqa: ARG001
    """Buttons, the others behind ⋯. What asks before it acts is never folded: a menu cannot."""
    asking = [one for one in node.more if one.confirm]
    folded = [one for one in node.more if not one.confirm]
    elements = [_button(one) for one in (*node.buttons, *asking)]
    elements += [_menu(folded)] if folded else []
    return _pressed(node.kind, elements)


@_draw.register
def _(node: Select, mentions: Mentions) -> Drawn:  # noqa: ARG001
    options = [option(one) for one in node.options if len(one.value) <= limits.LONGEST_OPTION]
    element = {
        "type": "static_select",
        "action_id": f"{node.id}{PICK}{node.name}",
        "placeholder": _label(node.label, limits.LONGEST_PLACEHOLDER),
        "options": options,
    }
    return _pressed(node.kind, [element] if options else [])


@_draw.register
def _(node: Form, mentions: Mentions) -> Drawn:  # noqa: ARG001
    """A message cannot hold fields: a button opens them, with what was filled in already."""
    element = {
        "type": "button",
        "action_id": f"{ASK}{node.id}",
        "text": _label(f"{one_line(node.title, limits.LONGEST_LABEL - 1)}…", limits.LONGEST_LABEL),
        "style": "primary",
        "value": _filled(node),
    }
    return _pressed(node.kind, [element])


def option(one: Option) -> Block:
    """One choice of a menu."""
    return {"text": _label(one.label, limits.LONGEST_LABEL), "value": one.value}


def _with_icon(text: str) -> str:
    """Slack colours no header, so a severity that begins one brings its circle."""
    found = SEVERITY.match(text)
    return f"{ICONS[Severity(f'SEV{found[1]}')]} {text}" if found else text


def _paragraph(kind: str, found: Iterable[TextObject]) -> Drawn:
    return Drawn(kind=kind, blocks=tuple({"type": "section", "text": one} for one in found))


def _field(pair: FieldPair, mentions: Mentions) -> tuple[TextObject, bool]:
    """Label and value in one cell, and whether the value had to be cut."""
    head = strong(one_line(pair.label, limits.LONGEST_LABEL)) or NOTHING
    room = limits.LONGEST_FIELD - len(head) - 1
    value = marked(pair.value, mentions).strip() or NOTHING
    if len(value) <= room:
        return mrkdwn(f"{head}\n{value}"), False
    told = one_line("".join(span.text for span in pair.value), room // 10)
    return mrkdwn(f"{head}\n{data(told)}"), True


def _row(row: tuple[str, ...]) -> str:
    cells = [clip(one_line(cell), MOST_CELLS // max(len(row), 1)) for cell in row]
    first, rest = (cells[0], cells[1:]) if cells else ("", [])
    return " · ".join(one for one in (strong(first), *map(data, rest)) if one)


def _pressed(kind: str, elements: list[Block]) -> Drawn:
    """A row of what can be pressed, each thing once: Slack refuses a message with two of a kind."""
    once = {one["action_id"]: one for one in reversed(elements)}
    elements = [one for one in elements if once[one["action_id"]] is one]
    if not elements:
        return Drawn(kind=kind, blocks=())
    kept = elements[: limits.MOST_PER_ROW]
    block: Block = {"type": "actions", "elements": kept}
    return Drawn(kind=kind, blocks=(block,), offered=True, cut=len(kept) < len(elements))


def _button(button: Button) -> Block:
    made: Block = {
        "type": "button",
        "action_id": button.id,
        "text": _label(button.label, limits.LONGEST_LABEL),
    }
    if button.style != "default":
        made["style"] = button.style
    if button.confirm:
        made["confirm"] = _confirm(button)
    return made


def _confirm(button: Button) -> Block:
    return {
        "title": plain_text("Are you sure?"),
        "text": plain_text(clip(one_line(button.confirm or ""), limits.LONGEST_CONFIRM)),
        "confirm": _label(button.label, 30),
        "deny": plain_text("Go back"),
    }


def _menu(folded: list[Button]) -> Block:
    """⋯ holds five; for more there is a list to pick from."""
    options = [option(Option(value=one.id, label=one.label)) for one in folded]
    if len(options) <= limits.MOST_FOLDED:
        return {"type": "overflow", "action_id": MORE, "options": options}
    return {
        "type": "static_select",
        "action_id": MORE,
        "placeholder": plain_text("More…"),
        "options": list(islice(options, limits.MOST_OPTIONS)),
    }


def _label(text: str, longest: int) -> TextObject:
    return plain_text(clip(one_line(text), longest))


def _filled(form: Form) -> str:
    """What stands in the fields, in JSON, as far as a button can carry it."""
    values = {one.name: one.value for one in form.inputs if one.value}
    made = json.dumps(values, ensure_ascii=False)
    return made if len(made) <= limits.LONGEST_VALUE else "{}"
