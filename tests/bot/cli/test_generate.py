"""The reference pages are what the commands say."""

import runpy
import sys
from pathlib import Path

import pytest

from bot.cli import generate
from bot.cli.generate import PAGES, main


def test_pages_are_written_and_then_equal(tmp_path: Path):
    """What was written passes the check."""
    assert main(["--root", str(tmp_path)]) == 0
    assert main(["--root", str(tmp_path), "--check"]) == 0
    assert all((tmp_path / page).exists() for page in PAGES)


def test_missing_page_fails_the_check(tmp_path: Path, capsys):
    """A page that was never written is out of date, and nothing is written by checking."""
    assert main(["--root", str(tmp_path), "--check"]) == 1
    assert "commands.md is out of date" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_changed_page_fails_the_check(tmp_path: Path, capsys):
    """An edit by hand is found, and named."""
    main(["--root", str(tmp_path)])
    page = tmp_path / "docs/reference/roles.md"
    page.write_text(page.read_text() + "and so on\n")
    assert main(["--root", str(tmp_path), "--check"]) == 1
    assert str(page) in capsys.readouterr().err


def test_program_exits_with_the_answer(tmp_path: Path, monkeypatch):
    """As a program it takes its arguments from the command line and fails where a page differs."""
    monkeypatch.setattr(sys, "argv", ["generate", "--root", str(tmp_path), "--check"])
    with pytest.raises(SystemExit) as left:
        runpy.run_path(generate.__file__, run_name="__main__")
    assert left.value.code == 1
