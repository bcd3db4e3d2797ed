"""A Tocsin killed at any point of a rollback asks the pipeline no second time (I9)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.figures import ROOT, record
from tests.faults.rollback_deaths import Deaths


def died(url: str, home: Path, *deaths: str) -> Deaths:
    """What the program that kills has found; where it fails, what it said."""
    (home / "template").mkdir(exist_ok=True)
    argv = [sys.executable, "-W", "error", "-m", "tests.faults.rollback_deaths"]
    told = [url, str(home), *deaths]
    ended = subprocess.run([*argv, *told], capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    return Deaths.model_validate_json(ended.stdout)


def kept(found: Deaths, database: str) -> None:
    """The figure, and nothing was wrong after any death."""
    wrong = [one for told in found.complaints.values() for one in told]
    record(
        f"kill -9 at every boundary of a rollback and its undo, {database}",
        boundaries=len(found.boundaries),
        deaths=found.killed,
        unknown=found.unknown,
        asked=found.asked,
        double_executions=sum("times" in one for one in wrong),
    )
    assert found.complaints == {}
    assert found.unknown > 0


@pytest.mark.faults
@pytest.mark.timeout(7200)
def test_deaths_at_every_boundary_of_a_rollback(seeded: Path, tmp_path: Path):
    """Every boundary once, or ROLLBACK_DEATHS of them: what nobody saw the end of is unknown, and
    while the pipeline works the next process looks on."""
    (tmp_path / "template").mkdir()
    url = f"sqlite:///{shutil.copy(seeded, tmp_path / 'template')}"
    kept(died(url, tmp_path, *os.environ.get("ROLLBACK_DEATHS", "").split()), "SQLite")


@pytest.mark.faults
@pytest.mark.timeout(7200)
def test_deaths_of_a_rollback_on_postgresql(server_url: str, tmp_path: Path):
    """The same there, at some."""
    kept(died(server_url, tmp_path, os.environ.get("ROLLBACK_DEATHS", "40")), "PostgreSQL")
