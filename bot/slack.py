"""Slack for this installation, from its settings."""

from pydantic import SecretStr

from bot.configuration import Settings
from bot.platforms import Around, listed
from integrations.chat.slack import connect


def slack(settings: Settings, token: SecretStr, around: Around) -> connect.SlackPlatform:
    """Slack, ready to hear and speak."""
    told = settings.slack
    secret, app_token = told.signing_secret, told.app_token
    terms = connect.SlackTerms(
        bot_token=token.get_secret_value(),
        app_token=app_token.get_secret_value() if app_token else None,
        secrets=tuple(secret.get_secret_value().split(",")) if secret else (),
        address=told.api_url,
        incidents=told.incidents_room or settings.chat.incidents_room,
        external=listed(settings.chat.external_channels),
        emoji=told.timeline_emoji,
    )
    given = connect.Around(
        edge=around.edge,
        keep=around.keep,
        clock=around.clock,
        seconds=around.seconds,
        dress=around.dress,
        shortened=around.shortened,
    )
    return connect.SlackPlatform(terms, given)
