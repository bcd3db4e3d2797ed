"""The command line finds its commands, and says so when it does not."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from bot.cli.output import USAGE
from bot.cli.root import OWN, application, main, nouns
from commands.discovery import registry

ROOT = Path(__file__).parents[3]
SLOW = {"sqlalchemy", "fastapi", "uvicorn", "anthropic", "numpy", "dateparser", "alembic"}


def ended(*words: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(words)
    return int(end.value.code or 0)


@pytest.mark.parametrize("name", sorted(OWN))
def test_every_command_explains_itself(name: str) -> None:
    """Each has a sentence, and so has each of its parts."""
    found = get_command(application(name))
    beneath = getattr(found, "commands", {"": found})
    assert all(command.help for command in beneath.values())
    assert all(one.help for command in beneath.values() for one in command.params)


def test_chat_commands_are_those_of_the_registry() -> None:
    """The nouns that are found by their files are the nouns that are declared."""
    assert set(nouns()) == set(registry().nouns)
    assert not set(nouns()) & set(OWN)


def test_the_overview_names_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a word it is shown too, and the exit code says that one was missing."""
    assert ended("--help") == 0
    told = capsys.readouterr().out
    assert all(name in told for name in (*OWN, *nouns()))
    assert ended() == USAGE


@pytest.mark.parametrize(
    ("word", "told"),
    [("doctr", "Did you mean doctor?"), ("--prot", "no option --prot"), ("confg", "config?")],
)
def test_a_slip_is_told_before_anything_is_sent(
    capsys: pytest.CaptureFixture[str], word: str, told: str
) -> None:
    """Exit code 2, and what was probably meant."""
    assert ended(word) == USAGE
    assert told in capsys.readouterr().err


def test_help_of_a_chat_command_comes_from_its_declaration(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Options, their other names, an example; for a noun its verbs."""
    assert ended("incident", "declare", "--help") == 0
    told = capsys.readouterr().out
    assert "--severity, --sev" in told
    assert "TITLE" in told
    assert "For example: tocsin incident declare" in told
    assert ended("incident", "--help") == 0
    assert "resolve" in capsys.readouterr().out


def test_an_unknown_noun_is_an_error_where_help_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """There is nothing to explain."""
    assert ended("zzz", "--help") == USAGE
    assert "no command zzz" in capsys.readouterr().err


@pytest.mark.parametrize("words", ["--help", "incident list"])
def test_a_start_imports_nothing_slow(words: str) -> None:
    """A command that only asks a running Tocsin begins in well under half a second."""
    script = (
        "import sys; from bot.cli import root\n"
        f"try: root.main({words.split()!r})\n"
        "except SystemExit: pass\n"
        f"print('slow:', *({SLOW} & sys.modules.keys()))"
    )
    told = {"PATH": "", "TOCSIN_URL": "http://127.0.0.1:9", "TOCSIN_TOKEN": "t"}
    argv = [sys.executable, "-c", script]
    ran = subprocess.run(argv, check=True, capture_output=True, cwd=ROOT, env=told, text=True)
    assert ran.stdout.splitlines()[-1] == "slow:", ran.stderr
