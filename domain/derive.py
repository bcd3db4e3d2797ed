"""What every surface needs of a command, derived from its argument model: never written twice."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from pydantic import JsonValue, ValidationError

from domain.args import Kind, Slot, slots_of
from domain.base import Frozen
from domain.buttons import Pressed, arguments, button_id
from domain.command import Command
from domain.message import Form, Input, Option

MOST_INPUTS = 5
LONG_CHOICE = 25
HINTS: dict[Kind, str] = {
    "incident": "INC-42",
    "alert": "ALR-7",
    "person": "@bob or me",
    "target": "@person, team or service",
    "severity": "SEV1 (worst) to SEV5",
    "duration": "30m, 2h or 1d12h",
    "when": "30m, fri 18:00, tomorrow 9 or 2026-11-22T09:00Z",
    "number": "a whole number",
    "flag": "yes or no",
}
InputKind = Literal["text", "multiline", "select", "person", "number", "flag"]
INPUTS: dict[Kind, InputKind] = {
    "person": "person",
    "number": "number",
    "flag": "flag",
}
LIMITS = ("minLength", "maxLength", "pattern", "minimum", "maximum")
CLAUSES = {
    "missing": "{name} is missing: type {field}:…",
    "extra_forbidden": "there is no {name} here: leave it out",
    "string_type": "{name}: type some words",
    "string_too_short": "{name}: type at least {min_length} characters",
    "string_too_long": "{name}: type at most {max_length} characters",
    "bool_parsing": "{name}: type yes or no",
    "bool_type": "{name}: type yes or no",
    "int_parsing": "{name}: type a whole number",
    "int_type": "{name}: type a whole number",
    "int_from_float": "{name}: type a whole number",
    "greater_than": "{name}: type a number over {gt}",
    "greater_than_equal": "{name}: type {ge} or more",
    "less_than": "{name}: type a number under {lt}",
    "less_than_equal": "{name}: type {le} or less",
}


class CliOption(Frozen):
    """An argument on the command line: ``flags`` is empty for a positional one."""

    name: str
    flags: tuple[str, ...]
    type: Literal["str", "int", "bool"]
    required: bool
    rest: bool
    choices: tuple[str, ...]
    help: str


def form(
    command: Command,
    given: Mapping[str, Any],
    faults: Mapping[str, str],
    target: str = "",
) -> Form:
    """Ask for what a call lacks; its submit is the same call.

    At most five inputs: what is required first, then what was refused or given, so that neither
    is lost. What ``target`` names stands in the form's id and is no input, nor is the incident
    that the command is about, unless it was refused itself.
    """
    aim = _aim(command, given, faults, target)
    settled = arguments(Pressed(command=command.name, target=aim), command.args)
    open_ones = [slot for slot in slots_of(command.args) if slot.name not in settled]
    slots = [slot for slot in open_ones if _is_asked(command, slot, faults)]
    slots.sort(key=lambda s: (not s.required, s.name not in faults, s.name not in given))
    return Form(
        id=button_id(command.name, aim),
        title=command.summary.rstrip("."),
        submit=command.verb.replace("-", " ").capitalize(),
        inputs=tuple(_input(command, s, given, faults) for s in slots[:MOST_INPUTS]),
    )


def offering(asked: Form, name: str, options: tuple[Option, ...]) -> Form:
    """The form with ``options`` for one of its fields, as many as every chat can show."""
    inputs = tuple(_offering(one, options) if one.name == name else one for one in asked.inputs)
    return asked.model_copy(update={"inputs": inputs})


def _offering(asked: Input, options: tuple[Option, ...]) -> Input:
    if not options:
        return asked
    more = len(options) > LONG_CHOICE
    told = f"{asked.hint}; one that is not listed can be typed" if more else asked.hint
    shown = {"options": options[:LONG_CHOICE], "kind": "select", "hint": told}
    return asked.model_copy(update=shown)


def errors(error: ValidationError) -> dict[str, str]:
    """One clause per refused field that says what to type; the key is empty for the whole."""
    found: dict[str, str] = {}
    for detail in error.errors(include_url=False):
        field = str(detail["loc"][0]) if detail["loc"] else ""
        found.setdefault(field, _clause(field, detail))
    return found


def label(slot: Slot) -> str:
    """How people read the field's name."""
    return slot.name.replace("_", " ").capitalize()


def usage(command: Command) -> str:
    """``/incident declare TITLE [severity:…] [--private]``: brackets hold what may be left out."""
    slots = sorted(slots_of(command.args), key=lambda s: (not s.positional, not s.required))
    return " ".join((f"/{command.name}", *(_usage(slot) for slot in slots)))


def hint(slot: Slot) -> str:
    """What may be typed, in a few words."""
    if slot.arg.kind == "choice":
        return _either(slot.choices)
    return HINTS.get(slot.arg.kind, "")


def described(slot: Slot) -> str:
    """What the field is for, and what may be typed; empty where its name says it all.

    A description that is an example itself needs no other.
    """
    told = hint(slot)
    if slot.description and slot.description.split(",")[0] in told:
        return slot.description
    return ": ".join(part for part in (slot.description, told) if part)


