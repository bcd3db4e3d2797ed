"""Hostile values through every kind of parameter: refused, or what a shell reads is what was typed.

A step's words are quoted as for the login shell of a server, and a real ``sh -c`` reads them.
"""

import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from domain.errors import Invalid, Refused
from domain.runbook import Runbook
from domain.runbook_plan import PlannedStep
from domain.runbook_render import render
from domain.server import Server

HOSTILE = Path(__file__).parents[4] / "shared" / "data" / "hostile" / "hostile_strings.jsonl"
PRINTF = Path("/usr/bin/printf")
pytestmark = pytest.mark.skipif(
    not (HOSTILE.exists() and PRINTF.exists()), reason="the strings, or printf, are not here"
)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHA"
SERVERS = {"w1": Server(id="w1", host="10.0.0.1", user="ops", host_keys=(KEY,))}
KINDS: dict[str, dict[str, Any]] = {
    "any text": {"pattern": "(?s).*"},
    "usual text": {},
    "number": {"type": "number"},
    "choice": {"type": "choice", "choices": ["a", "b"]},
    "service": {"type": "service"},
    "server": {"type": "server"},
}
MANY = 60


ALL = [11, pytest.param(1, marks=pytest.mark.faults)]
each = pytest.mark.parametrize("every", ALL)


def strings(every: int) -> Iterator[str]:
    """Those that were handed out: a few for each commit, all of them in the long set."""
    for line in HOSTILE.read_text(encoding="utf-8").splitlines()[::every]:
        yield json.loads(line)["s"]


def runbook(kind: str) -> Runbook:
    """One step for each place in which a value may stand."""
    told = {"id": "r", "title": "R", "parameters": [{"name": "value"} | KINDS[kind]]}
    steps = [
        {"name": "run", "command": ["printf", "%s\\0", "${value}", "--x=${value}"]},
        {"name": "ask", "http": {"url": "https://a.example/${value}?q=${value}",
                                 "headers": {"X-A": "b"}, "send": {"v": "${value}"}}},
        {"name": "say", "message": "${value}"},
        {"name": "sql", "sql": {"connection": "main", "read": "SELECT :v::text",
                                "values": {"v": "${value}"}}},
    ]  # fmt: skip
    return Runbook.model_validate(told | {"steps": steps})


def planned(made: Runbook, value: str) -> tuple[PlannedStep, ...] | None:
    """What would be done with it; None where it is refused."""
    try:
        return render(made, {"value": value}, {}, ("trino",), SERVERS).steps
    except Invalid:
        return None


@each
@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_value_is_refused_or_arrives_as_it_is(kind: str, every: int, tmp_path: Path):
    """As one argument, within its part of an address, as one value; and nothing else happens."""
    made, accepted = runbook(kind), []
    for value in strings(every):
        steps = planned(made, value)
        if steps is None:
            continue
        run, ask, say, sql = (one.action for one in steps)
        assert run.command == ("printf", "%s\\0", value, f"--x={value}")
        url = urlsplit(ask.http.url) if ask.http else urlsplit("")
        assert (url.scheme, url.netloc, url.fragment) == ("https", "a.example", "")
        assert url.path.count("/") == 1
        assert ask.http
        assert ask.http.send == {"v": value}
        assert say.message == value
        assert sql.sql
        assert (sql.sql.statement, sql.sql.values) == ("SELECT :v::text", {"v": value})
        accepted.append(run.command)
    if kind != "number":
        assert bool(accepted) == (kind in ("any text", "usual text"))
    for first in range(0, len(accepted), MANY):
        part = accepted[first : first + MANY]
        words = [word for command in part for word in command[2:]]
        assert read_by_a_shell(["printf", "%s\\0", *words], tmp_path) == words
    assert [*tmp_path.iterdir()] == []


def read_by_a_shell(words: list[str], home: Path) -> list[str]:
    """What a program is told by a shell that reads the line."""
    line = shlex.join([str(PRINTF), *words[1:]])
    said = subprocess.run(["sh", "-c", line], capture_output=True, cwd=home, check=True)
    assert said.stderr == b""
    return said.stdout.decode().split("\0")[:-1]


@each
def test_no_hostile_value_names_a_host_or_a_server(every: int):
    """Where a value is the host, or the server or group of a step."""
    parameters = [{"name": "value", "pattern": "(?s).*"}]
    told = {"id": "r", "title": "R", "parameters": parameters}
    host = Runbook.model_validate(
        told | {"steps": [{"name": "ask", "http": {"url": "https://${value}/x"}}]}
    )
    run = {"name": "run", "command": ["true"]}
    server = Runbook.model_validate(told | {"steps": [run | {"server": "${value}"}]})
    group = Runbook.model_validate(told | {"steps": [run | {"for_each": "${value}"}]})
    for value in strings(every):
        if steps := planned(host, value):
            assert steps[0].action.http
            assert urlsplit(steps[0].action.http.url).netloc == value
        for made in (server, group):
            with pytest.raises(Refused):
                render(made, {"value": value}, {}, (), SERVERS)
