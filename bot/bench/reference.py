"""The reference: the least an ASGI application can do to put a webhook durably on disk.

It parses the JSON body and commits everything that waits as one SQLite transaction, with the
same durability as Tocsin (WAL, ``synchronous=FULL``). No authentication, no model, no jobs.
"""

import asyncio
import json
import sqlite3
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Waiting = asyncio.Queue[tuple[str, "asyncio.Future[None]"]]


def application(path: str) -> Starlette:
    """The reference over a database file at ``path``."""
    waiting: Waiting = asyncio.Queue()
    started: list[asyncio.Task[None]] = []

    async def accept(request: Request) -> Response:
        if not started:
            started.append(asyncio.create_task(_commit(path, waiting)))
        body = json.loads(await request.body())
        durable = asyncio.get_running_loop().create_future()
        waiting.put_nowait((json.dumps(body), durable))
        await durable
        return JSONResponse({"accepted": 1}, status_code=202)

    return Starlette(routes=[Route("/", accept, methods=["POST"])])


async def _commit(path: str, waiting: Waiting) -> None:
    database = await asyncio.to_thread(_open, path)
    while True:
        batch = [await waiting.get()]
        while not waiting.empty():
            batch.append(waiting.get_nowait())
        await asyncio.to_thread(_insert, database, [body for body, _ in batch])
        for _, durable in batch:
            durable.set_result(None)


def _open(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE bodies (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
    return database


def _insert(database: sqlite3.Connection, bodies: list[str]) -> None:
    with database:
        database.executemany("INSERT INTO bodies (body) VALUES (?)", [(one,) for one in bodies])


def main() -> None:
    """Serve on 127.0.0.1: ``python -m bot.bench.reference PORT FILE``."""
    port, path = int(sys.argv[1]), sys.argv[2]
    uvicorn.run(application(path), host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    main()