def json_schema(command: Command) -> dict[str, JsonValue]:
    """JSON Schema of the arguments as people type them, for OpenAPI and a model's tools."""
    known = command.args.model_json_schema()["properties"]
    slots = slots_of(command.args)
    return {
        "type": "object",
        "title": command.name,
        "description": command.summary,
        "properties": {slot.name: _property(slot, known[slot.name]) for slot in slots},
        "required": [slot.name for slot in slots if slot.required],
        "additionalProperties": False,
    }


def cli_options(command: Command) -> tuple[CliOption, ...]:
    """The arguments as a command line has them; ``rest`` takes all words that are left."""
    slots = sorted(slots_of(command.args), key=lambda slot: slot.free_text)
    return tuple(_cli_option(slot) for slot in slots)


def _aim(command: Command, given: Mapping[str, Any], faults: Mapping[str, str], target: str) -> str:
    """The target of the form's id, where nothing in it was refused; else the incident given."""
    settled = arguments(Pressed(command=command.name, target=target), command.args)
    if settled and not settled.keys() & faults.keys():
        return target
    slots = slots_of(command.args)
    own = next((slot.name for slot in slots if slot.arg.kind == "incident"), None)
    return "" if own is None or own in faults else str(given.get(own) or "")


def _is_asked(command: Command, slot: Slot, faults: Mapping[str, str]) -> bool:
    """A place knows its own incident; a second one it does not know."""
    if not slot.arg.asked:
        return False
    own = next((one for one in slots_of(command.args) if one.arg.kind == "incident"), None)
    return slot is not own or slot.required or slot.name in faults


def _input(
    command: Command, slot: Slot, given: Mapping[str, Any], faults: Mapping[str, str]
) -> Input:
    default = command.args.model_fields[slot.name].get_default()
    value = given.get(slot.name, None if slot.required else default)
    options = tuple(Option(value=one, label=one) for one in slot.choices[:LONG_CHOICE])
    return Input(
        name=slot.name,
        label=label(slot),
        kind=_input_kind(slot),
        required=slot.required,
        value=_typed(value),
        hint=slot.description or hint(slot),
        error=_capital(faults.get(slot.name, "")),
        options=options,
    )


def _input_kind(slot: Slot) -> InputKind:
    if slot.choices:
        return "select"
    if slot.arg.long:
        return "multiline"
    return INPUTS.get(slot.arg.kind, "text")


def _typed(value: Any) -> str:
    """A value as a person would have typed it."""
    if value is None or value is False:
        return ""
    if value is True:
        return "true"
    if isinstance(value, timedelta):
        return f"{int(value.total_seconds()) // 60}m"
    return str(value)


def _clause(field: str, detail: Mapping[str, Any]) -> str:
    name, kind = field.replace("_", " "), detail["type"]
    context = detail.get("ctx", {})
    told = {**context, "name": name, "field": field, "msg": _lower(detail)}
    if kind == "string_too_short" and context["min_length"] == 1:
        kind = "missing"
    if kind == "value_error":
        return f"{name}: {context['error']}" if name else str(context["error"])
    if kind in ("enum", "literal_error"):
        return f"{name}: type {str(context['expected']).replace(chr(39), '')}"
    return CLAUSES.get(kind, "{name}: {msg}").format_map(told)


def _lower(detail: Mapping[str, Any]) -> str:
    told = str(detail["msg"])
    return told[:1].lower() + told[1:]


def _capital(clause: str) -> str:
    return clause[:1].upper() + clause[1:]


def _usage(slot: Slot) -> str:
    if slot.arg.kind == "flag":
        shown = f"--{slot.name.replace('_', '-')}"
    elif slot.positional:
        shown = slot.name.upper()
    else:
        shown = f"{slot.name}:…"
    return shown if slot.required else f"[{shown}]"


def _either(choices: tuple[str, ...]) -> str:
    return " or ".join((", ".join(choices[:-1]), choices[-1])) if len(choices) > 1 else choices[0]


def _property(slot: Slot, known: dict[str, Any]) -> dict[str, JsonValue]:
    about: dict[str, JsonValue] = {"description": described(slot) or label(slot)}
    if slot.choices:
        return about | {"type": "string", "enum": list(slot.choices)}
    simple = {"flag": "boolean", "number": "integer"}
    limits = {key: known[key] for key in LIMITS if key in known}
    return about | {"type": simple.get(slot.arg.kind, "string")} | limits


def _cli_option(slot: Slot) -> CliOption:
    simple: dict[Kind, Literal["int", "bool"]] = {"number": "int", "flag": "bool"}
    flags = () if slot.positional else tuple(_flag(name) for name in slot.names)
    return CliOption(
        name=slot.name,
        flags=flags,
        type=simple.get(slot.arg.kind, "str"),
        required=slot.required,
        rest=slot.free_text,
        choices=slot.choices,
        help=described(slot) or label(slot),
    )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}" if len(name) > 1 else f"-{name}"
