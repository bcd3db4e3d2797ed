"""Matchers: what people type, and what fits."""

import pytest
from pydantic import ValidationError

from domain.errors import Invalid
from domain.matcher import Matcher, fits, parse_matchers

TRAITS = {"service": "trino", "instance": "web-2", "version": "v2.4"}


@pytest.mark.parametrize(
    ("text", "fitting"),
    [
        ("service=trino", True),
        ("service=kafka", False),
        ("service!=kafka", True),
        ("service!=trino", False),
        ("absent=", True),
        ("absent!=x", True),
        ("instance=~db-1|web-.*", True),
        ("instance=~web", False),
        ("instance!~db-.*", True),
        ("instance!~web-.*", False),
        (r"version=~v2\.4", True),
        ("version=~v2.4", True),
        ("version=~v2x4", False),
        ("instance=~.*", True),
    ],
)
def test_a_matcher_holds_or_not(text: str, fitting: bool):
    """Equality, lists and beginnings; a missing label counts as empty; a dot is a dot."""
    assert fits(parse_matchers(text), TRAITS) is fitting


def test_all_matchers_must_hold():
    """No matchers fit everything, several only what fits each."""
    assert fits([], {})
    assert not fits(parse_matchers("service=trino env=prod"), TRAITS)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('alertname="Disk full"', Matcher(name="alertname", value="Disk full")),
        (r'a = "say \"hi\""', Matcher(name="a", value='say "hi"')),
        (' team =~ "a|b" ', Matcher(name="team", op="=~", value="a|b")),
        ("env=", Matcher(name="env", value="")),
        ('x="', Matcher(name="x", value='"')),
    ],
)
def test_a_matcher_is_read_as_typed(text: str, read: Matcher):
    """Quotes and blanks are optional."""
    assert parse_matchers(text) == (read,)


@pytest.mark.parametrize(
    "text",
    ["", " ", "trino", "a=b c", "a=b c d=e", "=x", "1a=x", "a=~(b|c)", "a=~^b", "a!~b.*c", "a=~b+"],
)
def test_what_is_no_matcher_is_refused_with_a_sentence(text: str):
    """The sentence shows how one is written."""
    with pytest.raises(Invalid, match="service=trino") as refused:
        parse_matchers(text)
    assert refused.value.field == "matchers"


def test_a_stored_pattern_must_be_readable():
    """Configuration meets the same rule as a command."""
    with pytest.raises(ValidationError, match="words and beginnings"):
        Matcher(name="a", op="=~", value="(x+)+y")


def test_a_matcher_is_written_as_people_type_it():
    """What is shown can be typed again."""
    assert str(parse_matchers("instance=~db-.*")[0]) == 'instance=~"db-.*"'
    odd = Matcher(name="a", value='say "hi", then')
    assert parse_matchers(str(odd)) == (odd,)


def test_several_matchers_are_read_in_order():
    """Blanks and commas separate; quotes keep both; an empty value ends at the blank."""
    assert len(parse_matchers("env= service=trino")) == 2
    read = parse_matchers('service=trino,alertname="Disk, full"  instance!~db-.*')
    assert [str(one) for one in read] == [
        'service="trino"',
        'alertname="Disk, full"',
        'instance!~"db-.*"',
    ]
