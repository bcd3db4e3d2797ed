"""`tocsin access report`: who can do what, and what nobody uses (rules.md 32)."""

from datetime import datetime, timedelta
from typing import Any

from bot.cli.output import command_line, show
from bot.cli.settled import on_database
from bot.cli.user import roles_of
from bot.wiring import Core
from storage.people import Token

UNUSED = timedelta(days=90)

app = command_line("Who can do what.")


@app.callback()
def access() -> None:
    """Who can do what."""


@app.command()
def report() -> None:
    """Every person with roles and tokens, every sender's token, and what is not used."""
    show(on_database(_rows))


async def _rows(core: Core) -> list[dict[str, Any]]:
    async with core.store.read() as unit:
        people = await unit.people.everybody()
        live = [one for one in await unit.people.tokens() if _lives(one, unit.now)]
        rows = [
            {
                "who": one.id,
                "active": one.active,
                "roles": [roles_of(found) for found in await unit.people.bindings_of(one.id)],
                "password": one.password_hash is not None,
                **_used([token for token in live if token.user == one.id], unit.now),
            }
            for one in people
        ]
        senders = [token for token in live if token.user is None]
        return rows + [_sender(token, unit.now) for token in senders]


def _sender(token: Token, now: datetime) -> dict[str, Any]:
    named = {"who": f"source {token.source} ({token.name})", "active": True, "roles": []}
    return named | {"password": False} | _used([token], now)


def _used(tokens: list[Token], now: datetime) -> dict[str, Any]:
    used = [token.last_used_at for token in tokens if token.last_used_at]
    idle = [one for one in tokens if (one.last_used_at or one.created_at) < now - UNUSED]
    scopes = {str(scope) for token in tokens for scope in token.scopes}
    return {
        "tokens": len(tokens),
        "scopes": sorted(scopes),
        "last used": max(used, default=None),
        "unused 90 days": len(idle),
    }


def _lives(token: Token, now: datetime) -> bool:
    return token.revoked_at is None and token.expires_at > now
