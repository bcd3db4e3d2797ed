"""The fields of a form as inputs of a card; each id is ``part.name``, so that forms stay apart."""

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from domain.message import Input, Option
from domain.plain import visible

Element = dict[str, Any]
MISSING = "This is needed."
# More than these are found by typing, not by looking.
MOST_LISTED = 10


def field(asked: Input, part: str) -> Element:
    """The input, holding what stands in it already."""
    made: Element = {"label": named(asked.label)} | _control(asked, f"{part}.{asked.name}")
    if asked.required:
        made |= {"isRequired": True, "errorMessage": MISSING}
    return made


def named(text: str) -> str:
    """A label that can be seen: Teams refuses one of nothing."""
    return visible(text) or "…"


def choice_set(name: str, options: Iterable[Option]) -> Element:
    """A list to pick one of."""
    choices = [{"title": named(one.label), "value": one.value} for one in options]
    style = "filtered" if len(choices) > MOST_LISTED else "compact"
    return {"type": "Input.ChoiceSet", "id": name, "choices": choices, "style": style}


def _control(asked: Input, name: str) -> Element:
    if asked.options:
        return _choice(asked, name)
    return KINDS.get(asked.kind, _text)(asked, name)


def _choice(asked: Input, name: str) -> Element:
    """Teams asks for more people as somebody types; the first ones are there at once."""
    made = choice_set(name, _with_value(asked)) | _given(asked)
    if asked.kind != "person":
        return made
    return made | {
        "style": "filtered",
        "choices.data": {"type": "Data.Query", "dataset": asked.kind},
    }


def _with_value(asked: Input) -> tuple[Option, ...]:
    """The options, and what stands in the field where it is none of them."""
    if not asked.value or asked.value in (one.value for one in asked.options):
        return asked.options
    return (Option(value=asked.value, label=asked.value), *asked.options)


def _text(asked: Input, name: str, **more: Any) -> Element:
    return {"type": "Input.Text", "id": name, **more, **_given(asked), **_hint(asked)}


def _number(asked: Input, name: str) -> Element:
    """What is no number cannot stand in it, and was refused already."""
    value = {"value": int(asked.value)} if NUMBER.fullmatch(asked.value) else {}
    return {"type": "Input.Number", "id": name, **value, **_hint(asked)}


def _toggle(asked: Input, name: str) -> Element:
    made = {"type": "Input.Toggle", "id": name, "title": named(asked.hint or asked.label)}
    return made | {"value": asked.value or "false", "valueOn": "true", "valueOff": "false"}


def _given(asked: Input) -> Element:
    return {"value": asked.value} if asked.value else {}


def _hint(asked: Input) -> Element:
    return {"placeholder": visible(asked.hint)} if asked.hint else {}


NUMBER = re.compile(r"-?\d{1,15}")
KINDS: dict[str, Callable[[Input, str], Element]] = {
    "multiline": partial(_text, isMultiline=True),
    "number": _number,
    "flag": _toggle,
}
