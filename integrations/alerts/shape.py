"""Reading other people's JSON: what has the wrong type is refused by name, the rest is kept.

Texts lose NUL and half surrogates (no database takes them) and are cut at a limit with ``…``.
By hand, because every text has to be looked at anyway: 20 µs for a body of one alert, of which
a pydantic model that only checks types would take 11.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from pydantic import JsonValue

from domain.errors import Invalid

Table: TypeAlias = dict[str, JsonValue]

LABEL = 1024
SUMMARY = 2048
ANNOTATION = 8192
KEY = 256
WIDEST, LONGEST = 128, 1024  # bits; Python refuses to write numbers of thousands of digits
FNV_START, FNV_PRIME, FNV_MASK = 0xCBF29CE484222325, 0x100000001B3, 0xFFFFFFFFFFFFFFFF
BREAK = b"\xff"
MILLISECONDS_FROM = 100_000_000_000  # as seconds this is the year 5138


def body_of(body: JsonValue) -> Table:
    """The body, which must be an object."""
    if isinstance(body, dict):
        return body
    raise wrong("body", "an object")


def wrong(path: str, what: str) -> Invalid:
    """The refusal of a value at ``path`` that is not ``what``."""
    return Invalid(f"{path} must be {what}.", field=path)


def table(value: JsonValue, path: str) -> Table:
    """An object; absent and null are empty."""
    if isinstance(value, dict):
        return value
    if value is None:
        return {}
    raise wrong(path, "an object")


def needed_table(value: JsonValue, path: str) -> Table:
    """An object that must be there."""
    if value is None:
        raise wrong(path, "an object")
    return table(value, path)


def rows(value: JsonValue, path: str) -> list[JsonValue]:
    """A list."""
    if isinstance(value, list):
        return value
    raise wrong(path, "a list")


def word(value: JsonValue, path: str, limit: int = LABEL) -> str:
    """A text; absent and null are empty."""
    if isinstance(value, str):
        return cut(value, limit)
    if value is None:
        return ""
    raise wrong(path, "a text")


def words(value: JsonValue, path: str, limit: int = LABEL) -> dict[str, str]:
    """An object of texts."""
    found = table(value, path)
    texts = {name: text for name, text in found.items() if isinstance(text, str)}
    if len(texts) < len(found):
        odd = next(name for name in found if name not in texts)
        raise wrong(f"{path}.{cut(odd, LABEL)}", "a text")
    # one look at all of them together is enough for nearly every body
    whole = "".join(texts) + "".join(texts.values())
    if _storable(whole) and len(whole) <= LABEL:
        return texts
    return {cut(name, LABEL): cut(text, limit) for name, text in texts.items()}


def count(value: JsonValue, path: str) -> int:
    """A whole number from 0; absent and null are 0."""
    if value is None:
        return 0
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return min(value, 1_000_000_000)
    raise wrong(path, "a whole number")


def digits(value: JsonValue, path: str) -> str:
    """A whole number of at most `WIDEST` bits, as text."""
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= WIDEST:
        return str(value)
    raise wrong(path, "a whole number")


def scalar(value: JsonValue) -> str:
    """A text, number or truth value as text; "" for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) or (isinstance(value, int) and value.bit_length() <= LONGEST):
        return str(value)
    return ""


def instant(value: JsonValue, path: str) -> datetime | None:
    """An RFC 3339 text, in UTC; absent, null and Go's zero time (year 1) are None."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong(path, "a time like 2026-11-21T01:43:54Z")
    try:
        found = datetime.fromisoformat(value)
        return _utc(found) if found.year > 1 else None
    except (ValueError, OverflowError):
        raise wrong(path, "a time like 2026-11-21T01:43:54Z") from None


def moment(value: JsonValue, path: str) -> datetime | None:
    """As `instant`, and also seconds or milliseconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return instant(value, path)
    try:
        seconds = value / 1000 if abs(value) >= MILLISECONDS_FROM else value
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        raise wrong(path, "a time") from None


def link(value: JsonValue, path: str) -> str | None:
    """A web address; anything else that is a text is left out, so it can never be followed."""
    found = word(value, path, SUMMARY)
    return found if found.startswith(("http://", "https://")) else None


def cut(text: str, limit: int) -> str:
    """``text`` as it can be stored, at most ``limit`` characters."""
    clean = text if _storable(text) else _made_storable(text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def identity(text: str, limit: int = KEY) -> str:
    """``text`` as a fingerprint or key: hashed where it is too long, as a cut could collide."""
    if len(text) <= limit:
        return cut(text, limit)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def fingerprint(labels: dict[str, str]) -> str:
    """Prometheus' own fingerprint of a label set (FNV-1a, 64 bits).

    Alertmanager before 0.20 does not send it; computing the same value keeps an alert the same
    alert when the sender is upgraded.
    """
    state = FNV_START
    for name in sorted(labels):
        for byte in name.encode() + BREAK + labels[name].encode() + BREAK:
            state = ((state ^ byte) * FNV_PRIME) & FNV_MASK
    return f"{state:016x}"


def _storable(text: str) -> bool:
    return text.isascii() and "\x00" not in text


def _made_storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _utc(found: datetime) -> datetime:
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
