"""Discord, step by step: make an application, give its token, invite it to the one server."""

import asyncio
import json

import discord.http

from bot.cli.output import FAILED, USAGE, dry_run
from bot.configuration import Settings
from bot.connecting.dotenv import write
from bot.connecting.terminal import Terminal
from bot.wiring import system_clock
from domain.actor import Role
from domain.base import Frozen
from domain.errors import Permanent, Retry
from domain.finding import Finding
from integrations.chat.discord import check
from integrations.chat.discord.api import Api
from integrations.chat.discord.manifest import invite_url
from integrations.chat.discord.server import Server

TOKEN, GUILD, ROLES = "DISCORD_BOT_TOKEN", "TOCSIN_DISCORD__GUILD", "TOCSIN_DISCORD__ROLES"
NEW_APP = "https://discord.com/developers/applications"
WHERE = f"{NEW_APP}: your application, Bot, Reset Token"
RESPONDERS = "Which role of the server are the responders? (its name; none yet: -)"
HELLO = "Tocsin is connected. Type / and pick a command, or mention me."


class Wishes(Frozen):
    """What flags have said; ``responders`` is the name of a role on the server."""

    token: str = ""
    guild: str = ""
    responders: str = ""
    hello: str = ""


class Found(Frozen):
    """What Discord says of a token: ``application`` is empty where it refuses it."""

    findings: tuple[Finding, ...]
    application: str = ""
    guilds: dict[str, str] = {}


def connect(settings: Settings, wishes: Wishes, terminal: Terminal) -> None:
    """Everything in its order; a second run finds what is there and changes nothing."""
    discord.http.Route.BASE = settings.discord.api_url
    terminal.say(f"1. Make an application at {NEW_APP}, and copy the token of its bot")
    had = settings.discord.bot_token
    token = terminal.secret(TOKEN, WHERE, wishes.token or (had.get_secret_value() if had else ""))
    found = asyncio.run(_asked(token))
    terminal.findings(found.findings)
    link = invite_url(found.application)
    terminal.note(invite=link, servers=found.guilds)
    terminal.say(f"2. Invite it to your server, if it is not there yet: {link}")
    guild = _guild(settings, wishes, found, terminal)
    fresh = {} if had and had.get_secret_value() == token else {TOKEN: token}
    write(fresh | guild | _roles(settings, wishes, terminal), terminal)
    _greet(settings, token, wishes, terminal)
    terminal.say("Start Tocsin again, then look with: tocsin doctor --only discord")
    terminal.finish()


async def _asked(token: str) -> Found:
    api = Api(token)
    try:
        findings = await check.of_bot(api)
        if findings[0].level == "failure":
            return Found(findings=findings)
        guilds = {str(one["id"]): one["name"] for one in await api.get(check.GUILDS)}
        return Found(findings=findings, application=await api.application(), guilds=guilds)
    finally:
        await api.close()


def _guild(settings: Settings, wishes: Wishes, found: Found, terminal: Terminal) -> dict[str, str]:
    """The server, where the bot is in several or a flag names it; one alone needs no setting."""
    known = wishes.guild or settings.discord.guild or ""
    if not known and len(found.guilds) > 1:
        for guild, name in found.guilds.items():
            terminal.say(f"   {guild}  {name}")
        known = terminal.word("   It is in several servers. The id of the one it serves", "")
        if not known:
            several = ", ".join(found.guilds)
            terminal.end(f"The bot is in several servers: give --guild, one of {several}", USAGE)
    return {GUILD: known} if known != (settings.discord.guild or "") else {}


def _roles(settings: Settings, wishes: Wishes, terminal: Terminal) -> dict[str, str]:
    """Who may do something there: without a role, nobody (rules.md 1)."""
    name = wishes.responders or ("-" if settings.discord.roles else terminal.word(RESPONDERS, "-"))
    if name == "-":
        return {}
    mapped = {name: Role.RESPONDER.value} | dict(settings.discord.roles)
    if mapped == settings.discord.roles:
        return {}
    return {ROLES: json.dumps(mapped)}


def _greet(settings: Settings, token: str, wishes: Wishes, terminal: Terminal) -> None:
    room = wishes.hello or terminal.word("5. Say hello in which channel? (none: -)", "-")
    if room in ("-", "") or dry_run():
        return
    try:
        asyncio.run(_said(settings, token, wishes, room))
    except (Retry, Permanent) as refused:
        terminal.end(f"Discord does not let it say hello in {room}: {refused}", FAILED)
    terminal.note(hello=room)
    terminal.say(f"   Said hello in {room}")


async def _said(settings: Settings, token: str, wishes: Wishes, room: str) -> None:
    api = Api(token)
    guild = wishes.guild or settings.discord.guild
    server = Server(api, system_clock(), guild, {})
    body = {"content": HELLO, "allowed_mentions": {"parse": []}}
    path = "/channels/{channel_id}/messages"
    try:
        await api.call("POST", path, body, channel_id=await server.channel(room))
    finally:
        await api.close()
