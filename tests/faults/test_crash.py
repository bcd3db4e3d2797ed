"""A process killed at a boundary loses no page and doubles none; the next one finishes its work."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.crash import Survey
from tests.faults.story import CHAPTERS

ROOT = Path(__file__).parents[2]
CHAPTER = {chapter.__name__: number for number, chapter in enumerate(CHAPTERS)}
DEATHS = [("alert", 24), ("step", 12), ("answer", 12), ("end", 8)]
DEATHS_ON_POSTGRESQL = [("alert", 5), ("step", 3)]


@pytest.fixture
def file_url(seeded: Path, tmp_path: Path) -> str:
    """A seeded SQLite database in the directory that each run copies."""
    home = tmp_path / "template"
    home.mkdir()
    return f"sqlite:///{shutil.copy(seeded, home)}"


def survey(url: str, home: Path, chapter: str, *deaths: int) -> Survey:
    """What the program that kills has found; where it fails, what it said."""
    (home / "template").mkdir(exist_ok=True)
    argv = [sys.executable, "-W", "error", "-m", "tests.faults.crash"]
    told = [url, str(home), str(CHAPTER[chapter]), *(str(count) for count in deaths)]
    ended = subprocess.run([*argv, *told], capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    found = Survey.model_validate_json(ended.stdout)
    assert found.complaints == {}
    return found


@pytest.mark.parametrize(("chapter", "deaths"), DEATHS)
def test_a_crash_loses_nothing_and_doubles_nothing(chapter, deaths, file_url, tmp_path):
    """So many boundaries of each chapter, on SQLite."""
    assert survey(file_url, tmp_path, chapter, deaths).killed >= deaths - 1


@pytest.mark.postgres
@pytest.mark.parametrize(("chapter", "deaths"), DEATHS_ON_POSTGRESQL)
def test_a_crash_on_postgresql_loses_nothing(chapter, deaths, server_url, tmp_path):
    """A few boundaries where pages are made, on PostgreSQL."""
    assert survey(server_url, tmp_path, chapter, deaths).killed >= deaths - 1


@pytest.mark.faults
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("chapter", CHAPTER)
def test_a_crash_at_any_boundary_loses_nothing(chapter, file_url, tmp_path):
    """Every boundary once, on SQLite."""
    found = survey(file_url, tmp_path, chapter)
    assert found.killed >= 0.95 * len(found.boundaries)


@pytest.mark.faults
@pytest.mark.postgres
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("chapter", CHAPTER)
def test_a_crash_at_any_boundary_on_postgresql_loses_nothing(chapter, server_url, tmp_path):
    """Every boundary once, on PostgreSQL."""
    found = survey(server_url, tmp_path, chapter)
    assert found.killed >= 0.95 * len(found.boundaries)
