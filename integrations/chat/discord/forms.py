"""A form as a modal, and what was filled into one. Pure: values in, values out."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.message import Form, Input, Option
from domain.plain import one_line
from integrations.chat.discord.limits import (
    LONGEST_DESCRIPTION,
    LONGEST_OPTION,
    LONGEST_PLACEHOLDER,
    LONGEST_TITLE,
    LONGEST_VALUE,
    MOST_INPUTS,
    MOST_OPTIONS,
    Json,
    Rendered,
    clipped,
)

SELECT, TEXT_INPUT, LABEL = 3, 4, 18
LINE, PARAGRAPH = 1, 2
YES_OR_NO = (Option(value="true", label="Yes"), Option(value="false", label="No"))


def modal(form: Form) -> Rendered:
    """``form`` as a modal; it must have an input, and its submit is the call of its id."""
    inputs = form.inputs[:MOST_INPUTS]
    broken = [one.name for one in inputs if len(one.value) > LONGEST_VALUE]
    payload = {
        "custom_id": form.id,
        "title": clipped(one_line(form.title), LONGEST_TITLE) or "…",
        "components": [_labelled(one) for one in inputs],
    }
    return Rendered(payload=payload, broken=tuple(broken))


def filled_in(components: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What a submitted modal holds, by the names of its inputs."""
    controls = [one["component"] for one in components if "component" in one]
    return {one["custom_id"]: _value(one) for one in controls}


def offered(form: Form, name: str, options: tuple[Option, ...]) -> Form:
    """The form with ``options`` to choose from for one of its inputs, if its value is one."""
    inputs = tuple(_choosing(one, options) if one.name == name else one for one in form.inputs)
    return form.model_copy(update={"inputs": inputs})


def _choosing(asked: Input, options: tuple[Option, ...]) -> Input:
    if asked.value and asked.value not in {one.value for one in options}:
        return asked
    return asked.model_copy(update={"options": options})


def _value(control: Mapping[str, Any]) -> str:
    picked = control.get("values")
    return ",".join(picked) if picked is not None else str(control.get("value") or "")


def _labelled(asked: Input) -> Json:
    told: Json = {
        "type": LABEL,
        "label": clipped(one_line(asked.label), LONGEST_TITLE) or "…",
        "component": _control(asked),
    }
    if notes := one_line(asked.error or asked.hint):
        told["description"] = clipped(notes, LONGEST_DESCRIPTION)
    return told


def _control(asked: Input) -> Json:
    options = YES_OR_NO if asked.kind == "flag" else asked.options
    if options and all(len(one.value) <= LONGEST_OPTION for one in options[:MOST_OPTIONS]):
        return _menu(asked, options[:MOST_OPTIONS])
    return {
        "type": TEXT_INPUT,
        "custom_id": asked.name,
        "style": PARAGRAPH if asked.kind == "multiline" else LINE,
        "required": asked.required,
        "placeholder": clipped(one_line(asked.hint), LONGEST_PLACEHOLDER),
        "value": asked.value[:LONGEST_VALUE],
    }


def _menu(asked: Input, options: tuple[Option, ...]) -> Json:
    chosen = [
        {
            "label": clipped(one_line(one.label), LONGEST_OPTION) or "…",
            "value": one.value,
            "default": one.value == asked.value,
        }
        for one in options
    ]
    return {
        "type": SELECT,
        "custom_id": asked.name,
        "required": asked.required,
        "min_values": int(asked.required),
        "options": chosen,
    }
