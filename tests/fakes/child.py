"""A server program that lives no longer than the tests that started it, however they end."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The shell holds the read end of a pipe: when the writer closes it, or dies, the server is told.
GUARD = '"$@" & child=$!; read -r line; kill -s "$STOP_SIGNAL" $child; wait $child'
SECONDS_TO_START = 30.0


class NotStarted(Exception):
    """The server did not answer in time; the message ends with its log."""


@dataclass(frozen=True)
class Account:
    """The user a server runs as; ``None`` in both fields is the user of the tests."""

    user: int | None = None
    group: int | None = None

    def options(self) -> dict[str, Any]:
        """Keyword arguments of `subprocess` that make a program run as this account."""
        if self.user is None:
            return {}
        return {"user": self.user, "group": self.group, "extra_groups": ()}


class Child:
    """One run of a server program, its output kept in ``log``."""

    def __init__(self, argv: Sequence[str], log: Path, stop_signal: str, account: Account) -> None:
        self._log = log
        with log.open("ab") as output:
            self._shell = subprocess.Popen(
                ["sh", "-c", GUARD, "sh", *argv],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=log.parent,
                env=_plain_environment(stop_signal),
                start_new_session=True,
                **account.options(),
            )

    def wait_until(self, answers: Callable[[], bool]) -> None:
        """Return once the server answers; raise `NotStarted` after half a minute."""
        deadline = time.monotonic() + SECONDS_TO_START
        while not answers():
            if time.monotonic() > deadline:
                self.stop()
                raise NotStarted(self._log.read_text(errors="replace")[-2000:])
            time.sleep(0.02)

    def stop(self) -> None:
        """Tell the server to end and wait until it has; a second call does nothing."""
        self._shell.communicate()


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _plain_environment(stop_signal: str) -> Mapping[str, str]:
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": path, "LC_ALL": "C", "TZ": "UTC", "STOP_SIGNAL": stop_signal}
