"""Argument models: what a command takes, in types that every surface can ask for."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from domain.severity import Severity, parse_severity
from domain.when import is_when, parse_duration, parse_when

Kind = Literal[
    "incident",
    "alert",
    "person",
    "target",
    "service",
    "severity",
    "choice",
    "duration",
    "when",
    "word",
    "text",
    "flag",
    "number",
]


@dataclass(frozen=True)
class Arg:
    """How a field is typed: ``positional`` without its name, ``aliases`` as other names.

    A positional ``text`` is the last one and takes all words that are left. ``long`` text is
    asked for with several lines. A ``bare`` flag also counts as a plain word at the beginning or
    end of the line; leave it False where such a word may end somebody's sentence. What is not
    ``asked`` stands in no form: a button or a program fills it in.
    """

    kind: Kind
    aliases: tuple[str, ...] = ()
    positional: bool = False
    long: bool = False
    bare: bool = False
    asked: bool = True


class Args(BaseModel):
    """Base of argument models. Validate with ``context={"now": …, "zone": …}``."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Nothing(Args):
    """No arguments."""


def _severity(value: Any) -> Any:
    if isinstance(value, str) and (found := parse_severity(value)):
        return found
    return value


def _duration(value: Any) -> Any:
    if isinstance(value, str):
        found = parse_duration(value)
        if found is None:
            raise ValueError("type a duration like 30m, 2h or 1d12h")
        return found
    return value


def _when(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str) and info.context:
        return _instant(value, info.context["now"], info.context["zone"])
    return value


def _until(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str) and info.context:
        earlier = [one for one in info.data.values() if isinstance(one, datetime)]
        start = earlier[-1] if earlier else info.context["now"]
        return _instant(value, start, info.context["zone"])
    return value


def _instant(text: str, now: datetime, zone: str) -> datetime:
    found = parse_when(text, now, zone)
    if found is None:
        raise ValueError("type a time like 30m, fri 18:00, tomorrow 9 or 2026-11-22T09:00Z")
    return found


def _incident(value: Any) -> Any:
    if isinstance(value, str) and (found := INCIDENT.fullmatch(value.strip())):
        return f"INC-{found[1]}"
    if isinstance(value, str):
        raise ValueError("type the incident's id, like INC-42")
    return value


def _person(value: Any) -> Any:
    return value.strip().removeprefix("@").lower() if isinstance(value, str) else value


INCIDENT = re.compile(r"(?:inc-?)?(\d{1,15})", re.ASCII | re.IGNORECASE)

IncidentId = Annotated[
    str | None, BeforeValidator(_incident), Arg("incident", ("incident", "inc"), positional=True)
]
SeverityArg = Annotated[Severity, BeforeValidator(_severity)]
DurationArg = Annotated[timedelta, BeforeValidator(_duration)]
WhenArg = Annotated[datetime, BeforeValidator(_when)]
# an end: counts from the field before it that holds a time, so 22:00–06:00 ends the next morning
UntilArg = Annotated[datetime, BeforeValidator(_until)]
PersonId = Annotated[str, BeforeValidator(_person)]


@dataclass(frozen=True)
class Slot:
    """A field of an argument model, as every surface needs to know it.

    ``names`` are all its option names in lower case, the field's own first; ``choices`` is empty
    where anything may be typed.
    """

    name: str
    arg: Arg
    required: bool
    names: tuple[str, ...]
    choices: tuple[str, ...]
    description: str

    def fits(self, word: str) -> bool:
        """Whether ``word`` can be meant for this field; kinds that anything fits say True."""
        if self.arg.kind == "choice":
            return any(one.lower() == word.lower() for one in self.choices)
        check = CHECKS.get(self.arg.kind)
        return check is None or check(word)

    @property
    def positional(self) -> bool:
        """Whether it can be typed without its name."""
        return self.arg.positional

    @property
    def free_text(self) -> bool:
        """Whether it takes all words that are left."""
        return self.arg.positional and self.arg.kind == "text"

    @property
    def checkable(self) -> bool:
        """Whether `fits` can say no."""
        return self.arg.kind == "choice" or self.arg.kind in CHECKS

    def spelled(self, word: str) -> str:
        """``word`` as its choice is spelled, where it is one."""
        if self.arg.kind != "choice":
            return word
        return next((one for one in self.choices if one.lower() == word.lower()), word)


FLAG_WORDS = ("true", "false", "yes", "no", "on", "off")
CHECKS: dict[Kind, Callable[[str], bool]] = {
    "incident": lambda word: INCIDENT.fullmatch(word) is not None,
    "severity": lambda word: parse_severity(word) is not None,
    "duration": lambda word: parse_duration(word) is not None,
    "when": is_when,
    "number": str.isdecimal,
    "flag": lambda word: word.lower() in FLAG_WORDS,
}


@cache
def slots_of(model: type[Args]) -> tuple[Slot, ...]:
    """Every field of ``model`` in order; a field without an `Arg` is a programming error."""
    return tuple(_slot(model, name) for name in model.model_fields)


def _slot(model: type[Args], name: str) -> Slot:
    field = model.model_fields[name]
    found = [extra for extra in field.metadata if isinstance(extra, Arg)]
    if not found:
        raise TypeError(f"{model.__name__}.{name} has no Arg")
    return Slot(
        name=name,
        arg=found[-1],
        required=field.is_required(),
        names=tuple(dict.fromkeys((name, *map(_name, found[-1].aliases)))),
        choices=_choices(field.annotation),
        description=field.description or "",
    )


def _name(alias: str) -> str:
    return alias.lower().replace("-", "_")


def _choices(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return tuple(str(one) for one in get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return tuple(str(one) for one in annotation)
    return tuple(one for part in get_args(annotation) for one in _choices(part))
