"""A message as HTML and as the console's JSON. Pure: values in, text out.

Every string of a message is text: it is made visible, then escaped, and never becomes an
element, an attribute's name or an address that runs. Buttons and forms post to ``/ui/command``
by themselves; the chat page catches them and posts to the console's API instead.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import singledispatch
from html import escape

from pydantic import JsonValue

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
    Input,
    Message,
    Node,
    Progress,
    Select,
    Span,
    Spans,
    Table,
    Text,
    buttons,
)
from domain.plain import plain, visible, web_address


class ConsoleMessage(Frozen):
    """A message as the console shows it; ``thread`` is the id of the message it hangs on.

    ``change`` grows with every edit. ``private_to`` is the one person who sees it; None where
    the room does.
    """

    id: str
    room: str
    author: str
    author_name: str = ""
    at: datetime
    edited_at: datetime | None = None
    thread: str | None = None
    private_to: str | None = None
    change: str = ""
    message: Message


class Around(Frozen):
    """What stands around a message on its page: its id, the reader's form token, and what else
    its forms send along."""

    message_id: str
    csrf: str = ""
    more: dict[str, str] = {}


def payload(posted: ConsoleMessage) -> dict[str, JsonValue]:
    """``posted`` in the contract's shape, with its plain twin and its ``html`` beside it."""
    message = posted.message
    shown: dict[str, JsonValue] = {
        **posted.model_dump(mode="json", exclude={"message"}, exclude_none=True),
        "text": plain(message),
        "nodes": message.model_dump(mode="json")["nodes"],
        "buttons": [one.model_dump(include={"id", "label", "style"}) for one in buttons(message)],
        "urgency": message.urgency,
        "html": html(message, posted.id),
    }
    return shown


def html(message: Message, message_id: str, csrf: str = "", **more: str) -> str:
    """``message`` as an HTML fragment; ``csrf`` lets its buttons work without script.

    Each of ``more`` is sent along by every form.
    """
    around = Around(message_id=message_id, csrf=csrf, more=more)
    return "".join(_html(node, around) for node in message.nodes)


@singledispatch
def _html(node: Node, around: Around) -> str:  # noqa: ARG001 - the shape of all that follow
    raise TypeError(f"no HTML for {type(node).__name__}")


@_html.register
def _(node: Header, around: Around) -> str:  # noqa: ARG001
    text = SEVERITY.sub(r'<span class="sev" data-sev="\1">SEV\1</span>', _text(node.text))
    return f'<h3 class="head" data-tone="{node.tone}">{text}</h3>'


@_html.register
def _(node: Text, around: Around) -> str:  # noqa: ARG001
    return f"<p>{_spans(node.spans)}</p>"


@_html.register
def _(node: Context, around: Around) -> str:  # noqa: ARG001
    return f'<p class="context">{_spans(node.spans)}</p>'


@_html.register
def _(node: Fields, around: Around) -> str:  # noqa: ARG001
    pairs = (
        f"<div><dt>{_text(pair.label)}</dt><dd>{_spans(pair.value)}</dd></div>"
        for pair in node.fields
    )
    return f'<dl class="pairs">{"".join(pairs)}</dl>'


@_html.register
def _(node: Divider, around: Around) -> str:  # noqa: ARG001
    return "<hr>"


@_html.register
def _(node: Image, around: Around) -> str:  # noqa: ARG001
    address = web_address(node.url)
    if address is None:
        return f"<p>{_text(node.alt)}</p>"
    if address.startswith("/"):
        return f'<img src="{_exact(address)}" alt="{_text(node.alt)}" loading="lazy">'
    return f"<p>{_link(node.alt, address)}</p>"


@_html.register
def _(node: Actions, around: Around) -> str:
    shown = "".join(_button(one) for one in node.buttons)
    if node.more:
        folded = "".join(_button(one) for one in node.more)
        shown += f'<details class="more"><summary>More</summary><div>{folded}</div></details>'
    return f'<form class="actions" {POST}>{_hidden(around)}{shown}</form>'


@_html.register
def _(node: Select, around: Around) -> str:
    options = _options(((one.value, one.label) for one in node.options), "")
    return (
        f'<form class="pick" {POST} data-form="{_exact(node.id)}">{_hidden(around)}'
        f'<label>{_text(node.label)}<select name="values.{_exact(node.name)}" required>'
        f'{options}</select></label><button name="button" value="{_exact(node.id)}">Choose'
        "</button></form>"
    )


@_html.register
def _(node: Form, around: Around) -> str:
    inputs = "".join(_field(one, around) for one in node.inputs)
    return (
        f'<form class="ask" {POST} data-form="{_exact(node.id)}">{_hidden(around)}'
        f'<h4>{_text(node.title)}</h4>{inputs}<button class="primary" name="button" '
        f'value="{_exact(node.id)}">{_text(node.submit)}</button></form>'
    )


