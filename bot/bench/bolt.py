"""The reference for Slack: a bare Bolt app whose one command commits one row, then acknowledges.

Bolt's own check of the signature, `process_before_response=True`, and the same durability as
Tocsin's (WAL, ``synchronous=FULL``). No rights, no parsing, no audit.
"""

import asyncio
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.bench.slack_api import SECRET, TOKEN


def application(path: str, api: str) -> Starlette:
    """The app over a database file at ``path``; ``api`` is where Slack's Web API answers."""
    app = AsyncApp(
        client=AsyncWebClient(token=TOKEN, base_url=f"{api}/"),
        signing_secret=SECRET,
        process_before_response=True,
    )
    database = _open(path)
    writing = asyncio.Lock()

    async def command(ack: Callable[..., Awaitable[Any]], body: dict[str, Any]) -> None:
        async with writing:
            await asyncio.to_thread(_insert, database, str(body["text"]))
        await ack("Noted.")

    app.command("/incident")(command)
    handler = AsyncSlackRequestHandler(app)

    async def answer(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/slack/events", answer, methods=["POST"])])


def _open(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT NOT NULL)")
    return database


def _insert(database: sqlite3.Connection, note: str) -> None:
    with database:
        database.execute("INSERT INTO notes (note) VALUES (?)", (note,))


def main() -> None:
    """Serve on 127.0.0.1: ``python -m bot.bench.bolt PORT FILE API``."""
    port, path, api = sys.argv[1:4]
    app = application(path, api)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="error")


if __name__ == "__main__":
    main()
