"""A Tocsin killed in a step of a run does it no second time, here, by HTTP and by SSH (I9)."""

import asyncio
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from signal import SIGKILL

import pytest

from tests.fakes.sshd import missing, sshd
from tests.faults.figures import ROOT, record
from tests.faults.run_deaths import Deaths, Outside

# Leaves its mark, kills whoever asked where it is told so, and ends.
PROGRAM = """#!/bin/sh
printf '%s\\n' "$1" >> "$2/marks"
if [ -f "$2/fatal-$1" ]; then rm "$2/fatal-$1"; kill -9 "$(cat "$2/victim")"; fi
printf 'done\\n'
"""


class Marks(BaseHTTPRequestHandler):
    """Does over HTTP what the program does."""

    def do_POST(self) -> None:
        home = Path(self.rfile.read(int(self.headers["Content-Length"])).decode())
        name = self.path.removeprefix("/")
        with (home / "marks").open("a") as marks:
            marks.write(f"{name}\n")
        fatal = home / f"fatal-{name}"
        if fatal.exists():
            fatal.unlink()
            os.kill(int((home / "victim").read_text()), SIGKILL)
        with suppress(OSError):
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *_said: object) -> None:
        """Nobody reads it."""


@contextmanager
def marking() -> Iterator[str]:
    """The address of a server that leaves marks."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Marks)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


async def died(seeded: Path, home: Path, *deaths: str) -> Deaths:
    """What the program that kills has found; where it fails, what it said."""
    (home / "template").mkdir()
    program = home / "effect"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    url = f"sqlite:///{shutil.copy(seeded, home / 'template')}"
    (home / "sshd").mkdir()
    async with sshd(home / "sshd") as there:
        with marking() as address:
            outside = Outside(
                url=address, program=str(program), server=there.server(), key=str(there.key)
            )
            argv = [sys.executable, "-W", "error", "-m", "tests.faults.run_deaths"]
            told = [url, str(home), outside.model_dump_json(), *deaths]
            ended = await asyncio.to_thread(_run, [*argv, *told])
    assert ended.returncode == 0, ended.stderr[-4000:]
    return Deaths.model_validate_json(ended.stdout)


def _run(argv: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, check=False)


@pytest.mark.faults
@pytest.mark.timeout(7200)
@pytest.mark.skipif(bool(missing()), reason=missing() or "there is an sshd")
async def test_deaths_at_every_boundary_of_a_run(seeded: Path, tmp_path: Path):
    """Every boundary once, or RUN_DEATHS of them, and within each kind of step: what nobody saw the
    end of is unknown, is never done again by itself, and a person decides."""
    found = await died(seeded, tmp_path, *os.environ.get("RUN_DEATHS", "").split())
    wrong = [one for told in found.complaints.values() for one in told]
    record(
        "kill -9 at every boundary of a run",
        boundaries=len(found.boundaries),
        deaths=found.killed,
        unknown=found.unknown,
        decided_by_a_person=found.decided,
        steps_done=found.done,
        double_executions=sum(" was done " in one for one in wrong),
    )
    assert found.complaints == {}
    assert found.unknown > 0
