"""Logs: one line per event, ids on each, and never a secret."""

import base64
import json
import logging
import subprocess
import sys
from typing import Any
from urllib.parse import quote

import pytest
import structlog

from bot import logs

SECRET = "canary/secret+with&signs"


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def configure(as_json: bool = True) -> Any:
    logs.configure("info", as_json=as_json, secrets=[SECRET])
    return structlog.get_logger()


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET, safe=""),
        base64.b64encode(f"user:{SECRET}".encode()).decode(),
        f"postgresql://u:{SECRET}@h/d",
    ],
    ids=["plain", "in an address", "in base 64", "as a password"],
)
@pytest.mark.parametrize("as_json", [True, False], ids=["json", "console"])
def test_a_known_secret_is_masked_wherever_it_stands(
    capsys: pytest.CaptureFixture[str], written: str, as_json: bool
) -> None:
    """In the event, in values however deep, in keys, in tracebacks and in what libraries log."""
    log = configure(as_json)
    log.info(f"event {written}", value=written, deep={"list": [{"key": written}], written: 1})
    logging.getLogger("library").warning("told %s", written)
    try:
        raise ValueError(written)
    except ValueError:
        log.exception("failed")
    out = capsys.readouterr().out
    assert written not in out
    assert "canary" not in out
    assert logs.MASK in out


def test_line_breaks_and_control_characters_cannot_forge_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What comes from outside stays within its line; direction overrides are shown."""
    configure().info("alert\n{}", name="x\x1b[31m\r\nfaked\u2028\u202e")
    (event,) = logged(capsys)
    assert event["event"] == "alert\\n{}"
    assert event["name"] == "x\\x1b[31m\\r\\nfaked\\u2028\\u202e"


def test_a_traceback_keeps_its_lines_but_none_looks_like_an_event(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On a console every line of it is indented."""
    log = configure(as_json=False)
    try:
        raise ValueError("first\n2026-11-21T12:00:00Z [info ] forged")
    except ValueError:
        log.exception("failed")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 3
    assert all(line.startswith("  ") for line in lines[1:])


def test_ids_of_the_task_stand_on_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The chain of causes can be followed from line to line, library lines included."""
    log = configure()
    logs.correlate(correlation="c1", absent=None)
    log.info("one")
    logging.getLogger("library").warning("two")
    assert [event["correlation"] for event in logged(capsys)] == ["c1", "c1"]


def test_less_than_the_level_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither by us nor by libraries."""
    logs.configure("warning", as_json=True, secrets=[])
    structlog.get_logger().info("quiet")
    logging.getLogger("library").info("quiet")
    structlog.get_logger().warning("loud")
    assert [event["event"] for event in logged(capsys)] == ["loud"]


VALID = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("header", "trace"),
    [
        (VALID, "4bf92f3577b34da6a3ce929d0e0e4736"),
        (b"00-" + b"0" * 32 + b"-00f067aa0ba902b7-01", None),
        (VALID.upper(), None),
        (VALID + b"x", None),
        (b"", None),
    ],
)
def test_a_callers_trace_is_taken_over_only_where_it_is_valid(header: bytes, trace) -> None:
    """W3C trace context: anything else is not a trace."""
    assert logs.trace_of({b"traceparent": header}) == trace


@pytest.mark.parametrize(("sent", "logged_as"), [(VALID, VALID.decode()[3:35]), (b"no", "own")])
async def test_everything_logged_for_a_request_carries_its_trace(
    capsys: pytest.CaptureFixture[str], sent: bytes, logged_as: str
) -> None:
    """The caller's, or one of our own; and it ends with the request."""
    log = configure()

    async def app(scope, receive, send) -> None:
        log.info("inside")

    scope = {"type": "http", "headers": [(b"traceparent", sent)]}
    await logs.Traced(app, lambda: "own")(scope, None, None)
    log.info("outside")
    inside, outside = logged(capsys)
    assert inside["trace"] == logged_as
    assert "trace" not in outside


def test_nothing_is_masked_where_no_secret_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    """A fresh demo has no secrets in its settings."""
    logs.configure("info", as_json=True, secrets=[])
    structlog.get_logger().info("hello", value=None, number=1.5, flag=True, kind=int)
    (event,) = logged(capsys)
    assert (event["value"], event["number"], event["flag"]) == (None, 1.5, True)
    assert event["kind"] == "<class 'int'>"


def test_logging_is_for_standard_output() -> None:
    """Whoever runs the process decides where it goes."""
    script = (
        "from bot import logs; import structlog;"
        "logs.configure('info', as_json=True, secrets=[]); structlog.get_logger().info('hello')"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert b"hello" in ran.stdout
    assert ran.stderr == b""
