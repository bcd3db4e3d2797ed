"""`tocsin keys keep`, `kept` and `drop`: the keys by which servers are reached, encrypted."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.output import FAILED, USAGE, fail, show, tell
from bot.cli.settled import on_database, writing
from bot.sealing import sealed
from bot.wiring import Core
from domain.server import fingerprint
from domain.ssh_key import KEY_NAME, SshKey, SshKeyKept

Name = Annotated[str, typer.Argument(help="what servers call it: key: NAME")]


def keep(
    name: Name,
    file: Annotated[Path, typer.Argument(help="the private key, without a passphrase")],
    certificate: Annotated[Path | None, typer.Option(help="its OpenSSH certificate")] = None,
) -> None:
    """Keep a private SSH key in the database, encrypted; once more under a name replaces it."""
    if not re.fullmatch(KEY_NAME, name):
        fail(f"{name} is no name: letters, digits, dots and dashes", USAGE)
    private = _read(file)
    written = _read(certificate).decode("ascii", "replace") if certificate else None
    public = _public(private, written)

    async def work(core: Core) -> None:
        secret = sealed(core.keys, private, name)
        async with writing(core) as unit:
            kept = SshKey(
                id=name, sealed=secret, public_key=public, certificate=written, kept_at=unit.now
            )
            await unit.catalog.ssh_keys.put(kept)
            fact = SshKeyKept(action="keeps", name=name, fingerprint=fingerprint(public))
            await unit.facts.add(f"ssh_key:{name}", fact)

    on_database(work)
    tell({"key": name, "public_key": public}, f"{name} is kept: {public}")


def kept() -> None:
    """The keys that are kept, by their public halves."""

    async def work(core: Core) -> list[dict[str, Any]]:
        async with core.store.read() as unit:
            found = sorted(await unit.catalog.ssh_keys.where(), key=lambda one: one.id)
        return [
            {
                "key": one.id,
                "fingerprint": fingerprint(one.public_key),
                "certificate": "yes" if one.certificate else "",
                "kept": one.kept_at,
            }
            for one in found
        ]

    show(on_database(work))


def drop(name: Name) -> None:
    """Keep a key no longer; servers that name it are not reached any more."""

    async def work(core: Core) -> None:
        async with writing(core) as unit:
            found = await unit.catalog.ssh_keys.need(name)
            await unit.catalog.ssh_keys.drop(name)
            gone = fingerprint(found.public_key)
            fact = SshKeyKept(action="drops", name=name, fingerprint=gone)
            await unit.facts.add(f"ssh_key:{name}", fact)

    on_database(work)
    tell({"key": name}, f"{name} is kept no longer.")


def _public(private: bytes, certificate: str | None) -> str:
    """The public half of a key that can be used as it is."""
    import asyncssh

    try:
        if certificate:
            asyncssh.import_certificate(certificate)
        return asyncssh.import_private_key(private).export_public_key().decode().strip()
    except (asyncssh.Error, ValueError) as error:
        fail(f"That is no key without a passphrase, or no certificate: {error}", FAILED)


def _read(path: Path) -> bytes:
    try:
        return path.expanduser().read_bytes()
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}", FAILED)
