"""A Web API of Slack on loopback that answers as it is told, and remembers what it was asked."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

Answer = dict[str, Any]


@dataclass
class SlackWeb:
    """``answers`` by method; everything else is refused as unknown. ``scopes`` stand in the header
    of each answer."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def _fields(kind: str, body: str) -> dict[str, str]:
    if kind.startswith("application/json"):
        return dict(json.loads(body))
    return {name: values[0] for name, values in parse_qs(body).items()}


@contextmanager
def slack_web(answers: Mapping[str, Answer]) -> Iterator[SlackWeb]:
    """Serve for the length of the block."""
    made = SlackWeb(answers=dict(answers))

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
            self.send_response(200)
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
