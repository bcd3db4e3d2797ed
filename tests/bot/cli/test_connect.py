"""`tocsin connect`: by flags alone, without a person, and never showing a secret."""

import json
import stat
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest
import yaml
from discord.http import Route
from typer.testing import CliRunner, Result

from bot.cli.output import FAILED, OK, USAGE
from bot.cli.root import application, main
from bot.layers import load
from integrations.chat.slack.scopes import OPTIONAL, REQUIRED
from tests.fakes.web_api import DISCORD_ANSWERS, DISCORD_GUILDS, WebApi, web_api

BOT, APP = "xoxb-1-the-bot-canary", "xapp-1-the-app-canary"
WHO = {"ok": True, "team": "Acme", "user": "tocsin", "team_id": "T1", "user_id": "U1"}
Run = Callable[..., Result]


@pytest.fixture
def slack() -> Iterator[WebApi]:
    """A Slack that takes both tokens and grants everything."""
    answers = {
        "auth.test": WHO,
        "apps.connections.open": {"ok": True, "url": "wss://127.0.0.1/socket"},
        "chat.postMessage": {"ok": True},
    }
    with web_api(answers) as up:
        up.scopes = (*REQUIRED, *OPTIONAL)
        yield up


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slack: WebApi) -> Run:
    """Run `tocsin connect` in an empty directory; JSON comes back, as nobody is looking."""
    monkeypatch.chdir(tmp_path)
    for name, token in (("bot", BOT), ("app", APP)):
        (tmp_path / f"{name}.txt").write_text(f"{token}\n")
    told = {"TOCSIN_DATA_DIR": "data", "DATABASE_URL": "", "SLACK_API_URL": slack.url}

    def run(*words: str, **more: str) -> Result:
        return CliRunner().invoke(application("connect"), words, env=told | more)

    return run


TOKENS = ("--bot-token-file", "bot.txt", "--app-token-file", "app.txt")


def told(result: Result) -> Any:
    assert result.exit_code == OK, result.output
    assert BOT not in result.output
    assert APP not in result.output
    return json.loads(result.stdout)


def registered(path: str) -> list[str]:
    """The slash commands of a manifest that was written."""
    written = yaml.safe_load(Path(path).read_text())
    return [one["command"] for one in written["features"]["slash_commands"]]


def test_slack_is_connected_by_flags_alone(run: Run, slack: WebApi) -> None:
    """The manifest is written, the tokens are tried and kept, and a hello is said."""
    done = told(run("slack", *TOKENS, "--hello", "#incidents"))
    assert registered(done["manifest"]) == ["/tocsin"], "beside another tool, unless somebody says"
    assert done["link"].startswith("https://api.slack.com/apps?new_app=1&manifest_json=%7B")
    assert [one["level"] for one in done["findings"]] == ["ok"] * 3
    assert "team Acme, bot @tocsin" in done["findings"][0]["text"]
    settings = load().settings
    assert settings.slack.bot_token.get_secret_value() == BOT  # type: ignore[union-attr]
    assert settings.slack.app_token.get_secret_value() == APP  # type: ignore[union-attr]
    assert settings.commands.single_root == "tocsin"
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600
    (hello,) = [fields for method, fields in slack.asked if method == "chat.postMessage"]
    assert (hello["channel"], hello["token"]) == ("#incidents", BOT)


def test_a_second_run_changes_nothing(run: Run) -> None:
    """What stands in .env already is used, and other lines of it stay as they were."""
    Path(".env").write_text("# ours\nTOCSIN_PUBLIC_URL=https://tocsin.example.com\n")
    told(run("slack", *TOKENS))
    before = Path(".env").read_text()
    assert before.startswith("# ours\nTOCSIN_PUBLIC_URL=https://tocsin.example.com\n")
    again = told(run("slack"))
    assert again["written"] == []
    assert Path(".env").read_text() == before
    assert again["commands"] == "/tocsin"


def test_the_usual_roots_are_registered_where_that_is_said(run: Run) -> None:
    """And said later, the single root is taken back."""
    told(run("slack", *TOKENS))
    usual = told(run("slack", "--usual"))
    assert registered(usual["manifest"]) == ["/tocsin", "/incident", "/inc", "/page", "/oncall"]
    assert usual["written"] == ["TOCSIN_COMMANDS__SINGLE_ROOT"]
    assert load().settings.commands.single_root is None


def test_a_rehearsal_writes_nothing(run, slack, monkeypatch, capsys) -> None:
    """Slack is asked, nothing is kept, and nothing is said."""
    monkeypatch.setenv("SLACK_API_URL", slack.url)
    monkeypatch.setenv("TOCSIN_DATA_DIR", "data")
    words = ["connect", "slack", *TOKENS, "--hello", "#incidents", "--dry-run"]
    with pytest.raises(SystemExit) as ended:
        copy_context().run(main, words)
    assert ended.value.code == OK
    assert json.loads(capsys.readouterr().out)["dry_run"] is True
    assert not Path(".env").exists()
    assert not Path("data").exists()
    assert "chat.postMessage" not in [method for method, _ in slack.asked]


def test_what_must_be_mended_first_stops_it(run: Run, slack: WebApi) -> None:
    """A scope that paging needs is missing: it is named with its reason, and nothing is kept."""
    slack.scopes = tuple(one for one in REQUIRED if one != "im:write")
    ended = run("slack", *TOKENS)
    assert ended.exit_code == FAILED
    found = json.loads(ended.stdout)["findings"]
    (missing,) = [one["text"] for one in found if one["level"] == "failure"]
    assert missing.startswith("missing scope im:write: Opening the direct message")
    lacking = {one["text"].split()[2].rstrip(":") for one in found if one["level"] == "warning"}
    assert lacking == set(OPTIONAL)
    assert "Nothing was written" in ended.stderr
    assert not Path(".env").exists()


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"auth.test": {"ok": False, "error": "invalid_auth"}}, "bot token: invalid_auth"),
        (
            {"apps.connections.open": {"ok": False, "error": "not_allowed"}},
            "app token: not_allowed",
        ),
    ],
)
def test_a_token_that_slack_refuses_is_not_kept(run, slack, answers, words) -> None:
    """It says which one."""
    slack.answers |= answers
    ended = run("slack", *TOKENS)
    assert ended.exit_code == FAILED
    assert words in ended.stdout
    assert not Path(".env").exists()


