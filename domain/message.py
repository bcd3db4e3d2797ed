"""The neutral message: what every platform, the web and the terminal can show.

Text is made of typed spans, so alert text can never become markup, a mention or a link:
a renderer escapes every plain span and interprets only the kinds it knows.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from domain.base import Frozen

Tone = Literal["neutral", "good", "warning", "danger", "info"]
Style = Literal["primary", "default", "danger"]


class Span(Frozen):
    """A run of text: ``link`` needs ``url``, ``mention`` a person's id, ``time`` an instant."""

    text: str
    kind: Literal["plain", "bold", "code", "link", "mention", "time"] = "plain"
    url: str | None = None
    person: str | None = None
    at: datetime | None = None


Spans = tuple[Span, ...]


def bold(text: str) -> Span:
    """Stressed text."""
    return Span(text=text, kind="bold")


def code(text: str) -> Span:
    """Text in a fixed-width face: commands to type, ids, versions."""
    return Span(text=text, kind="code")


def link(text: str, url: str) -> Span:
    """A descriptive word that leads to ``url``."""
    return Span(text=text, kind="link", url=url)


def mention(person: str, name: str) -> Span:
    """A person, notified where the platform can; ``name`` stands in elsewhere."""
    return Span(text=name, kind="mention", person=person)


def moment(at: datetime) -> Span:
    """An instant, shown in the reader's zone where the platform can, in UTC elsewhere."""
    return Span(text=f"{at:%Y-%m-%d %H:%M} UTC", kind="time", at=at)


def spans(*parts: str | Span) -> Spans:
    """Build a line from strings (plain) and spans."""
    return tuple(Span(text=part) if isinstance(part, str) else part for part in parts if part)


class Header(Frozen):
    """The first line; tone colours it, the words carry the meaning alone."""

    kind: Literal["header"] = "header"
    text: str
    tone: Tone = "neutral"


class Text(Frozen):
    """A paragraph."""

    kind: Literal["text"] = "text"
    spans: Spans


class FieldPair(Frozen):
    """A label and its value."""

    label: str
    value: Spans


class Fields(Frozen):
    """Up to ten short label–value pairs."""

    kind: Literal["fields"] = "fields"
    fields: tuple[FieldPair, ...] = Field(max_length=10)


class Context(Frozen):
    """Small grey text beneath the matter."""

    kind: Literal["context"] = "context"
    spans: Spans


class Divider(Frozen):
    """A rule between two parts."""

    kind: Literal["divider"] = "divider"


class Image(Frozen):
    """A picture; ``alt`` says in words what it shows."""

    kind: Literal["image"] = "image"
    url: str
    alt: str


class Button(Frozen):
    """A command call already filled in; ``id`` is made by `domain.buttons`, at most 100 bytes."""

    id: str = Field(max_length=100)
    label: str = Field(max_length=75)
    style: Style = "default"
    confirm: str | None = None


class Actions(Frozen):
    """Up to five buttons; ``more`` folds behind ⋯."""

    kind: Literal["actions"] = "actions"
    buttons: tuple[Button, ...] = Field(max_length=5)
    more: tuple[Button, ...] = ()


class Option(Frozen):
    """One choice."""

    value: str
    label: str


class Select(Frozen):
    """Pick one of up to 25; ``id`` as a button's, the pick arrives in ``values[name]``."""

    kind: Literal["select"] = "select"
    id: str = Field(max_length=100)
    name: str
    label: str
    options: tuple[Option, ...] = Field(max_length=25)


class Input(Frozen):
    """One field of a form; ``error`` is shown beneath it when a submit was refused."""

    name: str
    label: str
    kind: Literal["text", "multiline", "select", "person", "number", "flag"] = "text"
    required: bool = False
    value: str = ""
    hint: str = ""
    error: str = ""
    options: tuple[Option, ...] = ()


class Form(Frozen):
    """Ask for what a call still lacks; submitting makes the same call with the values added."""

    kind: Literal["form"] = "form"
    id: str = Field(max_length=100)
    title: str
    submit: str
    inputs: tuple[Input, ...] = Field(max_length=5)


class ProgressStep(Frozen):
    """A named step and where it stands."""

    name: str
    state: Literal["waiting", "running", "done", "failed", "skipped"]


class Progress(Frozen):
    """Long work, step by step; ``percent`` 0–100."""

    kind: Literal["progress"] = "progress"
    steps: tuple[ProgressStep, ...]
    percent: int = Field(ge=0, le=100)


class Table(Frozen):
    """Rows beneath a head; every row as wide as the head."""

    kind: Literal["table"] = "table"
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Code(Frozen):
    """Verbatim lines."""

    kind: Literal["code"] = "code"
    text: str


Node = Annotated[
    Header
    | Text
    | Fields
    | Context
    | Divider
    | Image
    | Actions
    | Select
    | Form
    | Progress
    | Table
    | Code,
    Field(discriminator="kind"),
]


class Message(Frozen):
    """What is said, once, for every platform.

    ``update_key`` names a living card that is edited in place; ``urgency`` lets a page overtake.
    """

    nodes: tuple[Node, ...]
    update_key: str | None = None
    urgency: Literal["page", "notice", "quiet"] = "notice"


def sentence(text: str, *more: str | Span) -> Message:
    """A message of one line."""
    return Message(nodes=(Text(spans=spans(text, *more)),))


def buttons(message: Message) -> tuple[Button, ...]:
    """Every button of ``message``, in reading order."""
    rows = (node for node in message.nodes if isinstance(node, Actions))
    return tuple(button for row in rows for button in (*row.buttons, *row.more))


def prefilled(message: Message, values: Mapping[str, str]) -> Message:
    """``message`` with ``values`` standing in the fields of its form."""
    nodes = tuple(_filled(one, values) if isinstance(one, Form) else one for one in message.nodes)
    return message.model_copy(update={"nodes": nodes})


def _filled(form: Form, values: Mapping[str, str]) -> Form:
    inputs = tuple(
        one.model_copy(update={"value": values.get(one.name, one.value)}) for one in form.inputs
    )
    return form.model_copy(update={"inputs": inputs})


def form_of(message: Message) -> Form | None:
    """The form that ``message`` asks with, if any."""
    return next((node for node in message.nodes if isinstance(node, Form)), None)
