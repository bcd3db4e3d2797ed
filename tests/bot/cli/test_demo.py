"""The demo as a person runs it: a process of its own, asked by other commands."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.cli.output import DENIED, NOT_FOUND, OK, UNAVAILABLE, USAGE
from bot.cli.root import main
from bot.demo.scenarios import example
from tests.fakes.child import free_port

ROOT = Path(__file__).parents[3]
RECORDED = ROOT / "tests" / "payloads" / "webhooks_live" / "deliveries"
PATIENCE_S = 60


@dataclass
class Demo:
    """A running demo, and how to run other commands beside it."""

    process: subprocess.Popen[str]
    data_dir: Path
    environment: dict[str, str]

    @property
    def told(self) -> Any:
        return json.loads((self.data_dir / "demo.json").read_text())


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@dataclass
class Shell:
    """Runs commands in this process, as if typed beside a demo."""

    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    demo: Demo

    def run(self, *words: str, **more: str) -> Ran:
        """Run a command, told what the demo is told, and ``more``."""
        with self.monkeypatch.context() as told, pytest.raises(SystemExit) as end:
            for name, value in (self.demo.environment | more).items():
                told.setenv(name, value)
            copy_context().run(main, words)
        printed = self.capsys.readouterr()
        return Ran(int(end.value.code or 0), printed.out, printed.err)

    def ask(self, *words: str) -> Any:
        """What a command answers that must succeed."""
        ran = self.run(*words)
        assert ran.code == OK, ran.err
        return json.loads(ran.out)


def start(data_dir: Path, *words: str) -> Demo:
    """Start the demo, and wait until it has said that it is ready."""
    environment = {
        "PATH": os.defpath,
        "TOCSIN_DATA_DIR": str(data_dir),
        "PORT": str(free_port()),
        "LOG_LEVEL": "warning",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", "--no-browser", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    assert process.stdout
    for line in process.stdout:
        if "Press Enter" in line:
            return Demo(process, data_dir, environment)
    raise AssertionError(f"the demo ended with {process.wait()}")


def end(demo: Demo, how: int = signal.SIGTERM) -> int:
    """Stop the demo; its exit code."""
    demo.process.send_signal(how)
    code = demo.process.wait(PATIENCE_S)
    assert demo.process.stdout
    demo.process.stdout.close()
    return code


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for this module, with INC-13 open."""
    made = start(tmp_path_factory.mktemp("demo") / "data")
    try:
        break_something(made.told)
        yield made
    finally:
        end(made)


def break_something(told: Any) -> None:
    """An alert arrives, and everything that follows at once has happened."""
    with httpx2.Client(base_url=told["url"], timeout=PATIENCE_S) as client:
        hooks = {"Authorization": f"Bearer {told['hooks_token']}"}
        body = example("alertmanager", datetime.now(UTC))
        client.post("/hooks/alertmanager", json=body, headers=hooks).raise_for_status()
        alice = {"Authorization": f"Bearer {told['tokens']['alice']}"}
        moved = client.post("/console/api/clock", json={"advance": "PT1S"}, headers=alice)
        moved.raise_for_status()


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, demo: Demo) -> Shell:
    """A shell beside the demo."""
    return Shell(capsys, monkeypatch, demo)


def test_programs_find_it_by_a_file_that_only_its_owner_reads(demo: Demo) -> None:
    """Address and tokens, for as long as it runs."""
    assert set(demo.told) == {"url", "tokens", "hooks_token"}
    assert set(demo.told["tokens"]) == {"alice", "bob", "carol", "dave"}
    assert (demo.data_dir / "demo.json").stat().st_mode & 0o777 == 0o600
    assert httpx2.get(f"{demo.told['url']}/healthz").status_code == 200


def test_an_incident_is_worked_on_by_commands(shell: Shell) -> None:
    """Listed, acknowledged by the person on call, shown; a dry run changes nothing."""
    assert "38 % of queries fail" in shell.ask("incident", "list")["text"]
    dry = shell.ask("incident", "ack", "INC-13", "--as", "bob", "--dry-run")
    assert dry["dry_run"] is True
    done = shell.ask("incident", "ack", "INC-13", "--as", "bob")
    assert "Bob" in done["text"]
    assert shell.ask("incident", "show", "INC-13")["refused"] is False


