"""What a Teams message may hold, and how what is too long is shortened.

Teams refuses a message over about 100 KB and says so late; cards far below that are slow on a
phone, so cards keep to a budget of their own. Sizes are bytes of JSON in UTF-16, as Teams counts.
"""

from functools import singledispatch

from domain.base import Frozen
from domain.message import (
    Actions,
    Code,
    Context,
    Fields,
    Form,
    Header,
    Input,
    Message,
    Node,
    Progress,
    Span,
    Spans,
    Table,
    Text,
)

BUDGET = 25 * 1024
HARD_LIMIT = 80 * 1024
MOST_NODES = 40
MOST_BUTTONS = 5
MOST_FOLDED_BUTTONS = 10
MOST_ROWS = 20
MOST_STEPS = 30
MOST_LINES = 40
LONGEST_HEADER = 300
LONGEST_LABEL = 75
# How long a text may be: the first length at which the whole message keeps to the budget.
LENGTHS = (4_000, 2_000, 1_000, 500, 200, 80)


class LimitBroken(ValueError):
    """A view built a message that Teams would show shortened."""


class Cut(Frozen):
    """A message whose texts fit, and the kinds of node that were shortened to get there."""

    message: Message
    broken: tuple[str, ...] = ()


def cut(message: Message, longest: int) -> Cut:
    """Shorten every text of ``message`` to ``longest`` characters, and every list to its limit."""
    kept = message.nodes[:MOST_NODES]
    nodes = tuple(_cut(node, longest) for node in kept)
    broken: list[str] = [old.kind for old, new in zip(kept, nodes, strict=True) if old != new]
    if len(message.nodes) > MOST_NODES:
        broken.append("nodes")
    return Cut(message=message.model_copy(update={"nodes": nodes}), broken=tuple(broken))


def core(message: Message) -> Message:
    """The first line and what can be pressed or filled in: what is left of the very largest."""
    offered = [node for node in message.nodes[1:] if isinstance(node, Actions | Form)]
    return message.model_copy(update={"nodes": (*message.nodes[:1], *offered[:2])})


@singledispatch
def _cut(node: Node, longest: int) -> Node:  # noqa: ARG001 - the rest is short by its model
    return node


@_cut.register
def _(node: Header, longest: int) -> Node:
    return node.model_copy(update={"text": _clip(node.text, min(longest, LONGEST_HEADER))})


@_cut.register(Text)
@_cut.register(Context)
def _(node: Text | Context, longest: int) -> Node:
    return node.model_copy(update={"spans": _line(node.spans, longest)})


@_cut.register
def _(node: Fields, longest: int) -> Node:
    fields = tuple(
        pair.model_copy(
            update={
                "label": _clip(pair.label, LONGEST_LABEL),
                "value": _line(pair.value, longest),
            }
        )
        for pair in node.fields
    )
    return node.model_copy(update={"fields": fields})


@_cut.register
def _(node: Code, longest: int) -> Node:
    lines = node.text.splitlines()
    if len(lines) <= MOST_LINES:
        return node.model_copy(update={"text": _clip(node.text, longest)})
    text = "\n".join((*lines[:MOST_LINES], f"… {len(lines) - MOST_LINES} more lines"))
    return node.model_copy(update={"text": _clip(text, longest)})


@_cut.register
def _(node: Table, longest: int) -> Node:
    cell = max(longest // MOST_ROWS, LENGTHS[-1])
    rows = tuple(tuple(_clip(one, cell) for one in row) for row in node.rows[:MOST_ROWS])
    return node.model_copy(update={"rows": rows})


@_cut.register
def _(node: Progress, longest: int) -> Node:  # noqa: ARG001
    steps = tuple(
        step.model_copy(update={"name": _clip(step.name, LONGEST_LABEL)})
        for step in node.steps[:MOST_STEPS]
    )
    return node.model_copy(update={"steps": steps})


@_cut.register
def _(node: Actions, longest: int) -> Node:
    asked = (
        tuple(
            one.model_copy(update={"confirm": one.confirm and _clip(one.confirm, longest)})
            for one in buttons
        )
        for buttons in (node.buttons, node.more[:MOST_FOLDED_BUTTONS])
    )
    return node.model_copy(update=dict(zip(("buttons", "more"), asked, strict=True)))


@_cut.register
def _(node: Form, longest: int) -> Node:
    inputs = tuple(_input(one, longest) for one in node.inputs)
    return node.model_copy(update={"inputs": inputs})


def _input(asked: Input, longest: int) -> Input:
    """What stands in a field is kept whole, because it is sent back as it is."""
    short = {name: _clip(getattr(asked, name), LONGEST_HEADER) for name in ("hint", "error")}
    options = tuple(
        one.model_copy(update={"label": _clip(one.label, min(longest, LONGEST_LABEL))})
        for one in asked.options
    )
    return asked.model_copy(update={**short, "options": options})


def _line(spans: Spans, longest: int) -> Spans:
    left, kept = longest, list[Span]()
    for span in spans:
        kept.append(span.model_copy(update={"text": _clip(span.text, left)}))
        left -= len(span.text)
        if left < 0:
            break
    return tuple(kept)


def _clip(text: str, longest: int) -> str:
    extra = len(text) - longest
    return f"{text[:longest]}… {extra} more characters" if extra > 0 else text
