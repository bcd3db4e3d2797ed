"""Words as Slack writes them, back to what was typed."""

import pytest

from commands.discovery import registry
from integrations.chat.slack.heard import line_of
from integrations.chat.slack.words import MOST_MENTIONS, typed, without


async def handle(account: str) -> str:
    """Bob by his account; everybody else has none."""
    return {"U0BOB": "bob"}.get(account, account.lower())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/inc note errors &gt; 5 % &amp; rising", "/inc note errors > 5 % & rising"),
        ("lead <@U0BOB>", "lead @bob"),
        ("lead <@U0BOB|bobby>", "lead @bob"),
        ("lead <@U0X|dana>", "lead @u0x"),
        ("see <#C012AB|ops>", "see #ops"),
        ("see <#C012AB>", "see #C012AB"),
        ("<!here> and <!subteam^S1|@sre> and <!channel>", "@here and @sre and @channel"),
        ("open <https://a.example/?x=1&amp;y>", "open https://a.example/?x=1&y"),
        ("open <http://a.example|a.example>", "open a.example"),
        ("mail <mailto:b@a.example|b@a.example>", "mail b@a.example"),
        ("a &lt;b&gt; c", "a <b> c"),
        ("&amp;lt;", "&lt;"),
        ("a\0b ", "ab"),
        ("<>", ""),
    ],
)
async def test_what_was_typed(text, said):
    """People by their handles, rooms and links by their words, entities as characters."""
    assert await typed(text, handle) == said


async def test_a_flood_of_mentions_asks_for_a_few():
    """The others keep what Slack calls them."""
    asked = []

    async def counting(account: str) -> str:
        asked.append(account)
        return account

    await typed(" ".join(f"<@U{number:03}>" for number in range(500)), counting)
    assert len(asked) == MOST_MENTIONS


@pytest.mark.parametrize("text", ["<@U0BOT> note x", "<@U0BOT|tocsin> note x", "note x <@U0BOT>"])
def test_our_own_mention_is_no_word(text):
    """Wherever it stands."""
    assert without(text, "U0BOT") == "note x"


@pytest.mark.parametrize(
    ("command", "text", "line"),
    [
        ("/incident", "declare x", "incident declare x"),
        ("/INC", "", "inc"),
        ("/acme-oncall", "who", "oncall who"),
        ("/tocsin", "incident list", "tocsin incident list"),
        ("/acme-tocsin", "incident list", "tocsin incident list"),
        ("/acme-safe-mode", "on why:x", "safe-mode on why:x"),
        ("/acme", "incident list", "tocsin incident list"),
        ("/tocsin", "", "tocsin"),
    ],
)
def test_the_line_behind_a_slash_command(command, text, line):
    """Whatever the manifest calls it."""
    assert line_of(command, text, registry()) == line
