"""What the environment says, before anything is made of it."""

from pathlib import Path

import pytest

from bot.settings import SettingsError, client, environment


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    """``NAME_FILE`` names a file that holds the value, its line break not included."""
    (tmp_path / "token").write_text("hunter2hunter2\n")
    said = environment({"TOCSIN_TOKEN_FILE": str(tmp_path / "token")}).find("TOCSIN_TOKEN")
    assert said
    assert (said.value, said.origin) == ("hunter2hunter2", "TOCSIN_TOKEN_FILE")


def test_a_value_and_a_file_for_it_are_one_too_many() -> None:
    """Nobody guesses which of the two was meant."""
    with pytest.raises(SettingsError, match="both set"):
        environment({"PORT": "1", "PORT_FILE": "/x"}).find("PORT")


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["absent", "no text"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    """The sentence says which variable and which file."""
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=f"TOCSIN_TOKEN_FILE: cannot read {path}"):
        environment({"TOCSIN_TOKEN_FILE": str(path)}).find("TOCSIN_TOKEN")


def test_an_empty_value_is_no_value() -> None:
    """A variable that is set to nothing says nothing."""
    assert environment({"PORT": "", "PORT_FILE": ""}).find("PORT") is None


def test_the_environment_wins_over_the_dotenv_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``.env`` of the working directory is read, and what the shell says is stronger."""
    (tmp_path / ".env").write_text("PORT=1\nTOCSIN_TOKEN='from file'\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "2")
    monkeypatch.delenv("TOCSIN_TOKEN", raising=False)
    said = environment()
    port, token = said.find("PORT"), said.find("TOCSIN_TOKEN")
    assert port and (port.value, port.origin) == ("2", "PORT")
    assert token and (token.value, token.origin) == ("from file", "TOCSIN_TOKEN in .env")


def test_the_client_is_told_by_three_variables() -> None:
    """Where Tocsin runs, who one is, and where the demo's file would be."""
    told = {"TOCSIN_URL": "http://h/", "TOCSIN_TOKEN": "t", "TOCSIN_DATA_DIR": "/d"}
    found = client(environment(told))
    assert (found.url, found.token, found.data_dir) == ("http://h", "t", Path("/d"))
    nothing = client(environment({}))
    assert (nothing.url, nothing.token, nothing.data_dir) == (None, None, Path("var"))
