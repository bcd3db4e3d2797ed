"""A real server over a fresh SQLite file, alone in its process, for measuring the hooks.

``python -m tests.load.server DATABASE PORT``; stops when its standard input ends.
"""

import asyncio
import os
import sys
import time
from datetime import UTC, datetime

import uvicorn

from bot.ids import TimeOrderedIds
from domain.installation import Installation
from storage.engine import open_database
from storage.tables import metadata
from storage.unit import Store
from tests.fakes.site import build_site, give_hooks_token


class WallClock:
    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time(), UTC)


async def serve(database: str, port: int) -> None:
    clock = WallClock()
    ids = TimeOrderedIds(clock, os.urandom, lambda: os.urandom(32).hex())
    store = Store(open_database(f"sqlite:///{database}"), clock, ids, Installation())
    async with store.database.write_engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await give_hooks_token(store)
    config = uvicorn.Config(
        build_site(store).app, "127.0.0.1", port, log_level="warning", access_log=False
    )
    server = uvicorn.Server(config)
    asyncio.get_running_loop().run_in_executor(None, _until_told, server)
    await server.serve()
    await store.database.close()


def _until_told(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=__import__("uvloop").new_event_loop) as runner:
        runner.run(serve(sys.argv[1], int(sys.argv[2])))
