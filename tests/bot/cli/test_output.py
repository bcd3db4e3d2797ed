"""Tables for people, JSON for programs."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import typer

from bot.cli import output


def test_a_table_is_aligned_and_shows_what_is_missing() -> None:
    """Columns are as wide as their widest cell; nothing is a dash, a list is joined."""
    noon = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    rows: list[dict[str, Any]] = [
        {"name": "bob", "roles": ["viewer", "admin"], "seen": noon},
        {"name": "someone", "roles": [], "seen": None},
    ]
    assert list(output.table(rows)) == [
        "name     roles          seen",
        "bob      admin, viewer  2026-11-21 12:00 UTC",
        "someone                 –",
    ]


def test_programs_get_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Instants in ISO 8601, sets as lists."""
    output.print_json({"at": datetime(2026, 1, 1, tzinfo=UTC), "in": {"b", "a"}, "x": object})
    told = json.loads(capsys.readouterr().out)
    assert told["at"] == "2026-01-01T00:00:00+00:00"
    assert told["in"] == ["a", "b"]


def test_common_flags_may_stand_anywhere() -> None:
    """They are taken out before the command sees its words."""
    words = output.without_common(["--json", "incident", "--dry-run", "list"])
    assert words == ["incident", "list"]
    assert output.wants_json()
    assert output.dry_run()
    output._json.set(False)
    output._dry.set(False)


def test_a_failure_goes_to_standard_error_with_its_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Standard output stays clean for what was asked for."""
    with pytest.raises(typer.Exit) as ended:
        output.fail("No.", output.DENIED)
    assert ended.value.exit_code == output.DENIED
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "No.\n")
