"""What a console message may hold: enough for any card, too little to stall a browser."""

from collections.abc import Callable
from functools import singledispatch

from domain.base import Frozen
from domain.message import Actions, Code, Header, Message, Node, Span, Table, Text

MOST_NODES = 50
LONGEST_HEADER = 300
LONGEST_TEXT = 8_000
LONGEST_CODE = 16_000
MOST_ROWS = 200
MOST_FOLDED_BUTTONS = 20


class LimitBroken(ValueError):
    """A view built a message that the console would have to shorten."""


class Fitted(Frozen):
    """A message within the limits, and the kinds of node that were shortened to get there."""

    message: Message
    broken: tuple[str, ...] = ()


Fit = Callable[[Message], Fitted]


def fit(message: Message) -> Fitted:
    """Shorten ``message`` to the limits: what production does, counting ``broken``."""
    kept = message.nodes[:MOST_NODES]
    nodes = tuple(_cut(node) for node in kept)
    pairs = zip(kept, nodes, strict=True)
    broken: list[str] = [old.kind for old, new in pairs if old != new]
    if len(message.nodes) > MOST_NODES:
        broken.append("nodes")
    return Fitted(message=message.model_copy(update={"nodes": nodes}), broken=tuple(broken))


def fit_strictly(message: Message) -> Fitted:
    """Return ``message`` unchanged: what tests do. Raises `LimitBroken` where `fit` would cut."""
    fitted = fit(message)
    if fitted.broken:
        raise LimitBroken(f"over the console's limits: {', '.join(fitted.broken)}")
    return fitted


@singledispatch
def _cut(node: Node) -> Node:
    return node


@_cut.register
def _(node: Header) -> Node:
    return node.model_copy(update={"text": _clip(node.text, LONGEST_HEADER)})


@_cut.register
def _(node: Text) -> Node:
    left, spans = LONGEST_TEXT, list[Span]()
    for span in node.spans:
        spans.append(span.model_copy(update={"text": _clip(span.text, left)}))
        left -= len(span.text)
        if left < 0:
            break
    return node.model_copy(update={"spans": tuple(spans)})


@_cut.register
def _(node: Code) -> Node:
    return node.model_copy(update={"text": _clip(node.text, LONGEST_CODE)})


@_cut.register
def _(node: Table) -> Node:
    rows = tuple(row[: len(node.head)] for row in node.rows[:MOST_ROWS])
    return node.model_copy(update={"rows": rows})


@_cut.register
def _(node: Actions) -> Node:
    return node.model_copy(update={"more": node.more[:MOST_FOLDED_BUTTONS]})


def _clip(text: str, longest: int) -> str:
    extra = len(text) - longest
    return f"{text[:longest]}… {extra} more characters" if extra > 0 else text
