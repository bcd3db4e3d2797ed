"""Whom the demo would speak to outside this machine (rules.md 10)."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.configuration import Settings, is_loopback
from domain.account import CALLED


def beyond_this_machine(settings: Settings) -> tuple[str, ...]:
    """Chats that are set up and not on loopback, as ``Slack at slack.com``."""
    return tuple(
        f"{CALLED[name]} at {host}"
        for name, urls in _addresses(settings)
        if (host := next((one for one in map(_host, urls) if not is_loopback(one)), None))
    )


def refusal(found: tuple[str, ...]) -> str:
    """Why the demo does not start, and the two ways on."""
    chats = " and ".join(found)
    return (
        f"The settings connect {chats}, where real people would read a made-up incident."
        " Start with --with-real-chat if that is meant: every message will say DEMO."
        " Else take the tokens out of the environment and .env."
    )


def _addresses(settings: Settings) -> Iterator[tuple[str, tuple[str, ...]]]:
    slack, discord, teams = settings.slack, settings.discord, settings.teams
    if slack.bot_token:
        yield "slack", (slack.api_url,)
    if discord.bot_token:
        yield "discord", (discord.api_url, discord.gateway_url or discord.api_url)
    if teams.app_id:
        yield "teams", (teams.openid_url, teams.service_url or teams.openid_url)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
