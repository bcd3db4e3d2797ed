"""Whoever asks the web of a Tocsin without a server between: browsers, senders, telephones."""

import httpx2

from bot.site import build_site
from tests.fakes.tocsin import Tocsin

HERE = "http://127.0.0.1:8000"


def web_client(tocsin: Tocsin, **headers: str) -> httpx2.AsyncClient:
    """A client of the whole site, by ASGI; it follows no redirect."""
    transport = httpx2.ASGITransport(app=build_site(tocsin.parts))
    return httpx2.AsyncClient(transport=transport, base_url=HERE, headers=headers)
