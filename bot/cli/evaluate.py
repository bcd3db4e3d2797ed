"""`tocsin eval`: what rules and rotations make of recorded data, in files anybody can score."""

import json
from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from bot.cli.output import command_line, fail
from bot.cli.vectors import answered, is_right
from domain.classify import Subject, category_of, symptoms_of

TITLES = ("title", "name")
TEXTS = ("first_update", "summary", "description")
WIDTH = 1.96
VECTORS = ("rotation_handoffs.json", "weekly_shifts.json")
NOT_FOUND = 3

app = command_line("What rules and rotations make of recorded data.")


@app.callback()
def evaluate() -> None:
    """Evaluate rules and rotations on recorded files."""


@app.command()
def classify(
    source: Annotated[Path, typer.Option("--in", help="JSON lines with title and first_update")],
    out: Annotated[Path, typer.Option(help="where to write {id, label} or {id, labels}")],
    field: Annotated[Literal["service_category", "symptoms"], typer.Option(help="what to tell")],
) -> None:
    """Classify every line by the rules; labels in the input are not looked at."""
    rows = (_told(row, field) for row in _rows(source))
    out.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


@app.command()
def oncall(
    source: Annotated[Path, typer.Option("--in", help="JSON array of recorded rotations")],
    out: Annotated[Path, typer.Option(help="where to write each id with its computed fields")],
) -> None:
    """Compute handoffs and shifts of recorded rotations; what was expected is not looked at."""
    cases = json.loads(source.read_text(encoding="utf-8"))
    out.write_text(json.dumps([answered(case) for case in cases], indent=1))


@app.command()
def recorded(
    data: Annotated[Path, typer.Option(help="folder with incidents_cloud/incidents.jsonl")],
) -> None:
    """Print how often the rules agree with people, and how many recorded rotations come out."""
    source = data / "incidents_cloud" / "incidents.jsonl"
    if not source.exists():
        fail(f"{source} is not there: nothing was evaluated", NOT_FOUND)
    labelled = [row for row in _rows(source) if row.get("label_service_category")]
    right = [_told(row, "service_category")["label"] == _label(row) for row in labelled]
    typer.echo(_line("service category by rules, title and first update", right))
    cases = [case for name in VECTORS for case in _cases(data / "oncall_vectors" / name)]
    exact = sum(is_right(case) for case in cases)
    typer.echo(f"recorded on-call rotations computed exactly: {exact} of {len(cases)}")


def _cases(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []


def _label(row: dict[str, Any]) -> str:
    return str(row["label_service_category"])


def _line(what: str, right: list[bool]) -> str:
    """Accuracy with its 95 % interval (normal approximation) and n; nothing without rows."""
    if not right:
        return f"{what}: no labelled rows"
    share, n = sum(right) / len(right), len(right)
    return f"{what}: {share:.3f} ± {WIDTH * sqrt(share * (1 - share) / n):.3f} (n = {n})"


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def _told(row: dict[str, Any], field: str) -> dict[str, Any]:
    title = next((str(row[name]) for name in TITLES if row.get(name)), "")
    text = "\n".join(str(row[name]) for name in TEXTS if row.get(name))
    subject = Subject(title=title, text=text)
    if field == "symptoms":
        return {"id": row["id"], "labels": list(symptoms_of(subject)[0])}
    return {"id": row["id"], "label": category_of(subject)[0]}
