"""One page for whoever must approve the Slack app, true by being made from what runs (rule 17)."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import urlsplit

from bot.configuration import Settings
from bot.wiring import program_version
from integrations.chat.slack.scopes import SCOPES
from storage.alerts import RAW_KEPT
from storage.audit import KEPT as AUDIT_KEPT
from storage.calls import KEPT as ANSWERS_KEPT
from storage.models import KEPT as MODELS_KEPT

LOCK = Path(__file__).parents[2] / "requirements.lock"
PINNED = re.compile(r"^([A-Za-z0-9._-]+==[^\s;\\]+)", re.MULTILINE)
STORED = (
    "Slack's ids of accounts, channels and messages; names; e-mail addresses of Tocsin's people",
    "what is typed to Tocsin, and messages that a person adds to an incident's timeline",
    "nothing else that is said in a channel: it is dropped before it is read",
)
DEFAULTS = (
    "No user token. Socket Mode: no address of ours has to be reachable.",
    "Guests, people from other workspaces and bots may type /help and nothing else.",
    "A private incident is there for its members only; its card is posted in no public channel.",
    "An account is nobody's until its owner links it with a code, and signs in to do so.",
    "Commands that change something outside are off until an admin turns them on.",
    "A language model is asked only with an API key, and never decides who is woken.",
)


def dossier(settings: Settings) -> str:
    """The page, as Markdown."""
    return "\n".join(
        (
            f"# Tocsin {program_version()}: what this Slack app is, for whoever approves it",
            "",
            "Tocsin receives alerts, pages whoever is on call, and carries an incident to its",
            "postmortem. It runs on your own machines; nobody else sees what it stores.",
            *_part("Scopes of the bot token that it needs", _scopes(optional=False)),
            *_part("Scopes that can be left out, each with its feature", _scopes(optional=True)),
            *_part("What it stores, in your database", STORED),
            *_part("For how long", _kept()),
            *_part("Addresses that it calls", _addresses(settings)),
            *_part("Defaults", DEFAULTS),
            *_part("What it is made of", _packages()),
        )
    )


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from (f"- {line}" for line in lines)


def _scopes(*, optional: bool) -> Iterator[str]:
    for one in SCOPES:
        if one.optional == optional:
            yield f"`{one.name}`: {one.reason}"


def _kept() -> Iterator[str]:
    yield f"bodies of alerts as they arrived: {_days(RAW_KEPT)}"
    yield f"answers to commands, so that a repeat is not carried out twice: {_days(ANSWERS_KEPT)}"
    yield f"questions to a language model and its answers: {_days(MODELS_KEPT)}"
    yield f"the audit trail: {_days(AUDIT_KEPT)}"
    yield "incidents, their timelines and postmortems: until you delete them"
    yield "how a person is reached: until they are deactivated"


def _addresses(settings: Settings) -> Iterator[str]:
    """Where it would connect to with these settings."""
    yield f"{_host(settings.slack.api_url)} and Slack's socket (wss): messages, cards, commands"
    if settings.anthropic_api_key:
        host = _host(settings.anthropic_base_url)
        yield f"{host}: redacted texts of incidents, for {', '.join(sorted(settings.llm.purposes))}"
    if settings.smtp_url:
        yield f"{_host(settings.smtp_url.get_secret_value())}: pages by e-mail"
    if settings.ntfy_url:
        yield f"{_host(settings.ntfy_url)}: pages by ntfy"
    if settings.twilio.account_sid:
        yield f"{_host(settings.twilio.api_url)}: pages by SMS"
    if settings.heartbeat_url:
        yield f"{_host(settings.heartbeat_url.get_secret_value())}: a sign of life, no content"


def _packages() -> Iterator[str]:
    """Name and version of everything that is installed with it, from the lock where it is here."""
    if LOCK.is_file():
        yield from PINNED.findall(LOCK.read_text("utf-8"))
        return
    yield from sorted(f"{one.name}=={one.version}" for one in distributions())


def _days(time: timedelta) -> str:
    return f"{time.days} days"


def _host(url: str) -> str:
    return urlsplit(url).hostname or url