def test_a_scenario_and_a_recording_go_through_the_same_door(shell: Shell) -> None:
    """Between deliveries the demo's clock is moved, so that nobody waits."""
    assert shell.ask("send", "alert", "--example", "generic")["accepted"] == 1
    played = shell.ask("send", "alert", "--scenario", "disk-full")
    assert (played["deliveries"], played["dry_run"]) == (2, False)
    assert shell.ask("replay", str(RECORDED / "001.json"))["accepted"] >= 1
    dry = shell.ask("replay", str(RECORDED), "--dry-run")
    assert (dry["accepted"], dry["deliveries"] > 1) == (0, True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("incident", "show", "INC-9999"), NOT_FOUND),
        (("incident", "declare", "x", "--as", "dave"), OK),
        (("incident", "resolve", "INC-1", "done", "--as", "dave"), DENIED),
        (("rollback", "trino", "--as", "bob"), DENIED),
        (("incident", "frobnicate"), USAGE),
        (("incident", "list", "--as", "nobody"), USAGE),
        (("send", "alert", "--example", "nobody"), NOT_FOUND),
        (("send", "alert"), USAGE),
        (("replay", "/nowhere.json"), USAGE),
        (("replay", str(RECORDED / "001.json"), "--source", "nobody"), NOT_FOUND),
        (("replay", str(RECORDED / "001.json"), "--token", "wrong"), DENIED),
        (("send", "alert", "--example", "grafana", "--to", "http://127.0.0.1:9"), UNAVAILABLE),
    ],
)
def test_the_exit_code_says_how_it_went(shell: Shell, words: tuple[str, ...], code: int) -> None:
    """0 done, 2 usage, 3 not found, 4 denied or waiting for approval, 5 unavailable."""
    done = shell.run(*words)
    assert done.code == code, (done.out, done.err)


def test_without_a_token_nobody_is_asked(shell: Shell) -> None:
    """The sentence says how to get one; a wrong one is denied."""
    alone = shell.run("incident", "list", TOCSIN_URL=shell.demo.told["url"])
    assert alone.code == DENIED
    assert "tocsin token create" in alone.err
    wrong = shell.run("incident", "list", TOCSIN_URL=shell.demo.told["url"], TOCSIN_TOKEN="wrong")
    assert wrong.code == DENIED


def test_operating_commands_work_beside_it(shell: Shell) -> None:
    """On the same file, while it serves: people, trail, doctor, what a model would be told."""
    assert len(json.loads(shell.run("user", "list").out)) == 4
    assert shell.ask("audit", "verify")["problems"] == []
    doctor = shell.run("doctor")
    assert doctor.code == OK, doctor.out
    previewed = json.loads(shell.run("llm", "preview", "INC-13").out)
    assert {"catchup@1", "postmortem@1"} <= {one["prompt"] for one in previewed}


def test_the_chat_of_a_terminal_reaches_it(demo: Demo) -> None:
    """Who begins is said by a flag; the end of the input ends it."""
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "chat", "--as", "bob"],
        input="/room\n/quit\n",
        capture_output=True,
        check=True,
        text=True,
        cwd=ROOT,
        env=demo.environment,
        timeout=PATIENCE_S,
    )
    assert "incidents" in ran.stdout


def test_a_second_server_on_the_same_data_is_refused(shell: Shell) -> None:
    """With the directory that is taken."""
    second = shell.run("up", PORT=str(free_port()))
    assert second.code == 1
    assert str(shell.demo.data_dir) in second.err


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_good_order_and_can_be_started_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, how: int
) -> None:
    """Its file goes with it; a new start has new tokens for the same company and clock."""
    first = start(tmp_path / "data", "--scenario", "false-alarm")
    tokens = first.told["tokens"]
    assert end(first, how) == OK
    assert not (tmp_path / "data" / "demo.json").exists()
    again = start(tmp_path / "data")
    shell = Shell(capsys, monkeypatch, again)
    try:
        assert again.told["tokens"].keys() == tokens.keys()
        assert again.told["tokens"]["alice"] != tokens["alice"]
        old = {"Authorization": f"Bearer {tokens['alice']}"}
        answer = httpx2.get(f"{again.told['url']}/api/v1/incidents", headers=old)
        assert answer.status_code == 401
        real = shell.run("up", TOCSIN_DATA_DIR=str(tmp_path / "other"), DATABASE_URL="")
        assert "Cannot listen" in real.err
    finally:
        end(again)
    refused = shell.run("up")
    assert refused.code == USAGE
    assert "made-up people" in refused.err
