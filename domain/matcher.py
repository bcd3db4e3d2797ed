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

WRITTEN = re.compile(r"\s*([A-Za-z_][\w.]*)\s*(!=|=~|!~|=)\s*(.*?)\s*", re.DOTALL)
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
        return f'{self.name}{self.op}"{self.value}"'


def parse_matcher(text: str) -> Matcher:
    """Read ``service=trino`` or ``instance=~"db-.*"``; raises `Invalid` on ``matchers``."""
    found = WRITTEN.fullmatch(text)
    if not found:
        raise Invalid(f"{text!r} is no matcher: {HOW}.", field="matchers")
    name, op, value = found.groups()
    try:
        return Matcher.model_validate({"name": name, "op": op, "value": _unquoted(value)})
    except ValueError as error:
        raise Invalid(f"{text!r} is no matcher: {HOW}.", field="matchers") from error


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


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] == '"'
    return value[1:-1].replace('\\"', '"') if quoted else value
