"""Killed at random moments and with a chat that fails, Tocsin loses no page and doubles none."""

import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.figures import ROOT, record
from tests.faults.killing import Killed


def killed(seeded: Path, home: Path, rounds: int, seed: int) -> Killed:
    """What the program that kills has counted; where it fails, what it said."""
    template = home / "template"
    template.mkdir()
    url = f"sqlite:///{shutil.copy(seeded, template)}"
    argv = [sys.executable, "-W", "error", "-m", "tests.faults.killing"]
    told = [url, str(home), str(rounds), str(seed)]
    ended = subprocess.run([*argv, *told], capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    return Killed.model_validate_json(ended.stdout)


def test_a_few_random_kills_lose_nothing(seeded, tmp_path):
    """Three rounds, about eight kills."""
    found = killed(seeded, tmp_path, rounds=3, seed=3)
    assert found.complaints == {}
    assert found.pages >= 3


@pytest.mark.faults
@pytest.mark.timeout(7200)
def test_random_kills_lose_nothing(seeded, tmp_path):
    """300 rounds, or KILL_ROUNDS; KILL_SEED repeats a run."""
    rounds = int(os.environ.get("KILL_ROUNDS", "300"))
    seed = int(os.environ.get("KILL_SEED", secrets.randbelow(2**32)))
    found = killed(seeded, tmp_path, rounds, seed)
    said = [one for complaints in found.complaints.values() for one in complaints]
    record(
        "random kills with chat faults",
        n=found.rounds,
        seed=found.seed,
        kills=found.kills,
        pages=found.pages,
        messages=found.messages,
        pages_lost=sum(one.startswith("i2_no_page") for one in said),
        pages_doubled=sum(one.startswith("i3_") for one in said),
    )
    assert found.complaints == {}
    assert found.kills >= rounds
