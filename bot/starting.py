"""What must hold before a process serves: safe settings, one server per file, a fitting schema."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import text

from bot.configuration import Settings, is_loopback, unproven, unsafe
from storage import migrations
from storage.store import Act, Store

LOCK = "tocsin.lock"
COPIES = "copies"
USED_BY = "used_by"
USAGE, FAILED = 2, 1


class NotStarted(Exception):
    """Why a process does not start, in sentences; ``code`` is its exit code."""

    def __init__(self, *problems: str, code: int = USAGE) -> None:
        super().__init__("\n".join(problems))
        self.code = code


@dataclass(frozen=True)
class Mode:
    """A kind of process: whether it answers HTTP, carries out jobs, and holds the connections
    of outside chats."""

    name: Literal["up", "demo", "web", "worker", "gateway"]
    serves: bool = True
    works: bool = True
    listens: bool = True

    @property
    def alone(self) -> bool:
        """Whether it is everything in one process, as SQLite needs it."""
        return self.serves and self.works

    @property
    def demo(self) -> bool:
        """Whether people, alerts and the clock are made up."""
        return self.name == "demo"


UP = Mode("up")
DEMO = Mode("demo")
WEB = Mode("web", works=False, listens=False)
WORKER = Mode("worker", serves=False, listens=False)
GATEWAY = Mode("gateway", serves=False, works=False)


@contextmanager
def prepared(settings: Settings, mode: Mode) -> Iterator[None]:
    """Check, lock and migrate; the lock is held for the length of the block.

    Raises `NotStarted`.
    """
    problems = (*unsafe(settings, alone=mode.demo), *unproven(settings), *_unfit(settings, mode))
    if problems:
        raise NotStarted(*problems)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not settings.sqlite:
        _need_migrated(settings, mode)
        yield
        return
    with only_server(settings.data_dir):
        _migrate_file(settings)
        yield


def migrate(settings: Settings) -> None:
    """Bring the database to this version's shape, SQLite after a copy. Raises `NotStarted`."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if settings.sqlite:
        with only_server(settings.data_dir):
            _migrate_file(settings)
    else:
        _migrate(settings)


async def claim(store: Store, mode: Mode) -> None:
    """Mark the database as the demo's or as a real one; neither may become the other.

    Raises `NotStarted`.
    """
    wanted = "demo" if mode.demo else "up"
    async with store.write(Act("tocsin", "job")) as unit:
        used = await unit.settings.get(USED_BY)
        if used is None:
            await unit.settings.put(USED_BY, wanted)
        elif used != wanted:
            raise NotStarted(_belongs_elsewhere(used))


async def need_somebody(store: Store, settings: Settings) -> None:
    """A server that others can reach must know whom to let in. Raises `NotStarted`."""
    if is_loopback(settings.host):
        return
    async with store.read() as unit:
        known = await unit.people.everybody() or await unit.people.tokens()
    if not known:
        raise NotStarted(
            f"TOCSIN_HOST is {settings.host}, but nobody could log in. Make the first admin: "
            "tocsin user add NAME --role admin"
        )


def _unfit(settings: Settings, mode: Mode) -> Iterator[str]:
    if settings.sqlite and not mode.alone:
        yield (
            f"tocsin {mode.name} shares its database with other processes and needs PostgreSQL: "
            "set DATABASE_URL to postgresql://…, or run everything in one process: tocsin up"
        )
    if mode.demo and not is_loopback(settings.host):
        yield f"The demo listens on this machine only: unset TOCSIN_HOST ({settings.host})"


@contextmanager
def only_server(data_dir: Path) -> Iterator[None]:
    """Nobody else serves from this directory meanwhile. Raises `NotStarted`."""
    with (data_dir / LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotStarted(
                f"Another Tocsin uses {data_dir}: stop it, or set TOCSIN_DATA_DIR to another "
                "directory",
                code=FAILED,
            ) from None
        yield


def _migrate_file(settings: Settings) -> None:
    """Migrate SQLite, after a copy of what would be changed."""
    before = migrations.status(settings.database)
    if before.pending and before.current:
        copy = settings.data_dir / COPIES / f"before-{before.head}.db"
        migrations.copy_sqlite(settings.database, copy)
    _migrate(settings)


def _migrate(settings: Settings) -> None:
    try:
        migrations.migrate(settings.database)
    except migrations.TooNew as error:
        raise NotStarted(str(error), code=FAILED) from None


def _need_migrated(settings: Settings, mode: Mode) -> None:
    """PostgreSQL is migrated by the release step; only the demo does it by itself."""
    with migrations.connected(settings.database) as connection:
        if connection.execute(text("SHOW synchronous_commit")).scalar() == "off":
            raise NotStarted(
                "PostgreSQL confirms commits before they are on disk (synchronous_commit = off): "
                "set it to on, or pages can be lost"
            )
    if mode.demo:
        _migrate(settings)
    found = migrations.status(settings.database)
    if found.pending:
        raise NotStarted("The database is not migrated: run tocsin db migrate")
    if not found.fits:
        raise NotStarted("A later version has migrated this database: install that version")


def _belongs_elsewhere(used: str) -> str:
    if used == "demo":
        return (
            "This database holds the demo's made-up people: set DATABASE_URL or TOCSIN_DATA_DIR "
            "to another place"
        )
    return (
        "This database is in real use, and the demo would put made-up people into it: set "
        "TOCSIN_DATA_DIR to another directory"
    )
