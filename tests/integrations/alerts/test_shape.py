"""Reading other people's JSON: what is kept, what is cut, what is refused by name."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.errors import Invalid
from integrations.alerts import shape
from tests.fakes.signals import NOON

NOON_SECONDS = int(NOON.timestamp())


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("Cache läuft instabil — 缓存 🔥\n\tx", 100, "Cache läuft instabil — 缓存 🔥\n\tx"),
        ("a\x00b", 100, "ab"),
        ("half \ud800 pair", 100, "half ? pair"),
        ("x" * 10, 10, "x" * 10),
        ("x" * 11, 10, "x" * 9 + "…"),
        ("ü" * 11 + "\x00", 10, "ü" * 9 + "…"),
    ],
)
def test_texts_are_storable_and_short(text: str, limit: int, kept: str):
    """NUL and half surrogates go, what is too long ends in …, nothing else changes."""
    assert shape.cut(text, limit) == kept


@pytest.mark.parametrize(
    "found",
    [{"a": "x" * 3000}, {"b" * 3000: "x"}, {"c": "\x00" + "ü" * 1024}],
)
def test_objects_of_texts_are_cut_value_by_value(found: dict[str, Any]):
    """Names and values each keep to the limit of a label."""
    ((name, text),) = shape.words(found, "labels").items()
    assert max(len(name), len(text)) == shape.LABEL
    assert "\x00" not in text


@pytest.mark.parametrize(
    ("read", "value", "path"),
    [
        (shape.body_of, [], "body"),
        (shape.rows, {}, "x"),
        (shape.rows, None, "x"),
        (shape.table, "x", "x"),
        (shape.needed_table, None, "x"),
        (shape.word, 5, "x"),
        (shape.words, {"a": "b", "c": 5}, "x.c"),
        (shape.count, -1, "x"),
        (shape.count, True, "x"),
        (shape.count, "3", "x"),
        (shape.digits, "7", "x"),
        (shape.digits, True, "x"),
        (shape.digits, 1 << 200, "x"),
        (shape.instant, "yesterday", "x"),
        (shape.instant, 5, "x"),
        (shape.instant, "9999-12-31T23:00:00-14:00", "x"),
        (shape.moment, float("nan"), "x"),
        (shape.moment, float("inf"), "x"),
        (shape.moment, 10**400, "x"),
        (shape.moment, True, "x"),
    ],
)
def test_a_wrong_type_is_refused_with_its_path(read: Any, value: Any, path: str):
    """The sender learns which field is wrong."""
    with pytest.raises(Invalid) as refused:
        read(value) if read is shape.body_of else read(value, "x")
    assert refused.value.field == path


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (None, None),
        ("0001-01-01T00:00:00Z", None),
        ("2026-11-21T12:00:00Z", NOON),
        ("2026-11-21T13:00:00+01:00", NOON),
        ("2026-11-21T12:00:00", NOON),
        ("2026-11-21T12:00:00.123456789Z", NOON.replace(microsecond=123456)),
    ],
)
def test_instants_are_utc(value: Any, read: datetime | None):
    """Any offset, nanoseconds, and Go's zero time."""
    assert shape.instant(value, "x") == read


@pytest.mark.parametrize("value", [NOON_SECONDS, NOON_SECONDS * 1000, float(NOON_SECONDS)])
def test_moments_may_be_numbers(value: float):
    """Seconds and milliseconds since 1970."""
    assert shape.moment(value, "x") == NOON
    assert shape.moment("2026-11-21T12:00:00Z", "x") == NOON


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (5, "5"), (0.5, "0.5"), (True, "true"), (False, "false"), (1 << 2000, ""),
     (None, ""), ([], ""), ({}, "")],
)  # fmt: skip
def test_scalars_as_text(value: Any, text: str):
    """Numbers and truth values read as text; a number of thousands of digits does not."""
    assert shape.scalar(value) == text


@pytest.mark.parametrize("value", ["javascript:alert(1)", "/relative", "", None])
def test_only_web_addresses_are_links(value: Any):
    """Nothing that a browser would run or resolve here is kept as a link."""
    assert shape.link(value, "x") is None


def test_a_long_key_is_hashed_not_cut():
    """Two long keys that differ at the end stay two."""
    long = "k" * 5000
    assert shape.identity("key") == "key"
    assert len(shape.identity(long + "a")) == 64
    assert shape.identity(long + "a") != shape.identity(long + "b")


def test_times_far_out_are_utc_as_well():
    """The last representable year is an instant like any other."""
    assert shape.instant("9999-12-31T00:00:00Z", "x") == datetime(9999, 12, 31, tzinfo=UTC)


def test_counts():
    """Absent is none at all; absurd counts do not overflow a column."""
    assert [shape.count(value, "x") for value in (None, 3, 10**30)] == [0, 3, 1_000_000_000]
