"""`tocsin token`: what programs and senders prove themselves with."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from bot.cli.output import NOT_FOUND, USAGE, command_line, fail, show, tell
from bot.cli.settled import on_database, writing
from bot.wiring import Core
from domain.actor import Scope
from integrations.alerts.discovery import sources
from storage.people import Token, hashed
from storage.unit import Unit

ANY = "*"
LASTS_DAYS = 90
PERSONAL = (Scope.READ, Scope.PAGE, Scope.WRITE)

app = command_line("API and webhook tokens.")


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="what it is for, as lists show it")],
    user: Annotated[str | None, typer.Option(help="the person it acts as")] = None,
    source: Annotated[str | None, typer.Option(help="the sender it is for; * for any")] = None,
    scope: Annotated[list[Scope] | None, typer.Option(help="what it may be used for")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="how long it lasts")] = LASTS_DAYS,
) -> None:
    """Make a token; its secret is shown once and never stored."""
    if (user is None) == (source is None):
        fail("Say whose it is: --user NAME, or --source SENDER for one that may only send", USAGE)
    if source not in (None, ANY, *sources()):
        fail(f"There is no source {source}: {', '.join(sources())}", USAGE)
    scopes = tuple(scope or ()) or PERSONAL if user else (Scope.EVENTS,)

    async def work(core: Core) -> tuple[str, Token]:
        secret = core.store.ids.secret()
        async with writing(core) as unit:
            if user and await unit.people.actor(user) is None:
                fail(f"There is no person {user}", NOT_FOUND)
            token = Token(
                id=unit.ids.new(),
                hash=hashed(secret),
                name=name,
                user=user,
                source=source,
                scopes=scopes,
                created_at=unit.now,
                expires_at=unit.now + timedelta(days=days),
            )
            await _keep(unit, token)
        return secret, token

    secret, token = on_database(work)
    tell({"token": secret, **_row(token)}, f"Shown once, until {token.expires_at:%F}: {secret}")


@app.command("list")
def every() -> None:
    """Every token, without its secret."""
    show(on_database(_rows))


@app.command()
def revoke(token: Annotated[str, typer.Argument(help="its id, from the list")]) -> None:
    """End a token now."""

    async def work(core: Core) -> None:
        async with writing(core) as unit:
            if not await unit.people.revoke(token):
                fail(f"There is no live token {token}: tocsin token list", NOT_FOUND)
            await unit.audit.add("token_revoked", f"token:{token}", "done", {})

    on_database(work)
    tell({"id": token, "revoked": True}, f"{token} is revoked.")


async def _keep(unit: Unit, token: Token) -> None:
    await unit.people.keep_token(token)
    await unit.audit.add("token_created", f"token:{token.id}", "done", {})


async def _rows(core: Core) -> list[dict[str, Any]]:
    async with core.store.read() as unit:
        return [_row(token) for token in await unit.people.tokens()]


def _row(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "for": token.user or f"source {token.source}",
        "scopes": [str(scope) for scope in token.scopes],
        "expires": token.expires_at,
        "last used": token.last_used_at,
        "revoked": token.revoked_at,
    }