def test_the_wrong_kind_of_token_is_told_apart(run: Run) -> None:
    """Before it is sent anywhere, and without repeating it."""
    Path("user.txt").write_text("xoxp-a-persons-own-canary")
    ended = run("slack", "--bot-token-file", "user.txt", "--app-token-file", "app.txt")
    assert ended.exit_code == USAGE
    assert "SLACK_BOT_TOKEN begins with xoxb-; this is xoxp-." in ended.stderr
    assert "canary" not in ended.output


def test_without_tokens_it_says_what_to_give(run: Run) -> None:
    """The manifest stands there all the same: the tokens come after it."""
    ended = run("slack")
    assert ended.exit_code == USAGE
    assert "SLACK_BOT_TOKEN is missing" in ended.stderr
    assert Path("data/slack-manifest.yaml").exists()


def test_a_file_that_is_not_there_is_named(run: Run) -> None:
    """As a slip of the pen."""
    ended = run("slack", "--bot-token-file", "nowhere.txt")
    assert ended.exit_code == USAGE
    assert "nowhere.txt cannot be read" in ended.stderr


def test_a_hello_that_is_refused_says_what_to_do(run: Run, slack: WebApi) -> None:
    """The tokens are kept by then."""
    slack.answers["chat.postMessage"] = {"ok": False, "error": "not_in_channel"}
    ended = run("slack", *TOKENS, "--hello", "#secret")
    assert ended.exit_code == FAILED
    assert "#secret: not_in_channel. Invite it." in ended.stderr


def test_the_dossier_is_one_page_for_whoever_approves(run: Run) -> None:
    """Scopes with their reasons, what is stored and for how long, addresses, packages."""
    page = run("slack", "--dossier", ANTHROPIC_API_KEY="sk-canary").stdout
    for scope in (*REQUIRED, *OPTIONAL):
        assert f"`{scope}`: " in page
    for words in ("the audit trail: 400 days", "api.anthropic.com: redacted", "slack-sdk=="):
        assert words in page
    assert "canary" not in page


TEAMS = {
    "TOCSIN_PUBLIC_URL": "https://tocsin.example.com",
    "TEAMS_APP_PASSWORD": "a-password-canary",
}
ID = "0a1b2c3d-0000-4000-8000-000000000000"


def test_teams_needs_an_address_that_it_can_reach(run: Run) -> None:
    """It posts to us, and only by TLS."""
    ended = run("teams", "--app-id", ID, "--tenant-id", ID)
    assert ended.exit_code == USAGE
    assert "TOCSIN_PUBLIC_URL" in ended.stderr


def test_teams_takes_ids_only(run: Run) -> None:
    """A name in place of an id is told at once."""
    ended = run("teams", "--app-id", "tocsin", "--tenant-id", ID, **TEAMS)
    assert ended.exit_code == USAGE
    assert "TEAMS_APP_ID is an id like" in ended.stderr


DISCORD = "a-discord-token-canary"


@pytest.fixture
def discord(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebApi]:
    """A Discord that takes the token, whose bot is in one server."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)  # the library's address is put back
    with web_api(DISCORD_ANSWERS) as up:
        yield up


def test_discord_is_connected_by_flags_alone(run: Run, discord: WebApi) -> None:
    """The invitation is printed, the token kept, the responders' role mapped, a hello said."""
    Path("discord.txt").write_text(DISCORD)
    words = ("--bot-token-file", "discord.txt", "--responders", "SRE", "--hello", "#incidents")
    done = told(run("discord", *words, DISCORD_API_URL=discord.url))
    assert "client_id=42" in done["invite"]
    assert done["written"] == ["DISCORD_BOT_TOKEN", "TOCSIN_DISCORD__ROLES"]
    settings = load().settings
    assert settings.discord.roles == {"SRE": "responder"}
    assert settings.discord.bot_token.get_secret_value() == DISCORD  # type: ignore[union-attr]
    (hello,) = [fields for path, fields in discord.asked if path == "channels/5/messages"]
    assert "Tocsin is connected" in hello["content"]
    again = told(run("discord", DISCORD_API_URL=discord.url))
    assert again["written"] == []


def test_the_server_is_named_where_there_are_several(run: Run, discord: WebApi) -> None:
    """A guess would show one company's incidents to another."""
    discord.answers["users/@me/guilds"] = DISCORD_GUILDS
    known = {"DISCORD_API_URL": discord.url, "DISCORD_BOT_TOKEN": DISCORD}
    ended = run("discord", **known)
    assert ended.exit_code == USAGE
    assert "--guild, one of 7001, 7002" in ended.stderr
    done = told(run("discord", "--guild", "7001", **known))
    assert done["written"] == ["TOCSIN_DISCORD__GUILD"]


def test_a_token_that_discord_refuses_is_not_kept(run: Run, discord: WebApi) -> None:
    """And not repeated."""
    discord.refuses = 401
    ended = run("discord", DISCORD_API_URL=discord.url, DISCORD_BOT_TOKEN=DISCORD)
    assert ended.exit_code == FAILED
    assert "Discord does not accept the bot's token" in ended.stdout
    assert DISCORD not in ended.output
