"""Where the Node programs are that tests talk to; `make dev` installs them where npm is found."""

import shutil
from pathlib import Path

MODULES = Path(__file__).parents[1] / "peers" / "node_modules"


class PeerMissing(Exception):
    """Node, or a package of tests/peers, is not installed."""


def node() -> str:
    """The path of Node. Raises `PeerMissing`."""
    found = shutil.which("node")
    if found is None:
        raise PeerMissing("node is not on the PATH")
    return found


def package(name: str) -> Path:
    """The directory of an installed package. Raises `PeerMissing`."""
    found = MODULES / name
    if not found.is_dir():
        raise PeerMissing(f"{name} is not installed in tests/peers")
    return found
