"""Slack, step by step: make the app from our manifest, give its tokens, see that it works."""

import asyncio
import json
from urllib.parse import quote

import yaml

from bot.cli.output import FAILED, USAGE, dry_run
from bot.configuration import Settings
from bot.connecting.dotenv import write
from bot.connecting.terminal import Terminal
from commands.discovery import registry
from domain.base import Frozen
from domain.errors import Permanent, Retry
from domain.finding import Finding
from domain.spellings import ROOT
from integrations.chat.slack import check
from integrations.chat.slack.api import SlackApi
from integrations.chat.slack.manifest import Variant, manifest

NEW_APP = "https://api.slack.com/apps?new_app=1"
FILE = "slack-manifest.yaml"
BOT_TOKEN, APP_TOKEN = "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"
SINGLE = "TOCSIN_COMMANDS__SINGLE_ROOT"
KINDS = ("xoxp-", "xoxb-", "xapp-", "xoxe-")
BEGINS = {BOT_TOKEN: "xoxb-", APP_TOKEN: "xapp-"}
WHERE = {
    BOT_TOKEN: "OAuth & Permissions: Bot User OAuth Token",
    APP_TOKEN: "Basic Information: App-Level Tokens, with the scope connections:write",
}
OTHER_TOOL = "Is another incident tool installed in this workspace (it may own /incident)?"
HELLO = "Tocsin is connected. Type /tocsin help, or write to me directly."


class Wishes(Frozen):
    """What flags have said; ``single`` None leaves it to be asked, ``hello`` is a channel."""

    single: bool | None = None
    bot_token: str = ""
    app_token: str = ""
    hello: str = ""


def connect(settings: Settings, wishes: Wishes, terminal: Terminal) -> None:
    """Everything in its order; a second run finds what is there and changes nothing."""
    single = _single(settings, wishes, terminal)
    _tell_manifest(settings, single=single, terminal=terminal)
    had = _had(settings)
    tokens = {name: _token(name, wishes, had[name], terminal) for name in had}
    terminal.say("3. Looking whether Slack takes them")
    terminal.findings(asyncio.run(_checked(settings, tokens)))
    fresh = {name: token for name, token in tokens.items() if token != had[name]}
    if single != (settings.commands.single_root is not None):
        fresh[SINGLE] = ROOT if single else ""
    write(fresh, terminal)
    _greet(settings, tokens[BOT_TOKEN], wishes, terminal)
    terminal.say("Done. Start Tocsin again, then look with: tocsin doctor --only slack")
    terminal.finish()


def _single(settings: Settings, wishes: Wishes, terminal: Terminal) -> bool:
    """Only /tocsin, where others may own our names; so also where nobody says (rules.md 17)."""
    if wishes.single is not None:
        return wishes.single
    if settings.slack.bot_token:
        return settings.commands.single_root is not None
    return terminal.sure(OTHER_TOOL, default=True)


def _tell_manifest(settings: Settings, *, single: bool, terminal: Terminal) -> None:
    prefix = settings.commands.prefix
    made = manifest(registry(), Variant(roots="single" if single else "usual", prefix=prefix))
    path = settings.data_dir / FILE
    told = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    link = f"{NEW_APP}&manifest_json={quote(told)}"
    if not dry_run():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(made, sort_keys=False, allow_unicode=True), "utf-8")
    names = ", ".join(one["command"] for one in made["features"]["slash_commands"])
    terminal.note(manifest=str(path), link=link, commands=names)
    terminal.say(f"1. Make the app: open {NEW_APP}, choose “From a manifest”, and paste {path}")
    terminal.say(f"   It registers {names}. Or open this link, which holds it already:")
    terminal.say(f"   {link}")
    terminal.say("2. Install it to the workspace, and copy its two tokens")


def _had(settings: Settings) -> dict[str, str]:
    """The tokens that the settings have already, "" for none: they are not written again."""
    told = settings.slack
    given = {BOT_TOKEN: told.bot_token, APP_TOKEN: told.app_token}
    return {name: value.get_secret_value() if value else "" for name, value in given.items()}


def _token(name: str, wishes: Wishes, had: str, terminal: Terminal) -> str:
    """From its flag, from the settings, or typed."""
    flag = {BOT_TOKEN: wishes.bot_token, APP_TOKEN: wishes.app_token}[name]
    token = terminal.secret(name, WHERE[name], flag or had)
    if not token.startswith(BEGINS[name]):
        found = token[:5] if token[:5] in KINDS else "something else"
        terminal.end(f"{name} begins with {BEGINS[name]}; this is {found}. {WHERE[name]}.", USAGE)
    return token


async def _checked(settings: Settings, tokens: dict[str, str]) -> tuple[Finding, ...]:
    address = settings.slack.api_url
    bot, app = SlackApi(tokens[BOT_TOKEN], address), SlackApi(tokens[APP_TOKEN], address)
    try:
        return (*await check.of_bot(bot), await check.of_app(app))
    finally:
        await bot.close()
        await app.close()


def _greet(settings: Settings, token: str, wishes: Wishes, terminal: Terminal) -> None:
    """A hello, where somebody said where."""
    room = wishes.hello or terminal.word("5. Say hello in which channel? (none: -)", "-")
    if room in ("-", "") or dry_run():
        return
    try:
        asyncio.run(_said(settings, token, room))
    except (Retry, Permanent) as refused:
        terminal.end(f"Slack does not let it say hello in {room}: {refused}. Invite it.", FAILED)
    terminal.note(hello=room)
    terminal.say(f"   Said hello in {room}")


async def _said(settings: Settings, token: str, room: str) -> None:
    api = SlackApi(token, settings.slack.api_url)
    try:
        await api.ask(lambda client: client.chat_postMessage(channel=room, text=HELLO))
    finally:
        await api.close()
