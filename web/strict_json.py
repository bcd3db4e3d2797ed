"""JSON as it should be: UTF-8, finite numbers, no name twice, not nested without end."""

import json
import math
from itertools import chain
from typing import Any

from pydantic import JsonValue

DEEPEST = 32


class Malformed(Exception):
    """The body is not JSON that anybody should act on; the text says why."""


def read(body: bytes) -> JsonValue:
    """The value that ``body`` holds. Raises `Malformed`."""
    try:
        value: JsonValue = _DECODER.decode(body.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise Malformed(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except UnicodeDecodeError:
        raise Malformed("it is not UTF-8") from None
    except ValueError:
        raise Malformed("a number is too large") from None
    except RecursionError:
        raise _too_deep() from None
    if body.count(b"[") + body.count(b"{") > DEEPEST:
        _need_shallow(value)
    return value


def _need_shallow(value: JsonValue) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = list(chain.from_iterable(map(_inside, level)))
    if any(isinstance(one, dict | list) for one in level):
        raise _too_deep()


def _inside(value: JsonValue) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _too_deep() -> Malformed:
    return Malformed(f"it is nested more than {DEEPEST} deep")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Malformed("an object names a field twice")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise Malformed("a number is too large")
    return number


def _no_constant(text: str) -> float:
    raise Malformed(f"{text} is no number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_finite, parse_constant=_no_constant
)
