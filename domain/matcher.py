"""Matchers: which alerts a silence or a route speaks of.

There is no regular expression engine here. ``=~`` takes what people write in practice, a list
of words and beginnings (``db-1|db-2|web-.*``), so a matcher costs the same whatever is typed,
the preview of a silence and its effect cannot differ, and nothing outside Python is needed.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import model_validator

from domain.base import Frozen
from domain.errors import Invalid

Op = Literal["=", "!=", "=~", "!~"]

QUOTED = r'"(?:[^"\\]|\\.)*"'
WRITTEN = re.compile(rf"[\s,]*([A-Za-z_][\w.]*)\s*(!=|=~|!~|=)(\s*{QUOTED}|[^\s,]*)[\s,]*")
ALTERNATIVE = re.compile(r"(?:[^\\.*+?^$()\[\]{}|]|\\\.|\.(?!\*))*(?:\.\*)?")
HOW = 'type matchers like service=trino, alertname!="Watchdog" or instance=~"db-1|web-.*"'


class Matcher(Frozen):
    """One condition on one label; a label that is missing counts as empty.

    For ``=~`` and ``!~`` the value is a list of words separated by ``|``, each optionally
    ending in ``.*`` ("begins with"); a dot stands for itself.
    """

    name: str
    op: Op = "="
    value: str

    @model_validator(mode="after")
    def _readable(self) -> "Matcher":
        words = self.value.split("|") if self.op in ("=~", "!~") else []
        if not all(ALTERNATIVE.fullmatch(word) for word in words):
            raise ValueError("after =~ or !~ give words and beginnings, like db-1|web-.*")
        return self

    def __str__(self) -> str:
        quoted = self.value.replace('"', '\\"')
        return f'{self.name}{self.op}"{quoted}"'


def parse_matchers(text: str) -> tuple[Matcher, ...]:
    """Read ``service=trino alertname="Disk full", instance=~"db-.*"``.

    Blanks and commas separate; a value that holds either stands in quotes. Raises `Invalid` on
    ``matchers``, also where nothing is written.
    """
    found: list[Matcher] = []
    place = 0
    while place < len(text) or not found:
        written = WRITTEN.match(text, place)
        if not written:
            raise _refusal(text[place:])
        found.append(_matcher(*written.groups()))
        place = written.end()
    return tuple(found)


def fits(matchers: Iterable[Matcher], traits: Mapping[str, str]) -> bool:
    """Whether ``traits`` (labels and the like) meet every one of ``matchers``."""
    return all(_holds(one, traits.get(one.name, "")) for one in matchers)


def _holds(matcher: Matcher, value: str) -> bool:
    if matcher.op == "=":
        return value == matcher.value
    if matcher.op == "!=":
        return value != matcher.value
    return _listed(matcher.value, value) is (matcher.op == "=~")


def _listed(words: str, value: str) -> bool:
    return any(_is_word(word.replace("\\.", "."), value) for word in words.split("|"))


def _is_word(word: str, value: str) -> bool:
    return value.startswith(word[:-2]) if word.endswith(".*") else value == word


def _matcher(name: str, op: str, value: str) -> Matcher:
    try:
        return Matcher.model_validate({"name": name, "op": op, "value": _unquoted(value.strip())})
    except ValueError as error:
        raise _refusal(name + op + value) from error


def _refusal(text: str) -> Invalid:
    return Invalid(f"{text.strip()!r} is no matcher: {HOW}.", field="matchers")


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] == '"'
    return value[1:-1].replace('\\"', '"') if quoted else value
