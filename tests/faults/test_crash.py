"""A process killed at a boundary loses no page and doubles none; the next one finishes its work."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.crash import Survey
from tests.faults.figures import ROOT, record
from tests.faults.story import CHAPTERS

CHAPTER = {chapter.__name__: number for number, chapter in enumerate(CHAPTERS)}
DEATHS = [("alert", 10), ("step", 5), ("answer", 5), ("end", 4)]
SEEN = [
    ("a worker that marks a job done before it is", "i2_no_page_is_lost"),
    ("a key made at each try", "i3_never_too_often"),
]
DEATHS_ON_POSTGRESQL = [("alert", 3), ("step", 2)]


@pytest.fixture
def file_url(seeded: Path, tmp_path: Path) -> str:
    """A seeded SQLite database in the directory that each run copies."""
    home = tmp_path / "template"
    home.mkdir()
    return f"sqlite:///{shutil.copy(seeded, home)}"


def survey(url: str, home: Path, chapter: str, *told: int | str) -> Survey:
    """What the program that kills has found; where it fails, what it said."""
    (home / "template").mkdir(exist_ok=True)
    argv = [sys.executable, "-W", "error", "-m", "tests.faults.crash"]
    argv += [url, str(home), str(CHAPTER[chapter]), *(str(one) for one in told)]
    ended = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    return Survey.model_validate_json(ended.stdout)


def whole(found: Survey, database: str) -> None:
    """Every boundary was a death, and nothing was wrong after any; the figure is kept."""
    assert found.complaints == {}
    assert found.killed >= 0.95 * len(found.boundaries)
    record(
        f"crash at every boundary, {database}, {found.chapter}",
        boundaries=len(found.boundaries),
        deaths=found.killed,
        pages_lost=0,
        pages_doubled=0,
    )


@pytest.mark.parametrize(("chapter", "deaths"), DEATHS)
def test_a_crash_loses_nothing_and_doubles_nothing(chapter, deaths, file_url, tmp_path):
    """So many boundaries of each chapter, on SQLite."""
    found = survey(file_url, tmp_path, chapter, deaths)
    assert found.complaints == {}
    assert found.killed >= deaths - 1


@pytest.mark.postgres
@pytest.mark.parametrize(("chapter", "deaths"), DEATHS_ON_POSTGRESQL)
def test_a_crash_on_postgresql_loses_nothing(chapter, deaths, server_url, tmp_path):
    """A few boundaries where pages are made, on PostgreSQL."""
    found = survey(server_url, tmp_path, chapter, deaths)
    assert found.complaints == {}
    assert found.killed >= deaths - 1


@pytest.mark.faults
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("chapter", CHAPTER)
def test_a_crash_at_any_boundary_loses_nothing(chapter, file_url, tmp_path):
    """Every boundary once, on SQLite."""
    whole(survey(file_url, tmp_path, chapter), "SQLite")


@pytest.mark.faults
@pytest.mark.postgres
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("chapter", CHAPTER)
def test_a_crash_at_any_boundary_on_postgresql_loses_nothing(chapter, server_url, tmp_path):
    """Every boundary once, on PostgreSQL."""
    whole(survey(server_url, tmp_path, chapter), "PostgreSQL")


@pytest.mark.parametrize(("fault", "invariant"), SEEN)
def test_a_seeded_fault_is_seen(fault, invariant, file_url, tmp_path):
    """What only a crash brings to light is brought to light."""
    found = survey(file_url, tmp_path, "step", 13, fault)
    assert "undisturbed" not in found.complaints
    assert invariant in str(found.complaints)
