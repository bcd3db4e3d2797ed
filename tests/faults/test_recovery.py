"""After a kill the page that was in hand is out within ten seconds of the restart (I4)."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from tests.faults.figures import ROOT, record


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_a_page_is_out_within_ten_seconds_of_a_restart(seeded: Path, tmp_path: Path):
    """Wherever between the alert on disk and the ring on record the process died."""
    template = tmp_path / "template"
    template.mkdir()
    url = f"sqlite:///{shutil.copy(seeded, template)}"
    argv = [sys.executable, "-W", "error", "-m", "tests.faults.recovery", url, str(tmp_path)]
    ended = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    took = list(json.loads(ended.stdout).values())
    assert len(took) > 10
    record("restart to ring", n=len(took), longest_s=max(took), median_s=median(took), bound_s=10)
    assert max(took) <= 10
