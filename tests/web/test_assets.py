"""Static files: kept for a year by their hash, asked for again otherwise, never outside."""

import gzip
from pathlib import Path

import pytest

from tests.fakes.site import Site
from web.assets import FOLDER, Assets, assets

CSS = "tocsin.css"


@pytest.mark.parametrize(
    ("prefix", "keep"),
    [(assets().prefix, "public, max-age=31536000, immutable"), ("/static", "no-cache")],
)
async def test_a_file_is_served_whole(peopled: Site, prefix: str, keep: str) -> None:
    """Its bytes, its type, and how long it may be kept; without a login."""
    async with peopled.client() as client:
        answer = await client.get(f"{prefix}/{CSS}")
    assert answer.content == (FOLDER / CSS).read_bytes()
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == keep


async def test_a_known_file_is_not_sent_again(peopled: Site) -> None:
    """304 without a body while the hash is the same, also for the weak form of the tag."""
    async with peopled.client() as client:
        tag = (await client.get(f"/static/{CSS}")).headers["ETag"]
        for known in (tag, f'"other", W/{tag}'):
            answer = await client.get(f"/static/{CSS}", headers={"If-None-Match": known})
            assert (answer.status_code, answer.content) == (304, b"")
        answer = await client.get(f"/static/{CSS}", headers={"If-None-Match": '"other"'})
        assert answer.status_code == 200


async def test_large_files_are_packed_beforehand(peopled: Site) -> None:
    """Whoever accepts gzip gets less; whoever does not gets the file."""
    async with peopled.client(**{"Accept-Encoding": "gzip"}) as client:
        request = client.build_request("GET", f"/static/{CSS}")
        answer = await client.send(request, stream=True)
        packed = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed) == (FOLDER / CSS).read_bytes()
    async with peopled.client(**{"Accept-Encoding": "identity"}) as client:
        answer = await client.get(f"/static/{CSS}")
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    "path", ["", "none.css", "../app.py", "..%2fapp.py", "%2fetc%2fpasswd", "0000/tocsin.css"]
)
async def test_nothing_else_is_served(peopled: Site, path: str) -> None:
    """Only the files that were read at the start exist."""
    async with peopled.client() as client:
        assert (await client.get(f"/static/{path}")).status_code in (401, 404)


def test_the_version_follows_every_file(tmp_path: Path) -> None:
    """Any change of any file is another version; the same files are the same."""

    def version() -> str:
        made: Assets = assets.__wrapped__(tmp_path)
        return made.version

    (tmp_path / "a.css").write_text("a {}")
    first = version()
    assert version() == first
    (tmp_path / "b.js").write_text("")
    assert version() != first
