"""Words of a shell become a line of chat that means the same."""

import pytest

from bot.cli.spoken import as_typed_here, line
from commands.discovery import registry
from domain.grammar import Parsed, parse


@pytest.mark.parametrize(
    ("words", "command", "args"),
    [
        (
            ["incident", "declare", "checkout is down", "--sev", "2"],
            "incident declare",
            {"title": "checkout is down", "severity": "2"},
        ),
        (
            ["incident", "declare", "checkout", "down", "sev:2"],
            "incident declare",
            {"title": "checkout down", "severity": "2"},
        ),
        (
            ["incident", "declare", "Trino: 38 % of queries fail"],
            "incident declare",
            {"title": "Trino: 38 % of queries fail"},
        ),
        (
            ["incident", "declare", 'the "orders" table is gone', "--private"],
            "incident declare",
            {"title": 'the "orders" table is gone', "private": "true"},
        ),
        (
            ["incident", "resolve", "INC-13", "rolled back to v247"],
            "incident resolve",
            {"incident": "INC-13", "text": "rolled back to v247"},
        ),
        (
            ["alert", "silence", "ALR-1", "for:2h", "why:planned work on db-3"],
            "alert silence",
            {"matchers": "ALR-1", "lasts": "2h", "why": "planned work on db-3"},
        ),
        (["incident", "list"], "incident list", {}),
    ],
)
def test_a_line_reads_back_as_the_words_it_was_made_of(
    words: list[str], command: str, args: dict[str, str]
) -> None:
    """Spaces, quotation marks and colons included."""
    noun, *rest = words
    parsed = parse(line(noun, rest), registry())
    assert isinstance(parsed, Parsed), parsed
    assert parsed.command == command
    assert {**parsed.args, **args} == parsed.args


def test_an_empty_word_is_kept() -> None:
    """What the shell gave is what the command gets."""
    assert line("incident", ["note", ""]) == '/incident note ""'


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (
            "There is no incident INC-9: see /incident list all.",
            "There is no incident INC-9: see tocsin incident list all.",
        ),
        ("Type /help, or /page ack 42.", "Type tocsin help, or tocsin page ack 42."),
        (
            "http://127.0.0.1:8000/incident/list and a/page",
            "http://127.0.0.1:8000/incident/list and a/page",
        ),
        ("Bob wrote: no /incidents here", "Bob wrote: no /incidents here"),
    ],
)
def test_answers_say_what_is_typed_here(answer: str, shown: str) -> None:
    """Commands of the chat are those of the program; addresses stay as they are."""
    assert as_typed_here(answer) == shown
