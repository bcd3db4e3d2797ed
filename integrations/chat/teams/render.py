"""A message as an Adaptive Card 1.5. Pure: values in, JSON out.

Words become runs of a RichTextBlock, which no Teams client reads as markdown; so nothing that
came from outside can become a link, a mention or a heading. Only names that Tocsin knows stand
in a TextBlock, because mentions live nowhere else.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from functools import singledispatch
from typing import Any

from domain.base import Frozen
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
    Progress,
    ProgressStep,
    Select,
    Span,
    Spans,
    Table,
    Text,
    sentence,
)
from domain.plain import plain, visible, web_address
from integrations.chat.teams.inputs import choice_set, field, named
from integrations.chat.teams.limits import (
    BUDGET,
    HARD_LIMIT,
    LENGTHS,
    LimitBroken,
    core,
    cut,
)

Element = dict[str, Any]
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
TOO_LARGE = "This is too long for Teams: open it in the dashboard."


class Rendered(Frozen):
    """A card, the words for lock screens and screen readers, and what had to be shortened."""

    card: Element
    summary: str
    broken: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes on the wire, as Teams counts them."""
        written = json.dumps([self.card, self.summary], ensure_ascii=False)
        return len(written.encode("utf-16-le", "surrogatepass"))


Accounts = Mapping[str, str]
Render = Callable[[Message, Accounts], Rendered]


def render(message: Message, accounts: Accounts) -> Rendered:
    """``message`` within the limits; ``accounts`` are the people whom Teams can mention."""
    for longest in LENGTHS:
        made = _rendered(message, accounts, longest)
        if made.size <= BUDGET:
            return made
    return made if made.size <= HARD_LIMIT else _least(message, accounts)


def render_strictly(message: Message, accounts: Accounts) -> Rendered:
    """What tests do. Raises `LimitBroken` where `render` would shorten."""
    made = render(message, accounts)
    if made.broken:
        raise LimitBroken(f"over the limits of Teams: {', '.join(made.broken)}")
    return made


def _least(message: Message, accounts: Accounts) -> Rendered:
    made = _rendered(core(message), accounts, LENGTHS[-1])
    if made.size > HARD_LIMIT:
        made = _rendered(sentence(TOO_LARGE), {}, LENGTHS[0])
    return made.model_copy(update={"broken": (*made.broken, "message")})


def _rendered(message: Message, accounts: Accounts, longest: int) -> Rendered:
    short = cut(message, longest)
    body = list(_body(short.message))
    named = list(_named(short.message, accounts))
    if named:
        body.append({"type": "TextBlock", "wrap": True, "text": " ".join(map(_at, named))})
    card: Element = {
        "type": "AdaptiveCard", "$schema": SCHEMA, "version": "1.5", "body": body,
    }  # fmt: skip
    if named:
        card["msteams"] = {"entities": [_entity(one, accounts) for one in named]}
    return Rendered(card=card, summary=plain(short.message)[:longest], broken=short.broken)


def _body(message: Message) -> Iterator[Element]:
    """The elements in order; a divider is a line above what follows it."""
    ruled = False
    for number, node in enumerate(message.nodes):
        if isinstance(node, Divider):
            ruled = True
            continue
        for element in _drawn(node, str(number)):
            yield element | ({"separator": True} if ruled else {})
            ruled = False


@singledispatch
def _drawn(node: Node, part: str) -> Iterator[Element]:  # noqa: ARG001 - the shape of all below
    raise TypeError(f"no card for {type(node).__name__}")


@_drawn.register
def _(node: Header, part: str) -> Iterator[Element]:  # noqa: ARG001
    words = _runs((Span(text=node.text),), weight="Bolder", size="Large")
    yield {"type": "Container", "style": STYLES[node.tone], "bleed": True, "items": [_block(words)]}


@_drawn.register
def _(node: Text, part: str) -> Iterator[Element]:  # noqa: ARG001
    if node.spans:
        yield _block(_runs(node.spans))


@_drawn.register
def _(node: Context, part: str) -> Iterator[Element]:  # noqa: ARG001
    if node.spans:
        yield _block(_runs(node.spans, size="Small", isSubtle=True))


@_drawn.register
def _(node: Fields, part: str) -> Iterator[Element]:  # noqa: ARG001
    for one in node.fields:
        label = _runs((Span(text=one.label),), isSubtle=True)
        columns = [_column(label, 1), _column(_runs(one.value), 3)]
        yield {"type": "ColumnSet", "spacing": "Small", "columns": columns}


@_drawn.register
def _(node: Image, part: str) -> Iterator[Element]:  # noqa: ARG001
    address = _address(node.url)
    if address is None:
        yield _block(_runs((Span(text=node.alt),)))
    else:
        yield {"type": "Image", "url": address, "altText": visible(node.alt), "size": "Large"}


@_drawn.register
def _(node: Table, part: str) -> Iterator[Element]:  # noqa: ARG001
    head = [_runs((Span(text=cell),), weight="Bolder") for cell in node.head]
    width = len(node.head)
    rows = [[_runs((Span(text=cell),)) for cell in row[:width]] for row in node.rows]
    yield {
        "type": "Table",
        "columns": [{"width": 1}] * width,
        "rows": [
            {"type": "TableRow", "cells": [_cell(one) for one in row]} for row in (head, *rows)
        ],
    }


