"""The demo speaks to this machine, and elsewhere only where that was asked for (rule 10)."""

import pytest
from typer.testing import CliRunner

from bot.cli.demo import app
from bot.cli.output import USAGE
from bot.demo.outside import beyond_this_machine
from bot.layers import load
from bot.settings import environment

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
LOOPBACK = "http://127.0.0.1:3300"


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({}, ()),
        (SLACK, ("Slack at slack.com",)),
        (SLACK | {"SLACK_API_URL": f"{LOOPBACK}/api"}, ()),
        (SLACK | {"SLACK_API_URL": "http://localhost:3300/api"}, ()),
        ({"DISCORD_BOT_TOKEN": "x", "DISCORD_API_URL": LOOPBACK}, ()),
        (
            {
                "DISCORD_BOT_TOKEN": "x",
                "DISCORD_API_URL": LOOPBACK,
                "DISCORD_GATEWAY_URL": "wss://gateway.discord.gg",
            },
            ("Discord at gateway.discord.gg",),
        ),
        ({"TEAMS_APP_ID": "x"}, ("Microsoft Teams at login.botframework.com",)),
        ({"TEAMS_APP_ID": "x", "TEAMS_OPENID_URL": LOOPBACK, "TEAMS_SERVICE_URL": LOOPBACK}, ()),
    ],
)
def test_a_chat_beyond_this_machine_is_noticed(told: dict[str, str], found: tuple[str, ...]):
    """Each by the address it would be spoken to at."""
    assert beyond_this_machine(load(said=environment(told)).settings) == found


def test_the_demo_does_not_start_beside_a_real_chat(tmp_path, monkeypatch):
    """And says how it would; nothing was made."""
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(app, ["--no-browser"], env={"TOCSIN_DATA_DIR": "data", **SLACK})
    assert ended.exit_code == USAGE
    assert "Slack at slack.com" in ended.stderr
    assert "--with-real-chat" in ended.stderr
    assert not (tmp_path / "data").exists()
