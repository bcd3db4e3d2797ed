"""A form as a modal: fields with hints and what stands in them already."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Literal

from domain.args import slots_of
from domain.base import Frozen
from domain.buttons import pressed
from domain.command import Registry
from domain.message import Context, Form, Input, Message, Option, spans
from domain.plain import one_line, plain
from domain.ports import Choosable
from integrations.chat.slack import limits
from integrations.chat.slack.limits import Block, clip
from integrations.chat.slack.markup import Mentions, plain_text
from integrations.chat.slack.render import option, render

PICKED = "pick:"
TICKED = "true"
# A list as long as what `ChatKeep.choices` gives at most may go on
WHOLE_LIST = 25
LONGEST_NOTES = 6_000
"""Characters above the fields; the rest of what a modal may hold is theirs."""

CHOOSABLE: Mapping[str, Choosable] = {
    "person": "person",
    "service": "service",
    "incident": "incident",
    "target": "target",
}


class Offered(Frozen):
    """What a field can be picked from: all of it, or the first while one types."""

    kind: Choosable
    options: tuple[Option, ...]


def pickable(form: Form, registry: Registry) -> dict[str, Choosable]:
    """The fields of ``form`` that are picked from what Tocsin knows, each with its kind."""
    found = pressed(form.id)
    command = registry.commands.get(found.command) if found else None
    slots = slots_of(command.args) if command else ()
    kinds = {slot.name: CHOOSABLE.get(slot.arg.kind) for slot in slots}
    asked = ((one.name, kinds.get(one.name)) for one in form.inputs if not one.options)
    return {name: kind for name, kind in asked if kind}


def modal(message: Message, form: Form, offered: Mapping[str, Offered], meta: str) -> Block:
    """The view that asks with ``form``; the rest of ``message`` stands above its fields."""
    inputs = [_field(one, offered.get(one.name)) for one in form.inputs]
    title = one_line(form.title)
    if len(title) > limits.LONGEST_TITLE:
        title, message = form.submit, _headed(message, title)
    return {
        "type": "modal",
        "callback_id": form.id,
        "private_metadata": meta if len(meta) <= limits.LONGEST_META else "",
        "title": plain_text(clip(one_line(title), limits.LONGEST_TITLE)),
        "submit": plain_text(clip(one_line(form.submit), limits.LONGEST_TITLE)),
        "close": plain_text("Cancel"),
        "blocks": [*_notes(message, {}), *inputs],
    }


def told(message: Message, title: str, mentions: Mentions) -> Block:
    """The view that shows an answer in the form's place."""
    blocks = _notes(message, mentions)
    return {
        "type": "modal",
        "title": plain_text(clip(one_line(title), limits.LONGEST_TITLE)),
        "close": plain_text("Close"),
        "blocks": blocks,
    }


def errors(message: Message, form: Form | None, field: str | None, asked: Sequence[str]) -> Block:
    """What is wrong by field, for the form that asked for ``asked``; empty where no field of it
    is to blame."""
    wrong = {one.name: one.error for one in form.inputs if one.error} if form else {}
    if not wrong and field:
        wrong = {field: one_line(plain(message))}
    return {name: text for name, text in wrong.items() if name in asked}


def _notes(message: Message, mentions: Mentions) -> list[Block]:
    others = tuple(node for node in message.nodes if not isinstance(node, Form))
    blocks = render(message.model_copy(update={"nodes": others}), mentions).blocks
    sizes = accumulate(limits.weight(block) for block in blocks)
    return [block for block, size in zip(blocks, sizes, strict=True) if size <= LONGEST_NOTES]


def _headed(message: Message, title: str) -> Message:
    """A title that is too long for a modal's stands above the fields."""
    return message.model_copy(update={"nodes": (*message.nodes, Context(spans=spans(title)))})


def _field(asked: Input, offered: Offered | None) -> Block:
    made: Block = {
        "type": "input",
        "block_id": asked.name,
        "optional": not asked.required,
        "label": plain_text(clip(one_line(asked.label), limits.LONGEST_VALUE)),
        "element": _element(asked, offered),
    }
    hint = one_line(asked.error or ("" if asked.kind == "flag" else asked.hint))
    return made | ({"hint": plain_text(clip(hint, limits.LONGEST_VALUE))} if hint else {})


def _element(asked: Input, offered: Offered | None) -> Block:
    if asked.options:
        return _select(asked, asked.options)
    if asked.kind == "flag":
        return _box(asked)
    if offered is None or not offered.options:
        return _words(asked)
    if len(offered.options) < WHOLE_LIST:
        return _select(asked, offered.options)
    return _search(asked, offered.kind)


def _words(asked: Input) -> Block:
    made: Block = {
        "type": "plain_text_input",
        "action_id": asked.name,
        "multiline": asked.kind == "multiline",
        "max_length": limits.LONGEST_INPUT,
    }
    value = asked.value[: limits.LONGEST_INPUT]
    return made | ({"initial_value": value} if value else {})


def _select(asked: Input, options: Sequence[Option]) -> Block:
    """A list; what stands in the field is in it, even where nobody would offer it."""
    chosen = [one for one in options if one.value == asked.value]
    if asked.value and not chosen:
        chosen = [Option(value=asked.value, label=asked.value)]
        options = (*chosen, *options)
    made: Block = {
        "type": "static_select",
        "action_id": asked.name,
        "placeholder": plain_text("Choose"),
        "options": [option(one) for one in options[: limits.MOST_OPTIONS]],
    }
    return made | ({"initial_option": option(chosen[0])} if chosen else {})


def _search(asked: Input, kind: Choosable) -> Block:
    """A list that is asked for while one types."""
    made: Block = {
        "type": "external_select",
        "action_id": f"{PICKED}{kind}",
        "placeholder": plain_text("Type to search"),
        "min_query_length": 0,
    }
    now = Option(value=asked.value, label=asked.value)
    return made | ({"initial_option": option(now)} if asked.value else {})


def _box(asked: Input) -> Block:
    """A box to tick; what ticking it means stands beside it."""
    box = option(Option(value=TICKED, label=asked.hint or asked.label))
    made: Block = {"type": "checkboxes", "action_id": asked.name, "options": [box]}
    return made | ({"initial_options": [box]} if asked.value == TICKED else {})


def kind_of(action: str) -> Choosable | None:
    """The kind of thing that a search asks for."""
    kinds: dict[str, Literal["person", "service", "incident", "target"]] = dict(CHOOSABLE)
    return kinds.get(action.removeprefix(PICKED)) if action.startswith(PICKED) else None
