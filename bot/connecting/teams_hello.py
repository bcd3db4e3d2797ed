"""Saying hello to Teams from the command line, with what a running Tocsin has heard of it."""

import asyncio

from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError

from bot.chat_keep import StoredChatKeep
from bot.configuration import Settings
from bot.platforms import listed
from bot.wiring import open_core, system_clock, system_ids
from integrations.chat.teams.channels import Channels
from integrations.chat.teams.connector import PLATFORM, Connector, client
from integrations.chat.teams.hello import say_hello
from integrations.chat.teams.people import DIRECT, People
from integrations.chat.teams.send import TeamsChat
from integrations.chat.teams.tokens import AppTokens
from storage import migrations


def greeted(settings: Settings, app: str, password: str, tenant: str) -> str | None:
    """Where the hello was said, "" where it is owed; None without a database to ask.

    Raises `Retry` where Teams gives no answer.
    """
    try:
        fits = migrations.status(settings.database).fits
    except SQLAlchemyError:
        fits = False
    if not fits:
        return None
    tokens = AppTokens(app, SecretStr(password), tenant)
    try:
        return asyncio.run(_greeted(settings, tokens, tenant))
    finally:
        tokens.close()


async def _greeted(settings: Settings, tokens: AppTokens, tenant: str) -> str:
    clock = system_clock()
    core = open_core(settings, clock, system_ids(clock))
    keep = StoredChatKeep(core.store)
    connector = Connector(keep, client(tokens), settings.teams.service_url)
    channels = Channels(connector, keep, listed(settings.chat.external_channels))
    room = settings.teams.incidents_room or settings.chat.incidents_room
    people = People(connector, keep, clock, tenant)
    try:
        async with core.store.read() as unit:
            known = await unit.conversations.newest(PLATFORM, DIRECT)
        chat = TeamsChat(connector, channels, people, keep, room)
        return await say_hello(chat, keep, (known or {}).get("conversation"))
    finally:
        await connector.close()
        await core.close()
