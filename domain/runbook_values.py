"""What a run is told: values that fit their parameters, and how they get into texts."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import SchemaError

from domain.errors import Invalid
from domain.runbook import HOLE, Parameter

# What most names, hosts, paths and versions are made of; anything else an author allows by a
# pattern of their own.
USUAL = r"[A-Za-z0-9_./:@%+=,~-]+"
NUMBER = r"[0-9]{1,15}"
LONGEST = 500
WRITTEN = re.compile(r'\s*([A-Za-z][A-Za-z0-9_]*)[=:]("(?:[^"\\]|\\["\\])*"|[^\s"]*)(?=\s|\Z)')
QUOTED = re.compile(r'(["\\])')
ESCAPED = re.compile(r'\\(["\\])')
HOW = 'type values like host=db-3 reason="disk full"'
# Letters that are not seen, or that let a text read otherwise than it is.
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")

Values = dict[str, str]
Known = Mapping[str, Collection[str]]
"""What names there are, by what they name."""
NAMED = ("service", "server")
NOTHING: Known = {}


def parse_values(text: str) -> Values:
    """Read ``host=db-3 reason="disk full"``. Raises `Invalid`."""
    found: Values = {}
    place, text = 0, text.rstrip(" ")
    while place < len(text):
        written = WRITTEN.match(text, place)
        if not written:
            raise Invalid(f"{text[place:].strip()!r} is no value: {HOW}.", field="given")
        name, value = written.groups()
        if name in found:
            raise Invalid(f"{name} is given twice: leave one out.", field="given")
        found[name] = ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
        place = written.end()
    return found


def written_values(values: Mapping[str, str]) -> str:
    """As `parse_values` reads them."""
    quoted = {name: QUOTED.sub(r"\\\1", value) for name, value in values.items()}
    return " ".join(f'{name}="{value}"' for name, value in quoted.items())


def checked(
    parameters: Iterable[Parameter], given: Mapping[str, str], known: Known = NOTHING
) -> Values:
    """Every parameter with its value. Raises `Invalid` for what is missing, unknown or unfit."""
    asked = {one.name: one for one in parameters}
    if unknown := [name for name in given if name not in asked]:
        told = f"Type {', '.join(asked)}." if asked else "Leave it out, it takes none."
        raise Invalid(f"There is no parameter {', '.join(unknown)}. {told}", field="given")
    values = {name: given.get(name, one.default) for name, one in asked.items()}
    if missing := [name for name, value in values.items() if value is None]:
        raise Invalid(f"It needs {' and '.join(missing)}: {HOW}.", field="given")
    return {name: _fitting(asked[name], value or "", known) for name, value in values.items()}


@lru_cache(maxsize=256)
def fit_pattern(pattern: str) -> Callable[[str], bool]:
    """Whether a text as a whole fits. Raises `Invalid` for what is no pattern.

    The engine is pydantic's, which takes time in proportion to the text and nothing more.
    """
    try:
        TypeAdapter(Annotated[str, Field(pattern=pattern)])
        whole = TypeAdapter(Annotated[str, Field(pattern=rf"\A(?:{pattern})\z")])
    except SchemaError as error:
        told = f"{pattern!r} is no regular expression: write one like db-[0-9]+"
        raise Invalid(told, field="pattern") from error

    def fits(text: str) -> bool:
        try:
            whole.validate_python(text)
        except ValidationError:
            return False
        return True

    return fits


def filled(value: Any, values: Mapping[str, str]) -> Any:
    """``value`` with what its texts stand for put in, each once."""
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, dict):
        return {key: filled(below, values) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [filled(below, values) for below in value]
    return value


def fill(text: str, values: Mapping[str, str], *, address: bool = False) -> str:
    """``text`` with its holes filled; in an ``address`` a value never becomes more than a part."""

    def put(found: re.Match[str]) -> str:
        if found[1]:
            return found[0][1:]
        value = values[found[2]]
        return quote(value, safe="") if address else value

    return HOLE.sub(put, text)


def _fitting(parameter: Parameter, value: str, known: Known) -> str:
    """Raises `Invalid` with what the parameter takes; the value itself is not repeated."""
    if told := _against(parameter, value, known):
        raise Invalid(f"{parameter.name} {told}: type another value.", field="given")
    return value


def _against(parameter: Parameter, value: str, known: Known) -> str:
    if not value or len(value) > LONGEST:
        return f"has 1 to {LONGEST} letters"
    if value.startswith("-"):
        return "may not begin with a dash: a program would take it for an option"
    if any(unicodedata.category(letter) in UNSEEN for letter in value):
        return "may hold no control characters, line ends or letters that are not seen"
    if parameter.type == "choice" and value not in parameter.choices:
        return f"is one of {', '.join(parameter.choices)}"
    if parameter.type in NAMED and value not in known.get(parameter.type, ()):
        return f"is the name of a {parameter.type}"
    return _against_pattern(parameter, value)


def _against_pattern(parameter: Parameter, value: str) -> str:
    if parameter.type in ("choice", *NAMED):
        return ""
    pattern = NUMBER if parameter.type == "number" else parameter.pattern or USUAL
    return "" if fit_pattern(pattern)(value) else f"has to fit {pattern}"
