"""`tocsin eval` writes what the rules say, and only that."""

import json
from pathlib import Path

from typer.testing import CliRunner

from bot.cli.evaluate import app

ROW = {"id": "a-1", "title": "Amazon S3: elevated error rates", "first_update": "Requests fail."}


def test_every_line_is_classified_without_its_labels(tmp_path: Path) -> None:
    """A label in the input changes nothing in the output."""
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [ROW, ROW | {"id": "a-2", "label_service_category": "compute"}]
    source.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    words = ["classify", "--in", str(source), "--out", str(out), "--field", "service_category"]
    assert CliRunner().invoke(app, words).exit_code == 0
    told = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["id"] for row in told] == ["a-1", "a-2"]
    assert told[0]["label"] == told[1]["label"] == "storage"


def test_a_folder_without_the_set_is_said_so(tmp_path: Path) -> None:
    """Nothing was evaluated, and the exit code says so."""
    assert CliRunner().invoke(app, ["recorded", "--data", str(tmp_path)]).exit_code == 3
