"""A process killed at a boundary of a page loses none, whatever way it rings by, and doubles it
only where a provider can neither be asked nor tell a repeat."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.figures import ROOT, record
from tests.faults.ways import WAYS, Survey


def survey(seeded: Path, home: Path, *told: str) -> Survey:
    """What the program that kills has found; where it fails, what it said."""
    template = home / "template"
    template.mkdir()
    url = f"sqlite:///{shutil.copy(seeded, template)}"
    argv = [sys.executable, "-W", "error", "-m", "tests.faults.ways", url, str(home), *told]
    ended = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    return Survey.model_validate_json(ended.stdout)


@pytest.mark.faults
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.kind)
def test_a_crash_at_any_boundary_loses_no_page(way, seeded, tmp_path):
    """Every boundary once: 0 lost; extra at most one for each unknown outcome, and none where a
    repeat is known for one."""
    found = survey(seeded, tmp_path, way.kind)
    record(
        f"crash at every boundary, SQLite, by {way.kind}",
        boundaries=len(found.boundaries),
        deaths=found.killed,
        messages=found.sent,
        pages_lost=found.lost,
        extra=found.extra,
        unknown_outcomes=found.unknown,
    )
    assert found.complaints == {}
    assert found.lost == 0
    assert found.extra <= (0 if way.knows_repeats else found.unknown)
    assert found.killed >= 0.95 * len(found.boundaries)
