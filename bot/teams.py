"""Teams for this installation, from its settings."""

import time

from bot.configuration import Settings
from bot.platforms import Around, listed
from integrations.chat.platform import Platform
from integrations.chat.teams.answers import Answers
from integrations.chat.teams.channels import Channels
from integrations.chat.teams.connector import Connector, client
from integrations.chat.teams.listen import TeamsListener
from integrations.chat.teams.people import People
from integrations.chat.teams.platform import Teams
from integrations.chat.teams.proof import LoopbackProof, Proof, SignedProof, SigningKeys
from integrations.chat.teams.send import TeamsChat
from integrations.chat.teams.tokens import AppTokens


def teams(settings: Settings, around: Around) -> Platform:
    """Teams, ready to hear and speak."""
    told, keep = settings.teams, around.keep
    tenant = told.tenant_id or ""
    tokens = _tokens(settings)
    connector = Connector(keep, client(tokens), told.service_url)
    channels = Channels(connector, keep, listed(settings.chat.external_channels))
    people = People(connector, keep, around.clock, tenant)
    room = told.incidents_room or settings.chat.incidents_room
    chat = TeamsChat(
        connector,
        channels,
        people,
        keep,
        room,
        told.private_room,
        shortened=around.shortened,
    )
    listener = TeamsListener(
        proof=_proof(settings),
        edge=around.edge,
        keep=keep,
        connector=connector,
        people=people,
        channels=channels,
        answers=Answers(chat, keep, around.dress),
    )
    return Teams(chat, listener, connector, tokens)


def _tokens(settings: Settings) -> AppTokens | None:
    told = settings.teams
    if told.app_id is None or told.app_password is None or told.tenant_id is None:
        return None
    return AppTokens(told.app_id, told.app_password, told.tenant_id)


def _proof(settings: Settings) -> Proof:
    """Without a password it is the Playground's: `bot.configuration.unproven` sees to that."""
    told = settings.teams
    if told.app_id is None or told.app_password is None:
        return LoopbackProof()
    return SignedProof(told.app_id, SigningKeys(told.openid_url, time.monotonic))
