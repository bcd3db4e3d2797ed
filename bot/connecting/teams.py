"""Microsoft Teams, step by step: register an app, give its password, upload our package."""

import asyncio
import re

from pydantic import SecretStr

from bot.cli.output import USAGE, dry_run
from bot.configuration import Settings
from bot.connecting.dotenv import write
from bot.connecting.teams_hello import greeted
from bot.connecting.terminal import Terminal
from bot.wiring import program_version
from commands.discovery import registry
from domain.base import Frozen
from domain.errors import Retry
from domain.finding import Finding
from integrations.chat.teams import check
from integrations.chat.teams.manifest import TeamsApp, package
from integrations.chat.teams.tokens import AppTokens

FILE = "teams-app.zip"
PATH = "/teams/messages"
APP, PASSWORD, TENANT = "TEAMS_APP_ID", "TEAMS_APP_PASSWORD", "TEAMS_TENANT_ID"
WHERE = "Azure Bot: Configuration, Manage Password, New client secret"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
NO_ADDRESS = (
    "Teams posts to an https:// address. Set TOCSIN_PUBLIC_URL to yours, which must lead to"
    f" {PATH} here, and run this again."
)

NOT_YET = (
    "6. Nobody in Teams has met Tocsin yet, and a bot may not write first: start Tocsin, and add\n"
    "   the app to the team or to your chats. It says hello there by itself."
)


class Wishes(Frozen):
    """What flags have said."""

    app_id: str = ""
    password: str = ""
    tenant_id: str = ""


def connect(settings: Settings, wishes: Wishes, terminal: Terminal) -> None:
    """Everything in its order; a second run finds what is there and changes nothing."""
    if not settings.address.startswith("https://"):
        terminal.end(NO_ADDRESS, USAGE)
    terminal.say("1. Register the bot: in Azure make an “Azure Bot”, single tenant, and set as its")
    terminal.say(f"   messaging endpoint {settings.address}{PATH}. Turn on the channel Teams.")
    values = _values(settings, wishes, terminal)
    terminal.say("2. Looking whether Microsoft takes them")
    terminal.findings(asyncio.run(_checked(values)))
    _pack(settings, values[APP], terminal)
    had = _had(settings)
    write({name: value for name, value in values.items() if value != had[name]}, terminal)
    terminal.say("5. In Teams: Apps, Manage your apps, Upload an app, and choose that file; add it")
    terminal.say("   to the team whose channel shall have the incidents. Then write to it: help")
    _greet(settings, values, terminal)
    terminal.say("Start Tocsin again, then look with: tocsin doctor --only teams")
    terminal.finish()


def _greet(settings: Settings, values: dict[str, str], terminal: Terminal) -> None:
    """A hello, where Tocsin may write already; else what has to be done, and then it comes."""
    if dry_run():
        return
    try:
        said = greeted(settings, values[APP], values[PASSWORD], values[TENANT])
    except Retry as silent:
        said = None
        terminal.say(f"   Teams gives no answer just now: {silent}")
    terminal.note(hello=said or "")
    terminal.say(f"6. Said hello in {said}" if said else NOT_YET)


def _values(settings: Settings, wishes: Wishes, terminal: Terminal) -> dict[str, str]:
    had = _had(settings)
    app = _id(APP, "Microsoft App ID", wishes.app_id or had[APP], terminal)
    tenant = _id(TENANT, "App Tenant ID", wishes.tenant_id or had[TENANT], terminal)
    password = terminal.secret(PASSWORD, WHERE, wishes.password or had[PASSWORD])
    return {APP: app, TENANT: tenant, PASSWORD: password}


def _had(settings: Settings) -> dict[str, str]:
    told = settings.teams
    password = told.app_password.get_secret_value() if told.app_password else ""
    return {APP: told.app_id or "", TENANT: told.tenant_id or "", PASSWORD: password}


def _id(name: str, called: str, given: str, terminal: Terminal) -> str:
    found = given or terminal.word(f"{name} ({called}, on the bot's Configuration)", "")
    if not GUID.fullmatch(found):
        like = "like 00000000-0000-0000-0000-000000000000"
        terminal.end(f"{name} is an id {like}: give it by its flag or in {name}", USAGE)
    return found


async def _checked(values: dict[str, str]) -> tuple[Finding, ...]:
    tokens = AppTokens(values[APP], SecretStr(values[PASSWORD]), values[TENANT])
    try:
        return await check.of_tokens(tokens)
    finally:
        tokens.close()


def _pack(settings: Settings, app: str, terminal: Terminal) -> None:
    """The app's package, with the version of this program: Teams takes a changed one only so."""
    path = settings.data_dir / FILE
    made = package(
        TeamsApp(id=app, address=settings.address, version=program_version()), registry()
    )
    terminal.note(package=str(path))
    if not dry_run():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made)
    terminal.say(f"3. {'Would make' if dry_run() else 'Made'} the app's package: {path}")