@_drawn.register
def _(node: Code, part: str) -> Iterator[Element]:  # noqa: ARG001
    kept = SPACES.sub(lambda found: "\u00a0" * len(found[0]), node.text.expandtabs(4))
    words = _runs((Span(text=kept),), fontType="Monospace", size="Small")
    yield {"type": "Container", "style": "emphasis", "items": [_block(words)]}


@_drawn.register
def _(node: Progress, part: str) -> Iterator[Element]:  # noqa: ARG001
    yield _block(_runs((Span(text=f"{node.percent} %"),), weight="Bolder"))
    steps = "\n".join(map(_step, node.steps))
    if steps:
        yield _block(_runs((Span(text=steps),)))


@_drawn.register
def _(node: Actions, part: str) -> Iterator[Element]:  # noqa: ARG001
    shown = [_action(one) for one in node.buttons]
    folded = [_action(one) | {"mode": "secondary"} for one in node.more]
    if shown or folded:
        yield {"type": "ActionSet", "actions": [*shown, *folded]}


@_drawn.register
def _(node: Select, part: str) -> Iterator[Element]:
    yield choice_set(f"{part}.{node.name}", node.options) | {"label": named(node.label)}
    yield {"type": "ActionSet", "actions": [_execute("Choose", node.id, part)]}


@_drawn.register
def _(node: Form, part: str) -> Iterator[Element]:
    yield _block(_runs((Span(text=node.title),), weight="Bolder"))
    for asked in node.inputs:
        yield field(asked, part)
        if asked.error:
            yield _block(_runs((Span(text=asked.error),), color="Attention", size="Small"))
    submit = _execute(node.submit, node.id, part) | {"style": "positive"}
    yield {"type": "ActionSet", "actions": [submit]}


def _block(runs: list[Element]) -> Element:
    return {"type": "RichTextBlock", "inlines": runs}


def _runs(spans: Spans, **look: Any) -> list[Element]:
    return [{"type": "TextRun", "text": _text(one), **look, **_look(one)} for one in spans]


def _text(span: Span) -> str:
    """The words; an instant in the reader's zone. A card's own functions stay text in others."""
    if span.kind == "time" and span.at:
        at = f"{span.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return f"{{{{DATE({at}, SHORT)}}}} {{{{TIME({at})}}}}"
    return visible(span.text).replace("{{", "{\u200b{")


def _look(span: Span) -> Element:
    if span.kind == "link":
        address = _address(span.url or "")
        opens = {"type": "Action.OpenUrl", "url": address}
        return {"color": "Accent", "selectAction": opens} if address else {}
    return LOOKS.get(span.kind, {})


def _address(url: str) -> str | None:
    """A web address as Teams can open it: never one without a host."""
    return None if url.startswith(("/", "#")) else web_address(url)


def _column(runs: list[Element], width: int) -> Element:
    return {"type": "Column", "width": width, "items": [_block(runs)]}


def _cell(runs: list[Element]) -> Element:
    return {"type": "TableCell", "items": [_block(runs)]}


def _step(step: ProgressStep) -> str:
    return f"{MARKS[step.state]} {step.name}: {step.state}"


def _action(button: Button) -> Element:
    """The press itself, or a question first whose answer is the press."""
    made = _execute(button.label, button.id) | BUTTONS[button.style]
    if not button.confirm:
        return made
    asked = {
        "type": "AdaptiveCard",
        "body": [_block(_runs((Span(text=button.confirm),)))],
        "actions": [made],
    }
    opens = {"type": "Action.ShowCard", "title": made["title"], "card": asked}
    return opens | BUTTONS[button.style]


def _execute(title: str, button: str, part: str | None = None) -> Element:
    """``part`` names the fields that are sent along; without it, none are."""
    return {
        "type": "Action.Execute",
        "title": named(title),
        "verb": "press",
        "data": {"button": button} | ({"part": part} if part else {}),
        "associatedInputs": "auto" if part else "none",
    }


def _named(message: Message, accounts: Accounts) -> Iterator[Span]:
    """Who is mentioned and has an account in Teams, each once."""
    lines = (one.spans for one in message.nodes if isinstance(one, Text))
    mentioned = (span for line in lines for span in line if span.kind == "mention")
    people = {span.person: span for span in mentioned if span.person in accounts}
    yield from people.values()


def _at(span: Span) -> str:
    return f"<at>{_name(span)}</at>"


def _entity(span: Span, accounts: Accounts) -> Element:
    account = {"id": accounts[span.person or ""], "name": _name(span)}
    return {"type": "mention", "text": _at(span), "mentioned": account}


def _name(span: Span) -> str:
    """A name of letters alone: it stands where markdown is read."""
    return " ".join(LETTERS.findall(span.text)) or "you"


LETTERS = re.compile(r"[^\W_]+")
SPACES = re.compile(r"(?m)^ +| {2,}")
STYLES = {
    "neutral": "emphasis",
    "good": "good",
    "warning": "warning",
    "danger": "attention",
    "info": "accent",
}
LOOKS: dict[str, Element] = {
    "bold": {"weight": "Bolder"},
    "code": {"fontType": "Monospace"},
    "mention": {"weight": "Bolder"},
}
BUTTONS: dict[str, Element] = {
    "primary": {"style": "positive"},
    "danger": {"style": "destructive"},
    "default": {},
}
MARKS = {"waiting": "○", "running": "▶", "done": "✔", "failed": "✖", "skipped": "–"}
