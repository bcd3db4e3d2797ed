"""The line editor: lines in, text out, and the end of the input is the end."""

import io
import sys

from bot.cli.terminal import Screen


async def test_lines_come_one_by_one_until_the_end(monkeypatch):
    """Each line is read when the one before was dealt with."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("first\nsecond\n"))
    assert [line async for line in Screen(interactive=False).lines()] == ["first", "second"]


def test_without_a_person_text_is_only_printed(capsys):
    """A pipe gets no control sequences."""
    Screen(interactive=False, typing=True).show("hello")
    assert capsys.readouterr().out == "hello\n"


def test_what_arrives_stands_above_the_line_being_typed(capsys):
    """The prompt is drawn again below it."""
    Screen(interactive=True, prompt=lambda: "bob> ", typing=True).show("hello")
    assert capsys.readouterr().out == "\r\x1b[Khello\nbob> "
