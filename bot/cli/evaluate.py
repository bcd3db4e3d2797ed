"""`tocsin eval`: what rules and rotations make of recorded data, in files anybody can score."""

import json
from collections.abc import Iterator, Sequence
from math import sqrt
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from bot.cli.output import command_line, fail
from bot.cli.vectors import answered, is_right
from bot.runbook_files import pages_beneath
from domain.classify import Subject, category_of, symptoms_of
from domain.runbook_search import Index

TITLES = ("title", "name")
TEXTS = ("first_update", "summary", "description")
WIDTH = 1.96
NEAR_TOP = 3
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
def runbook(
    source: Annotated[Path, typer.Option("--in", help="JSON lines with id and query")],
    runbooks: Annotated[Path, typer.Option(help="folder of Markdown pages")],
    out: Annotated[Path, typer.Option(help="where to write {id, ranked: [paths]}")],
) -> None:
    """Rank the pages of a folder for every line, as `/runbook find` does, the likeliest first."""
    shelf = Index(pages_beneath(runbooks))
    rows = ({"id": row["id"], "ranked": _ranked(shelf, row)} for row in _rows(source))
    out.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


@app.command()
def recorded(
    data: Annotated[Path, typer.Option(help="folder with incidents_cloud/incidents.jsonl")],
) -> None:
    """Print how often rules agree with people, rotations come out, and runbooks are found."""
    source = data / "incidents_cloud" / "incidents.jsonl"
    if not source.exists():
        fail(f"{source} is not there: nothing was evaluated", NOT_FOUND)
    labelled = [row for row in _rows(source) if row.get("label_service_category")]
    right = [_told(row, "service_category")["label"] == _label(row) for row in labelled]
    typer.echo(_line("service category by rules, title and first update", right))
    cases = [case for name in VECTORS for case in _cases(data / "oncall_vectors" / name)]
    exact = sum(is_right(case) for case in cases)
    typer.echo(f"recorded on-call rotations computed exactly: {exact} of {len(cases)}")
    for line in _found(data / "runbook_queries" / "queries.jsonl", data / "runbooks"):
        typer.echo(line)


def _found(source: Path, pages: Path) -> Iterator[str]:
    """How near the top the right runbooks stand."""
    if not source.exists():
        return
    shelf, rows = Index(pages_beneath(pages)), list(_rows(source))
    places = [_place(_ranked(shelf, row), row["label_runbooks"]) for row in rows]
    near = [place is not None and place <= NEAR_TOP for place in places]
    yield _line(f"the right runbook among the first {NEAR_TOP}", near)
    yield _line("the right runbook, 1 / its place", [1 / one if one else 0.0 for one in places])


def _ranked(shelf: Index, row: dict[str, Any]) -> list[str]:
    return [one.id for one in shelf.find(str(row["query"]))]


def _place(ranked: Sequence[str], right: Sequence[str]) -> int | None:
    return next((place for place, one in enumerate(ranked, 1) if one in right), None)


def _cases(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []


def _label(row: dict[str, Any]) -> str:
    return str(row["label_service_category"])


def _line(what: str, scores: Sequence[float]) -> str:
    """Their mean with its 95 % interval (normal approximation) and n; nothing without rows."""
    if not scores:
        return f"{what}: no labelled rows"
    n, mean = len(scores), sum(scores) / len(scores)
    spread = sqrt(sum((one - mean) ** 2 for one in scores) / n)
    return f"{what}: {mean:.3f} ± {WIDTH * spread / sqrt(n):.3f} (n = {n})"


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
