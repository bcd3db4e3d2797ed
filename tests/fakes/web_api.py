"""A web API on loopback that answers as it is told, and remembers what it was asked."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

Answer = Any
DISCORD_GUILDS = [
    {"id": "7001", "name": "Acme", "permissions": "8"},
    {"id": "7002", "name": "Friends", "permissions": "0"},
]
_BOT = {"id": "1", "username": "tocsin", "discriminator": "0", "avatar": None, "bot": True}
_APPLICATION = {
    "id": "42",
    "name": "Tocsin",
    "description": "",
    "icon": None,
    "summary": "",
    "bot_public": False,
    "bot_require_code_grant": False,
    "verify_key": "k",
    "flags": 0,
    "owner": _BOT,
    "team": None,
}
# What Discord says of a bot that is in the first of these servers.
DISCORD_ANSWERS = {
    "users/@me": _BOT,
    "oauth2/applications/@me": _APPLICATION,
    "users/@me/guilds": DISCORD_GUILDS[:1],
    "guilds/7001/channels": [{"id": "5", "name": "incidents", "type": 0}],
    "channels/5/messages": {"id": "6"},
}


@dataclass
class WebApi:
    """``answers`` by what stands after ``/api/`` in the address; everything else is refused as
    unknown, and everything with ``refuses`` as its status. ``scopes`` are Slack's header."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    refuses: int = 200
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def _fields(kind: str, body: str) -> dict[str, str]:
    if kind.startswith("application/json"):
        return dict(json.loads(body))
    return {name: values[0] for name, values in parse_qs(body).items()}


@contextmanager
def web_api(answers: Mapping[str, Answer]) -> Iterator[WebApi]:
    """Serve for the length of the block."""
    made = WebApi(answers=dict(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            method = self.path.partition("?")[0].removeprefix("/api/")
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            fields = _fields(self.headers.get("Content-Type", ""), body)
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            made.asked.append((method, fields | {"token": token}))
            answer = made.answers.get(method, {"ok": False, "error": "unknown_method"})
            self.send_response(made.refuses)
            self.send_header("Content-Type", "application/json")
            if made.scopes:
                self.send_header("X-OAuth-Scopes", ",".join(made.scopes))
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_words: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/api"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
