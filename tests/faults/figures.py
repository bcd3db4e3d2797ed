"""What long runs measured, kept in one file that others read: the README and the dashboard.

The file is ``var/reliability.json``, or what ``RELIABILITY_FILE`` names.
"""

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def record(figure: str, **measured: Any) -> None:
    """Put a figure in the place of its last run, with the commit and the time of this one."""
    file = Path(os.environ.get("RELIABILITY_FILE", ROOT / "var" / "reliability.json"))
    figures = json.loads(file.read_text()) if file.exists() else {}
    run = {"commit": _commit(), "date": datetime.now(UTC).isoformat(timespec="seconds")}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(figures | {figure: measured | run}, indent=2) + "\n")


def _commit() -> str:
    """The commit that was tested; empty where this is no repository."""
    asked = ["git", "rev-parse", "--short=12", "HEAD"]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return said.stdout.strip()
