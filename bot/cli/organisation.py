"""`tocsin plan`, `apply`, `export` and `schema`: the organisation in files."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.output import FAILED, USAGE, command_line, dry_run, fail, print_json, show, wants_json
from bot.cli.settled import on_database, writing
from bot.organisation import Files, Plan, apply, everything, plan, read_files, written
from bot.wiring import Core
from commands.discovery import registry
from domain.declared.changes import Change
from domain.declared.schema import schema

MARKS = {"create": "+", "change": "~", "keep": "=", "remove": "-"}
DONE = {"create": "created", "change": "changed", "keep": "kept", "remove": "removed"}
Directory = Annotated[Path, typer.Argument(metavar="DIR", help="where the .yaml files are")]
Prune = Annotated[bool, typer.Option("--prune", help="remove what a file no longer declares")]

plan_app = command_line()
apply_app = command_line()
export_app = command_line()
schema_app = command_line()


@plan_app.command()
def look(directory: Directory, prune: Prune = False) -> None:
    """Say what `apply` would change, and what is wrong with the files; nothing is changed."""
    files = _read(directory)

    async def work(core: Core) -> Plan:
        async with core.store.read() as unit:
            return await plan(unit, files, registry(), prune=prune)

    _show(on_database(work), "Planned:")


@apply_app.command()
def put(directory: Directory, prune: Prune = False) -> None:
    """Make the database say what the files say, all of it or nothing; twice is once."""
    files = _read(directory)

    async def work(core: Core) -> Plan:
        async with writing(core) as unit:
            planned = await plan(unit, files, registry(), prune=prune)
            if not planned.errors:
                await apply(unit, planned)
            return planned

    _show(on_database(work), "Planned:" if dry_run() else "Done:")


@export_app.command()
def out() -> None:
    """Print the organisation as one file that `apply` reads."""

    async def work(core: Core) -> str:
        async with core.store.read() as unit:
            return written(await everything(unit))

    typer.echo(on_database(work), nl=False)


@schema_app.command()
def described() -> None:
    """Print the JSON schema of the files, for an editor."""
    print_json(schema())


def _read(directory: Path) -> Files:
    if not directory.is_dir():
        fail(f"{directory} is no directory", USAGE)
    files = read_files(directory)
    if not files.declared and not files.problems:
        fail(f"There is no .yaml file in {directory} that declares anything", USAGE)
    return files


def _show(planned: Plan, verb: str) -> None:
    """The plan, then what is wrong; exit code 1 where that stands in the way."""
    if wants_json():
        print_json(_document(planned))
    elif not planned.errors:
        show([_row(one) for one in planned.changes])
    for problem in planned.problems:
        typer.echo(f"{'!' if problem.warning else '✘'} {problem}", err=True)
    if planned.errors:
        fail(f"Nothing was changed: {len(planned.errors)} to mend.", FAILED)
    if not wants_json():
        counts = [f"{_count(planned, name)} {told}" for name, told in DONE.items()]
        typer.echo(f"{verb} {', '.join(counts)}.")


def _count(planned: Plan, action: str) -> int:
    return sum(one.action == action for one in planned.changes)


def _row(change: Change) -> dict[str, Any]:
    return {
        "": MARKS[change.action],
        "what": change.noun,
        "id": change.id,
        "changes": ", ".join(change.fields),
        "file": change.file,
    }


def _document(planned: Plan) -> dict[str, Any]:
    return {
        "changes": [one.model_dump() for one in planned.changes],
        "problems": [one.model_dump() for one in planned.problems],
        "dry_run": dry_run(),
    }