@_html.register
def _(node: Progress, around: Around) -> str:  # noqa: ARG001
    steps = (
        f'<li data-state="{step.state}">{_text(step.name)} <small>{step.state}</small></li>'
        for step in node.steps
    )
    bar = f'<progress max="100" value="{node.percent}">{node.percent} %</progress>'
    return f'{bar}<ol class="steps">{"".join(steps)}</ol>'


@_html.register
def _(node: Table, around: Around) -> str:  # noqa: ARG001
    head = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in node.head)
    rows = "".join(f"<tr>{''.join(f'<td>{_text(c)}</td>' for c in row)}</tr>" for row in node.rows)
    return (
        f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


@_html.register
def _(node: Code, around: Around) -> str:  # noqa: ARG001
    return f'<pre tabindex="0"><code>{_text(node.text)}</code></pre>'


def _spans(spans: Spans) -> str:
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    if span.kind == "link" and (address := web_address(span.url or "")):
        return _link(span.text, address)
    if span.kind == "time" and span.at:
        return f'<time datetime="{span.at.astimezone(UTC).isoformat()}">{_text(span.text)}</time>'
    if span.kind == "mention":
        person = _exact(span.person or "")
        return f'<span class="mention" data-person="{person}">{_text(span.text)}</span>'
    return WRAPPED.get(span.kind, "{}").replace("{}", _text(span.text), 1)


def _link(text: str, address: str) -> str:
    return f'<a href="{_exact(address)}" rel="noreferrer">{_text(text)}</a>'


def _button(button: Button) -> str:
    asked = f' data-confirm="{_text(button.confirm)}"' if button.confirm else ""
    made = _exact(button.id)
    return (
        f'<button name="button" value="{made}" data-button="{made}" class="{button.style}"{asked}>'
        f"{_text(button.label)}</button>"
    )


def _hidden(around: Around) -> str:
    named = {"message": around.message_id, "csrf": around.csrf, **around.more}
    return "".join(
        f'<input type="hidden" name="{name}" value="{_exact(value)}">'
        for name, value in named.items()
        if value
    )


def _field(asked: Input, around: Around) -> str:
    made = f"f-{_exact(around.message_id)}-{_exact(asked.name)}"
    needed = "" if asked.required else " <small>optional</small>"
    notes = _note(asked.hint, "hint") + _note(asked.error, "wrong")
    described = f' aria-describedby="{made}-notes"' if notes else ""
    wrong = ' aria-invalid="true"' if asked.error else ""
    attributes = f'id="{made}" name="values.{_exact(asked.name)}"{described}{wrong}'
    if asked.required:
        attributes += " required"
    return (
        f'<div class="field"><label for="{made}">{_text(asked.label)}{needed}</label>'
        f'{_control(asked, attributes)}<div id="{made}-notes">{notes}</div></div>'
    )


def _note(text: str, kind: str) -> str:
    return f'<small class="{kind}">{_text(text)}</small>' if text else ""


def _control(asked: Input, attributes: str) -> str:
    value = _exact(asked.value)
    if asked.options:
        options = _options(((one.value, one.label) for one in asked.options), asked.value)
        blank = "" if asked.required else '<option value=""></option>'
        return f"<select {attributes}>{blank}{options}</select>"
    if asked.kind == "multiline":
        return f'<textarea {attributes} rows="3">\n{value}</textarea>'
    if asked.kind == "flag":
        checked = " checked" if asked.value == "true" else ""
        return f'<input type="checkbox" value="true" {attributes}{checked}>'
    return f'<input {TYPES.get(asked.kind, TYPES["text"])} {attributes} value="{value}">'


def _options(options: Iterable[tuple[str, str]], chosen: str) -> str:
    return "".join(
        f'<option value="{_exact(value)}"{" selected" if value == chosen else ""}>'
        f"{_text(label)}</option>"
        for value, label in options
    )


def _text(text: str) -> str:
    return escape(visible(text))


def _exact(value: str) -> str:
    """For what comes back at a press or submit: it may not be changed on the way."""
    return escape(value)


POST = 'method="post" action="/ui/command"'
WRAPPED = {"bold": "<strong>{}</strong>", "code": "<code>{}</code>"}
TYPES = {
    "text": 'type="text" autocomplete="off"',
    "number": 'type="number" inputmode="decimal"',
    "person": 'type="text" list="people" autocomplete="off"',
}
# The chip has a colour of its own, so the coloured circle that other platforms need goes.
SEVERITY = re.compile(r"^(?:[🔴🟠🟡🔵⚪⚫] ?)?SEV([1-5])\b")
