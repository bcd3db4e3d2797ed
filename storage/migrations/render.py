"""Writes the next revision: what the tables say and the database has not yet.

``python -m storage.migrations.render add call url`` makes ``versions/0007_add_call_url.py``; read
it before it is committed.
"""

import sys
from collections.abc import Iterable
from os import pathsep
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from alembic import command
from alembic.autogenerate.api import AutogenContext

from storage.migrations import HERE, configured, connected, migrate
from storage.types import Big, Json, Utc

NAMES = {Big: "Big", Json: "Json"}
VERSIONS = HERE / "versions"


def render_type(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Our column types by their names, so that a revision means the same on both databases."""
    name = "Utc()" if isinstance(item, Utc) else _name(item)
    if kind != "type" or name is None:
        return False
    autogen.imports.add(f"from storage.types import {name.removesuffix('()')}")
    return name


def write_revision(words: str, tables: Iterable[str] | None = None, into: Path = VERSIONS) -> Path:
    """Write the next revision, for some tables or all; returns its file."""
    number = f"{len(list(VERSIONS.glob('[0-9]*.py'))) + 1:04}"
    with TemporaryDirectory() as scratch:
        url = f"sqlite:///{scratch}/tocsin.db"
        if number != "0001":
            migrate(url)
        with connected(url) as connection:
            config = configured(connection)
            config.attributes["tables"] = None if tables is None else set(tables)
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            config.set_main_option("version_locations", pathsep.join(map(str, {VERSIONS, into})))
            command.revision(
                config, words, autogenerate=True, rev_id=number, version_path=str(into)
            )
    return next(into.glob(f"{number}_*.py"))


def _name(item: Any) -> str | None:
    return next((name for known, name in NAMES.items() if item is known), None)


if __name__ == "__main__":
    write_revision(" ".join(sys.argv[1:]))
