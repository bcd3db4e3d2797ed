"""Discord for this installation, from its settings."""

from pydantic import SecretStr

from bot.configuration import Settings
from bot.platforms import Around
from integrations.chat.discord import platform
from integrations.chat.discord.platform import Discord, DiscordAccess


def discord(settings: Settings, token: SecretStr, around: Around) -> Discord:
    """Discord, built and not yet connected."""
    told = settings.discord
    access = DiscordAccess(
        token=token.get_secret_value(),
        api_url=told.api_url,
        gateway_url=told.gateway_url,
        guild=told.guild,
        roles=told.roles,
        incidents_room=told.incidents_room or settings.chat.incidents_room,
    )
    given = platform.Around(around.edge, around.clock, around.dress, around.shortened)
    return Discord.of(access, given)
