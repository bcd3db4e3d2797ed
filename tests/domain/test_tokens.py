"""A typed line as words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tokens import as_typed, quote, split, text_of


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("checkout  down", ["checkout", "down"]),
        ('"checkout down" now', ["checkout down", "now"]),
        ("“checkout down” now", ["checkout down", "now"]),  # phones curl the marks
        ("don't 'split me'", ["don't", "'split", "me'"]),
        ('say "hello', ["say", '"hello']),  # unclosed
        ('5" disk"s full', ['5"', 'disk"s', "full"]),
        ('"a"b', ['"a"b']),
        (r'"say \"hi\" to C:\temp"', [r'say "hi" to C:\temp']),
        (r'"ends \" here', [r'"ends', r"\"", "here"]),
        ('""', [""]),
        ("", []),
    ],
)
def test_words(line, words):
    """Closed double quotation marks keep words together; nothing else does."""
    assert words == [token.plain for token in split(line)]


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("sev:2", "sev", "2"),
        ("SEV=2", "sev", "2"),
        ("--next-update=30m", "next_update", "30m"),
        ("—sev", "sev", None),  # phones turn two dashes into one
        ("--sev", "sev", None),
        ("sev:", "sev", ""),
        ('why:"a b"', "why", "a b"),
        ('--why="a b"', "why", "a b"),
        ("http://x:8080", "http", "//x:8080"),
        ("02:14", "", "02:14"),
        ("sev", "", "sev"),
        ("-h", "", "-h"),
        ('"sev:2"', "", "sev:2"),
    ],
)
def test_option_names(line, key, value):
    """A name before ``:`` or ``=``, or after two dashes, is told from its value."""
    (token,) = split(line)
    assert (token.key, token.value) == (key, value)


def test_text_keeps_its_form():
    """Line breaks, spaces and marks inside a sentence stay as they were written."""
    assert text_of(split('  first  "line"\n second ')) == 'first  "line"\n second'


def test_one_quotation_loses_its_marks_only_as_a_value():
    """A text that is one quotation is its content; as typed it keeps the marks."""
    words = split('"checkout down"')
    assert (text_of(words), as_typed(words)) == ("checkout down", '"checkout down"')


@given(st.text())
def test_quoted_text_is_read_back(text):
    """Any text can be written as one word."""
    (token,) = split(quote(text))
    assert token.plain == text


@given(st.text(alphabet='ab "\\“”:=-—\n', max_size=60))
def test_no_word_is_lost(line):
    """Every character that is no space belongs to exactly one word."""
    assert as_typed(split(line)) == line.strip()


def test_long_runs_of_backslashes_are_read_at_once():
    """An unclosed quotation of backslashes does not blow up."""
    assert len(split('"' + "\\" * 20_000)) == 1
