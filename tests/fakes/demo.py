"""The demo as a process of its own, as `make demo` starts it, over a folder of its own."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx2

from bot.demo.bodies import Condition, Firing, alertmanager_body
from tests.fakes.child import Account, Child, free_port


@dataclass(frozen=True)
class Demo:
    """A running demo, and the secrets it wrote down."""

    url: str
    tokens: dict[str, str]
    hooks_token: str

    def fire(self, conditions: Sequence[Condition]) -> None:
        """These alerts begin to fire now, in one delivery through the real door."""
        body = alertmanager_body(
            [Firing(condition=one, starts_at=self.now()) for one in conditions]
        )
        answer = httpx2.post(
            f"{self.url}/hooks/alertmanager", json=body, headers=_bearer(self.hooks_token)
        )
        assert answer.status_code == 202, answer.text

    def now(self) -> datetime:
        """What the demo's clock says."""
        me = httpx2.get(f"{self.url}/console/api/me", headers=_bearer(self.tokens["alice"]))
        return datetime.fromisoformat(me.json()["now"])


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """A demo that ends with the block."""
    told = folder / "var" / "demo.json"
    argv = [sys.executable, "-m", "bot", "demo", "--no-browser", "--port", str(free_port())]
    child = Child(argv, folder / "demo.log", "TERM", Account())
    child.wait_until(told.exists)
    try:
        yield Demo(**json.loads(told.read_text()))
    finally:
        child.stop()


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
