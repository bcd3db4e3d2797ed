"""What the documentation says is there: links, commands, settings, sources, decisions."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
import yaml
from dotenv import dotenv_values
from typer.main import get_command

from bot.cli.root import OWN, application
from bot.cli.spoken import line as spoken_line
from bot.configuration import catalogue
from commands.discovery import registry
from domain.command import Command, Registry
from domain.grammar import Parsed, parse
from domain.spellings import NOUN_ALIASES
from integrations.alerts.discovery import sources

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GENERATED = ("cli.md", "commands.md", "configuration.md", "metrics.md", "roles.md")
TYPED_AT = {"now": datetime(2026, 11, 20, 10, 0, tzinfo=UTC), "zone": "Europe/Berlin"}

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
OUTSIDE = re.compile(r"(https?|mailto):")
PROGRAM = re.compile(r"(?:\.venv/bin/)?tocsin (?P<words>.+)")
TARGET = re.compile(r"\bmake ([a-z]\S*)")
VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")

COMMON_OPTIONS = ("--json", "--dry-run")
# Read by the libraries that go out, and the stand-in for any name in the settings' page.
VARIABLES_OF_OTHERS = {"HTTPS_PROXY", "SSL_CERT_FILE", "NAME_FILE"}


class Written(NamedTuple):
    """Code on a page: a line of a block in ``language``, or a span, whose language is "span"."""

    page: str
    language: str
    text: str


def pages() -> list[Path]:
    """Every page for readers."""
    return [*sorted(ROOT.glob("*.md")), ROOT / "llms.txt", *sorted(DOCS.rglob("*.md"))]


def name(page: Path) -> str:
    """The page's path in the repository."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> list[str]:
    """The blocks of code in a language, without what they are indented by."""
    found = FENCE.finditer(page.read_text(encoding="utf-8"))
    return [_dedent(one[3], one[1]) for one in found if one[2] == language]


def _dedent(text: str, by: str) -> str:
    return "".join(one.removeprefix(by) for one in text.splitlines(keepends=True))


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def code(page: Path) -> Iterator[Written]:
    """Every line of every block, lines continued by a backslash as one, and every span."""
    for block in FENCE.finditer(page.read_text(encoding="utf-8")):
        for text in block[3].replace("\\\n", " ").splitlines():
            yield Written(name(page), block[2], text.strip())
    for span in SPAN.finditer(prose(page)):
        yield Written(name(page), "span", span[1])


def example() -> Command:
    """The command that the page on writing one makes."""
    source, story = blocks(DOCS / "how-to/write-a-command.md", "python")
    module = ModuleType("tally")
    exec(compile(source, "write-a-command.md", "exec"), vars(module))  # noqa: S102 - our own page
    compile(story, "write-a-command.md", "exec")
    (made,) = [one for one in vars(module).values() if isinstance(one, Command)]
    return made


@cache
def known_commands() -> Registry:
    """Every command, and the example among them."""
    return Registry.of([*registry().commands.values(), example()])


def written() -> list[Written]:
    """All code of all pages that are written by hand."""
    return [one for page in pages() if page.name not in GENERATED for one in code(page)]


def anchors(page: Path) -> set[str]:
    """What a link to a heading of the page may end in."""
    return {_slug(heading[1]) for heading in HEADING.finditer(prose(page))}


def _slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def broken(page: Path) -> list[str]:
    """The links of a page that lead nowhere in the repository."""
    return [link[1] for link in LINK.finditer(prose(page)) if not _leads(page, link[1])]


def _leads(page: Path, link: str) -> bool:
    if OUTSIDE.match(link):
        return True
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


@pytest.mark.parametrize("page", pages(), ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link within the repository leads to a file that is there, and to a heading in it."""
    assert broken(page) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    """A missing file, a missing heading, and nothing else."""
    page = tmp_path / "page.md"
    page.write_text("# One two\n[a](page.md#one-two) [b](none.md) [c](#three)\n`[d](no.md)`\n")
    assert broken(page) == ["none.md", "#three", "no.md"]


def test_every_page_is_reached_from_the_index() -> None:
    """Nobody has to look into directories."""
    listed: set[Path] = set()
    for index in (DOCS / "index.md", DOCS / "adr" / "index.md"):
        found = (link[1].partition("#")[0] for link in LINK.finditer(prose(index)))
        listed |= {(index.parent / link).resolve() for link in found}
    assert {page for page in DOCS.rglob("*.md") if page not in listed} == {DOCS / "index.md"}


# --- what is typed in a shell


def typed_in_a_shell(program: str) -> list[Written]:
    """Lines of shell blocks, and spans, that call ``program``."""
    start = re.compile(rf"(?:\.venv/bin/)?{program} \S")
    shell = [one for one in written() if one.language in ("sh", "span", "")]
    return [one for one in shell if start.match(one.text)]


def targets() -> set[str]:
    """The targets of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_make_targets_exist() -> None:
    """Whatever a page says to make can be made."""
    calls = typed_in_a_shell("make")
    asked = {(one.page, each) for one in calls for each in TARGET.findall(one.text)}
    assert asked
    assert {(page, target) for page, target in asked if target not in targets()} == set()


def _before_comment(text: str) -> list[str]:
    return shlex.split(text, comments=True)


def test_the_program_is_called_as_it_is() -> None:
    """Each call of ``tocsin`` names a command and options that exist."""
    calls = typed_in_a_shell("tocsin")
    assert len(calls) > 30
    assert [(one.page, one.text, wrong) for one in calls if (wrong := complaint(one.text))] == []


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        ("tocsin send alert --example grafana --json", ""),
        ('tocsin incident declare "checkout is down" --sev 2', ""),
        ("tocsin sned alert", "no command sned"),
        ("tocsin db frobnicate", "no command frobnicate"),
        ("tocsin up --prot 8000", "no option --prot"),
        ("tocsin incident declaer it is down", "not a line of chat"),
    ],
)
def test_a_wrong_call_is_found(call: str, wrong: str) -> None:
    """Commands, their commands, and their options are looked up."""
    assert complaint(call) == wrong


