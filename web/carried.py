"""What a request carries: headers, a cookie, the place to come back to."""

import re
from urllib.parse import quote

from starlette.requests import cookie_parser
from starlette.types import Scope

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SECRET_PATHS = re.compile(r"^(/hooks/[^/]+|/a|/ical)/.+")


def header(scope: Scope, name: bytes) -> str:
    """The header ``name`` (lower case), the first where it is repeated; or ""."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""


def authorization(scope: Scope) -> str:
    """The Authorization header; "" where it is repeated, as nobody could say which counts."""
    given = [value for key, value in scope["headers"] if key == b"authorization"]
    return str(given[0], "latin-1") if len(given) == 1 else ""


def cookie(scope: Scope, name: str) -> str:
    """The cookie ``name``, or ""."""
    return cookie_parser(header(scope, b"cookie")).get(name, "")


def address(scope: Scope) -> str:
    """Where the request came from: the peer, or whom a trusted proxy names."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def here(scope: Scope) -> str:
    """The path and query of this request, quoted to be a query's value."""
    query = scope["query_string"].decode("latin-1")
    return quote(f"{scope['path']}?{query}" if query else scope["path"], safe="/")


def masked(path: str) -> str:
    """The path as logs may keep it: tokens and codes stand in some (rules.md 13)."""
    return SECRET_PATHS.sub(r"\1/***", path)


def local(target: str) -> str:
    """``target`` where it is an address of ours, else "/": nobody is sent elsewhere."""
    ours = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if ours and target.isprintable() else "/"
