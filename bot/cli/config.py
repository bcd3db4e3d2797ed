"""`tocsin config`: what an installation is told, and where from."""

from typing import Annotated, Any

import typer

from bot.cli.output import FAILED, command_line, fail, show, tell
from bot.configuration import catalogue, unsafe, values
from bot.layers import Loaded, load
from bot.settings import SettingsError

app = command_line("What this installation is told, and where from.")


@app.command()
def validate() -> None:
    """Check every setting; exit code 1 with a line for each that is wrong."""
    loaded = _loaded()
    if problems := unsafe(loaded.settings):
        fail("\n".join(problems), FAILED)
    for warning in loaded.warnings:
        typer.echo(f"! {warning}", err=True)
    tell({"valid": True, "warnings": loaded.warnings}, "The settings are right.")


@app.command("show")
def show_settings(
    origin: Annotated[bool, typer.Option("--origin", help="say where each comes from")] = False,
) -> None:
    """Every setting with its value; secrets are masked."""
    loaded = _loaded()
    known = values(loaded.settings)
    rows: list[dict[str, Any]] = []
    for setting in catalogue():
        row = {"setting": setting.variable, "value": known[setting.key]}
        place = {"origin": loaded.origins.get(setting.key, "default")} if origin else {}
        rows.append(row | place)
    show(rows)


def _loaded() -> Loaded:
    try:
        return load()
    except SettingsError as error:
        fail(str(error), FAILED)
