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


def test_rotations_are_computed_and_expectations_are_not_looked_at(tmp_path: Path):
    """An hour that the clock skips moves its handoff to the next instant that there is."""
    case = {
        "id": "spring",
        "kind": "handoffs_between",
        "timezone": "America/Chicago",
        "rotation": {"type": "daily", "shift_length": 1, "start_local": "2026-03-06T02:30:00"},
        "window_local": ["2026-03-08T00:00:00", "2026-03-08T12:00:00"],
        "expected_handoffs": ["wrong"],
    }
    ends = {
        "id": "month",
        "kind": "shift_end",
        "timezone": "UTC",
        "rotation": {"type": "monthly", "shift_length": 1, "start_local": "2026-02-01T00:00:00"},
        "at_local": "2026-02-03T00:00:00",
    }
    source, out = tmp_path / "in.json", tmp_path / "out.json"
    source.write_text(json.dumps([case, ends]))
    assert (
        CliRunner().invoke(app, ["oncall", "--in", str(source), "--out", str(out)]).exit_code == 0
    )
    handoffs = [
        "2026-03-07T02:30:00-06:00", "2026-03-08T03:00:00-05:00", "2026-03-09T02:30:00-05:00",
    ]  # fmt: skip
    assert json.loads(out.read_text()) == [
        {"id": "spring", "expected_handoffs": handoffs},
        {
            "id": "month",
            "expected_end_local": "2026-03-01T00:00:00",
            "expected_duration_s": 28 * 24 * 3600,
        },
    ]


def test_the_likeliest_runbooks_are_named_by_their_paths(tmp_path: Path):
    """What is hidden or labelled is not looked at: the words alone find the page."""
    folder = tmp_path / "books"
    (folder / "store").mkdir(parents=True)
    (folder / "store" / "DiskFull.md").write_text("---\ntitle: Disk full\n---\nRemove old files.")
    (folder / "QueueLong.md").write_text("# QueueLong\nAdd workers.")
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    hidden = {"alert_name_hidden": "QueueLong", "label_runbooks": ["QueueLong.md"]}
    source.write_text(json.dumps({"id": "q-1", "query": "The disk is nearly full"} | hidden))
    words = ["runbook", "--in", str(source), "--runbooks", str(folder), "--out", str(out)]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert json.loads(out.read_text()) == {"id": "q-1", "ranked": ["store/DiskFull.md"]}


def test_figures_have_their_interval_and_number(tmp_path: Path):
    """Of labelled incidents and of runbooks, where both are there."""
    for name in ("incidents_cloud", "runbook_queries", "runbooks"):
        (tmp_path / name).mkdir()
    incidents = tmp_path / "incidents_cloud" / "incidents.jsonl"
    incidents.write_text(json.dumps(ROW | {"label_service_category": "storage"}))
    (tmp_path / "runbooks" / "DiskFull.md").write_text("# DiskFull\nRemove old files.")
    query = {"id": "q", "query": "disk nearly full", "label_runbooks": ["DiskFull.md"]}
    other = {"id": "r", "query": "quite something else", "label_runbooks": ["DiskFull.md"]}
    queries = tmp_path / "runbook_queries" / "queries.jsonl"
    queries.write_text(f"{json.dumps(query)}\n{json.dumps(other)}\n")
    told = CliRunner().invoke(app, ["recorded", "--data", str(tmp_path)]).stdout
    assert "title and first update: 1.000 ± 0.000 (n = 1)" in told
    assert "the right runbook among the first 3: 0.500 ± 0.693 (n = 2)" in told
    assert "the right runbook, 1 / its place: 0.500 ± 0.693 (n = 2)" in told
