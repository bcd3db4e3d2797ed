"""Steps that run a program here: only those named, no shell, and never longer than they may."""

import hashlib
import json
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import Permanent
from domain.run import StepOrder
from domain.runbook import Action
from integrations.infra.local import MOST_BYTES, LocalSteps

PYTHON = sys.executable
STEPS = LocalSteps((PYTHON,))
HOSTILE = Path(__file__).parents[4] / "shared" / "data" / "hostile" / "hostile_strings.jsonl"
MANY = 90
PRINTF = Path("/usr/bin/printf")
ECHO = (
    "import hashlib, json, sys;print(hashlib.sha256(json.dumps(sys.argv[1:]).encode()).hexdigest())"
)


def order(*command: str, seconds: int = 30) -> StepOrder:
    """An order to run ``command``."""
    return StepOrder(key="k", action=Action(command=command), timeout=timedelta(seconds=seconds))


async def test_how_a_program_ends():
    """With its number and what it said; it sees nothing of our environment."""
    code = "import os, sys; print(sorted(os.environ)); sys.exit(3)"
    done = await STEPS.perform(order(PYTHON, "-c", code))
    assert (done.ok, done.exit_code, done.detail) == (False, 3, "ended with 3")
    assert "SECRET" not in done.output
    assert "'PATH'" in done.output
    assert (await STEPS.perform(order(Path(PYTHON).name, "-c", ""))).ok


@pytest.mark.parametrize("program", ["/bin/sh", "sh", "../python", "", "./x", f"{PYTHON} -c"])
async def test_what_nobody_has_named_is_not_run(program: str):
    """By no spelling."""
    with pytest.raises(Permanent, match="an admin names it"):
        await STEPS.perform(order(program or " ", "-c", "echo"))


async def test_output_without_end_and_no_text():
    """Its end is kept, as text."""
    code = (
        "import sys; [sys.stdout.buffer.write(b'\\xff' * 65536) for _ in range(99)]; print('end')"
    )
    heard = bytearray()
    listened = order(PYTHON, "-c", code).model_copy(update={"heard": heard.extend})
    done = await STEPS.perform(listened)
    assert done.ok
    assert len(heard) == 99 * 65536 + len("end\n")
    assert len(done.output) <= MOST_BYTES
    assert done.output.endswith("end\n")


async def test_what_hangs_is_ended_with_all_it_began():
    """And nobody knows what it had done by then."""
    code = "import subprocess, time; print('on', flush=True); subprocess.run(['sleep', '60'])"
    done = await STEPS.perform(order(PYTHON, "-c", code, seconds=2))
    assert done.ok is None
    assert done.output == "on\n"


async def test_a_program_that_is_not_there():
    """Nothing was done."""
    with pytest.raises(Permanent, match="was not begun"):
        await LocalSteps(("/nowhere/at/all",)).perform(order("all"))
    with pytest.raises(Permanent, match="was not begun"):
        await STEPS.perform(order(PYTHON, "a\0b"))


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_arguments_arrive_as_they_are(values: list[str]):
    """Byte for byte: there is no shell."""
    await same(values)


@pytest.mark.skipif(
    not (HOSTILE.exists() and PRINTF.exists()), reason="the strings, or printf, are not here"
)
async def test_hostile_arguments_arrive_as_they_are():
    """Those that were handed out, ninety in one call."""
    lines = HOSTILE.read_text(encoding="utf-8").splitlines()
    values = [json.loads(line)["s"] for line in lines]
    values = [one for one in values if "\0" not in one and one.encode(errors="ignore")]
    for first in range(0, len(values), MANY):
        given = values[first : first + MANY]
        done = await LocalSteps((str(PRINTF),)).perform(order("printf", "%s\\0", *given))
        assert done.output.split("\0")[:-1] == given


async def same(values: list[str]) -> None:
    """What a program is given is what it gets."""
    done = await STEPS.perform(order(PYTHON, "-c", ECHO, *values))
    assert done.output.strip() == digest(values)


def digest(values: list[str]) -> str:
    """One word for all of them."""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()
