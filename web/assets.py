"""The static files: read once, served from memory, compressed beforehand.

Under ``/static/<version>/`` they may be kept for a year, because the version is the hash of all
of them; under ``/static/`` they are asked for again, and answered 304 while they are the same.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
WORTH_PACKING = 512
TYPES = {
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
# It shows notifications for the whole site, so it must be let to answer for all of it.
MORE = {"push-worker.js": {"Service-Worker-Allowed": "/"}}


@dataclass(frozen=True)
class Asset:
    """One file; ``packed`` is empty where compression gains nothing."""

    body: bytes
    packed: bytes
    media: str
    etag: str
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Assets:
    """Every file by its path below the folder; ``version`` changes with any of them."""

    version: str
    files: Mapping[str, Asset]

    @property
    def prefix(self) -> str:
        """What stands before a file's path where it may be kept for good."""
        return f"/static/{self.version}"

    async def serve(self, request: Request) -> Response:
        """Answer ``/static/{path}``."""
        path = request.path_params["path"]
        version, _, rest = path.partition("/")
        lasting = version == self.version
        asset = self.files.get(rest if lasting else path)
        if asset is None:
            raise HTTPException(404, f"There is no file {path}.")
        return _response(asset, request, FOREVER if lasting else ASK_AGAIN)


@cache
def assets(folder: Path = FOLDER) -> Assets:
    """The files below ``folder`` as they are now; a change needs a restart."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): _asset(path) for path in paths}
    named = "".join(f"{name} {file.etag}\n" for name, file in files.items())
    return Assets(hashlib.sha256(named.encode()).hexdigest()[:16], files)


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    packed = gzip.compress(body, 9, mtime=0)
    media = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return Asset(
        body=body,
        packed=packed if WORTH_PACKING < len(body) > len(packed) else b"",
        media=media or "application/octet-stream",
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        more=MORE.get(path.name, {}),
    )


def _response(asset: Asset, request: Request, keep: str) -> Response:
    headers = {**asset.more, "ETag": asset.etag, "Cache-Control": keep, "Vary": "Accept-Encoding"}
    known = request.headers.get("if-none-match", "")
    if asset.etag in (one.strip().removeprefix("W/") for one in known.split(",")):
        return Response(status_code=304, headers=headers)
    if asset.packed and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.packed, headers=headers, media_type=asset.media)
    return Response(asset.body, headers=headers, media_type=asset.media)
