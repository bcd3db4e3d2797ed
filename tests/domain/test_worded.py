"""What a message says to type is what can be typed where it is read."""

import pytest

from domain.message import Message, Text, code, sentence, spans
from domain.plain import plain
from domain.spellings import Registered
from domain.worded import Wording
from tests.fakes.sample_commands import SAMPLE

ALL, PREFIXED = Registered(), Registered(prefix="acme-")
SINGLE = Registered(single="tocsin")


@pytest.mark.parametrize(
    ("registered", "surface", "shown"),
    [
        (ALL, "slack", "/incident list"),
        (ALL, "discord", "/incident list"),
        (PREFIXED, "slack", "/acme-incident list"),
        (PREFIXED, "console", "/incident list"),
        (SINGLE, "slack", "/tocsin incident list"),
        (SINGLE, "discord", "/incident list"),
        (SINGLE, "teams", "/incident list"),
    ],
)
def test_a_line_begins_as_the_chat_was_told(registered, surface, shown):
    """Where nothing was registered, and in the console, a line stays as it is."""
    assert registered.shown("/incident list", surface) == shown


def test_on_slack_rarer_roots_follow_tocsin():
    """Only four are registered beside it, and /me is Slack's own."""
    assert ALL.shown("/alert list", "slack") == "/tocsin alert list"
    assert PREFIXED.shown("/alert list", "slack") == "/acme-tocsin alert list"
    assert ALL.shown("/tocsin alert list", "slack") == "/tocsin alert list"
    assert ALL.shown("/alert list", "discord") == "/alert list"


def test_lines_are_changed_and_words_are_not():
    """An alert about the address /page is no command; in our own sentences it is one."""
    wording = Wording(SAMPLE, SINGLE)
    words = spans("GET /page/7 and /alert fail: ", code("/incident list"))
    shown = plain(wording.of(Message(nodes=(Text(spans=words),)), "slack"))
    assert shown == "GET /page/7 and /alert fail: /tocsin incident list"
    ours = sentence("No page of yours: type /page why, or /incident list. See web/page.")
    told = plain(wording.of(ours, "slack", ours=True))
    assert told == (
        "No page of yours: type /tocsin page why, or /tocsin incident list. See web/page."
    )