def complaint(call: str) -> str:
    """What is wrong with a call of the program, "" where nothing is."""
    found = PROGRAM.fullmatch(call)
    given = _before_comment(found["words"] if found else "")
    first, *words = [word for word in given if word not in COMMON_OPTIONS]
    if first in OWN:
        return _own_complaint(get_command(application(first)), words)
    if first not in known_commands().nouns:
        return f"no command {first}"
    kept = [word for number, word in enumerate(words) if not _as(words, number)]
    said = parse(spoken_line(first, kept), known_commands())
    return "" if isinstance(said, Parsed) else "not a line of chat"


def _as(words: list[str], number: int) -> bool:
    """``--as bob`` is for the command line, the rest for the chat."""
    return "--as" in (words[number], words[number - 1] if number else "")


def _own_complaint(command: Any, words: list[str]) -> str:
    while words and getattr(command, "commands", None):
        if words[0] not in command.commands:
            return f"no command {words[0]}"
        command, words = command.commands[words[0]], words[1:]
    known = {option for each in command.params for option in each.opts}
    unknown = [word for word in words if word.startswith("--") and word not in known]
    return f"no option {unknown[0]}" if unknown else ""


# --- what is typed in a chat


def typed_in_a_chat() -> list[Written]:
    """Lines and spans that begin with a slash and a noun; with a space they are no address."""
    known = {*known_commands().nouns, *NOUN_ALIASES}
    found = [one for one in written() if re.match(r"/[a-z]", one.text)]
    return [one for one in found if " " in one.text or one.text[1:] in known]


def test_commands_can_be_typed() -> None:
    """Each command on a page is one, alone or with arguments that it takes."""
    lines = typed_in_a_chat()
    assert len(lines) > 10
    assert [(one, wrong) for one in lines if (wrong := refusal(one.text))] == []


@pytest.mark.parametrize(
    "line", ["/incidnt declare it", "/incident declaer it", "/incident severity 9"]
)
def test_what_is_no_command_is_found(line: str) -> None:
    """A wrong noun, a wrong verb, a wrong argument."""
    assert refusal(line)


def refusal(line: str) -> str:
    """Why a line is no call; nothing where it is one, opens a menu or only names a command."""
    found = parse(line, known_commands())
    if not isinstance(found, Parsed):
        return "" if found.kind == "menu" else found.text
    args = known_commands().commands[found.command].args
    try:
        if found.args:
            args.model_validate(found.args, context=TYPED_AT)
    except ValueError as error:
        return str(error)
    return ""


# --- settings, sources, decisions, examples


def settings_of_all() -> set[str]:
    """Every variable that means something, also as the path of a file."""
    told = {one.variable for one in catalogue()} | set(dotenv_values(ROOT / ".env.example"))
    commented = re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    known = told | set(commented)
    return known | {f"{one}_FILE" for one in known} | VARIABLES_OF_OTHERS


def test_variables_exist() -> None:
    """Each variable on a page for users is a setting."""
    own = [one for one in written() if one.page != "CONTRIBUTING.md"]
    named = {(one.page, found) for one in own for found in VARIABLE.findall(one.text)}
    known = settings_of_all()
    assert named
    assert {(page, found) for page, found in named if found not in known} == set()


def test_each_source_has_its_section() -> None:
    """Whatever can be received is described."""
    sections = {one[1].lower() for one in HEADING.finditer(prose(DOCS / "reference/sources.md"))}
    assert set(sources()) - sections == set()


def test_decisions_are_numbered_and_whole() -> None:
    """Context, decision, consequences; no number is left out."""
    found = sorted((DOCS / "adr").glob("[0-9]*.md"))
    assert [int(one.name[:4]) for one in found] == list(range(1, len(found) + 1))
    for one in found:
        title, *parts = HEADING.findall(prose(one))
        assert title.startswith(one.name[:4])
        assert parts == ["Context", "Decision", "Consequences"], one.name


@pytest.mark.parametrize("page", pages(), ids=name)
def test_yaml_and_json_can_be_read(page: Path) -> None:
    """What is to be copied is whole."""
    for text in blocks(page, "yaml"):
        assert yaml.safe_load(text)
    for text in blocks(page, "json"):
        assert json.loads(text)


def test_the_example_command_is_one() -> None:
    """The page on writing a command shows one that the parser and its own arguments take."""
    assert example().summary.endswith(".")
    assert [wrong for line in example().examples if (wrong := refusal(line))] == []
