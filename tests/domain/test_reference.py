"""The reference pages, written from the commands."""

from dataclasses import replace
from typing import Annotated

import pytest

from domain.actor import Role
from domain.args import Arg, Args
from domain.authorize import suffices
from domain.command import Registry
from domain.reference import commands_page, roles_page
from tests.fakes.sample_commands import SAMPLE, Listing, made

COMMANDS = commands_page(SAMPLE)
ROLES = roles_page(SAMPLE)


@pytest.mark.parametrize(
    "line",
    [
        "## /incident (also `/inc`)",
        "Without a verb: `/page send`.",
        "### incident declare",
        "/incident declare TITLE [severity:…] [service:…] [--private]",
        "| `title` |  | yes | What is broken, in a few words |",
        "| `severity` | `sev` |  | SEV1 (worst) to SEV5 |",
        "| `status` | `phase` |  | investigating, identified, fixing, monitoring or resolved |",
        "From role commander · token scope write.",
        "From role responder · token scope page · also `/page k`.",
    ],
)
def test_commands_page_says(line):
    """Roots, arguments, other words and rights are on the page."""
    assert line in COMMANDS.splitlines()


@pytest.mark.parametrize("command", SAMPLE.commands.values(), ids=lambda one: one.name)
def test_every_command_is_on_both_pages(command):
    """No command is without reference, nor its example."""
    assert f"### {command.name}\n\n{command.summary}" in COMMANDS
    assert command.examples[0] in COMMANDS
    row = next(line for line in ROLES.splitlines() if line.startswith(f"| `/{command.name}` |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    may = ["yes" if suffices(role, command.role) else "" for role in Role]
    assert cells[1:] == [*may, command.scope.value]


def test_dangerous_command_is_marked():
    """A reader knows which command asks first."""
    risky = made("incident purge", Listing)
    risky = replace(risky, danger="destructive")
    assert "asks before it acts" in commands_page(Registry.of((risky,)))


def test_command_without_arguments_has_no_table():
    """Nothing empty is printed."""
    page = commands_page(Registry.of((made("incident ping", Args),)))
    assert "| Argument |" not in page


def test_bars_do_not_break_tables():
    """A name may hold a bar."""

    class Barred(Args):
        this: Annotated[str, Arg("word", ("a|b",))]

    assert "`a\\|b`" in commands_page(Registry.of((made("incident x", Barred),)))
