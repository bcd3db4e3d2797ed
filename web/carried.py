"""What a request carries: headers, cookies, its local address, a body that is counted."""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from starlette.types import Scope

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def header(scope: Scope, name: bytes) -> str:
    """The header ``name`` (lower case), or ""; the first where it is repeated."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return ""
