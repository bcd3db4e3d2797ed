"""Whether the set-up of Discord is as it should be: token, server, permissions, roles, rooms."""

from collections.abc import Mapping
from typing import Any

import discord

from domain.actor import Role
from domain.errors import Permanent, Retry
from domain.finding import Finding, failure, ok, warning
from integrations.chat.discord.api import Api
from integrations.chat.discord.manifest import PERMISSIONS, invite_url
from integrations.chat.discord.server import Server

AREA = "discord"
GUILDS = "/users/@me/guilds"
NO_ROLES = (
    "map one of the server's roles to one of Tocsin's, like"
    ' TOCSIN_DISCORD__ROLES=\'{"SRE": "responder"}\''
)
ROOM = "make the channel and let Tocsin see it, or name another: TOCSIN_DISCORD__INCIDENTS_ROOM"


async def of_bot(api: Api) -> tuple[Finding, ...]:
    """Whether the token is taken."""
    try:
        application = await api.application()
    except (Retry, Permanent) as refused:
        return (failure(AREA, f"bot token: {refused}", "tocsin connect discord"),)
    return (ok(AREA, f"bot token ok (application {application})"),)


async def of_server(api: Api, server: Server) -> tuple[Finding, ...]:
    """Whether the bot is in the server that is meant, and may do there what it needs."""
    try:
        meant = await server.id()
        found = [one for one in await api.get(GUILDS) if str(one["id"]) == meant]
        if not found:
            invite = f"invite it: {invite_url(await api.application())}"
            return (failure(AREA, f"the bot is not in the server {meant}", invite),)
        return await _of_permissions(api, found[0])
    except (Retry, Permanent) as refused:
        return (failure(AREA, str(refused), "tocsin connect discord"),)


async def _of_permissions(api: Api, guild: Mapping[str, Any]) -> tuple[Finding, ...]:
    held = discord.Permissions(int(guild["permissions"]))
    lacking = [] if held.administrator else [one for one in PERMISSIONS if not getattr(held, one)]
    here = ok(AREA, f"in the server {guild['name']}")
    again = f"invite it again: {invite_url(await api.application())}" if lacking else ""
    return (
        here,
        *(
            warning(AREA, f"it lacks the permission {one}: {PERMISSIONS[one]}", again)
            for one in lacking
        ),
    )


def of_roles(roles: Mapping[str, Role]) -> Finding:
    """Without a role that is mapped, Discord is closed to everybody (rules.md 1)."""
    if not roles:
        return warning(AREA, "no role is mapped: nobody can do anything there", NO_ROLES)
    told = ", ".join(f"{name} is {role}" for name, role in roles.items())
    return ok(AREA, f"roles: {told}")


async def of_room(server: Server, room: str) -> Finding:
    """Whether the room of all incidents is there."""
    try:
        await server.channel(room)
    except (Retry, Permanent) as refused:
        return warning(AREA, str(refused), ROOM)
    return ok(AREA, f"incidents are posted in #{room}")
