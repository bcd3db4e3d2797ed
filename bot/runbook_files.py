"""Runbooks in Markdown: a head that says what it is, words for people, and steps in fences."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from bot.yaml_files import NotRead, nodes, text_of
from domain.runbook_search import Page

HEAD = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
FENCE = re.compile(
    r"^(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\n`]*)\n(?P<text>.*?)(?:^(?P=fence)[ \t]*$|\Z)",
    re.DOTALL | re.MULTILINE,
)
TITLE = re.compile(r"^# +(.+?) *$", re.MULTILINE)
STEP = ["yaml", "step"]
ID = "runbook"
NAME = re.compile(r"^title: *[\"']?(.+?)[\"']? *$", re.MULTILINE)
NAMED = re.compile(rf"^{ID} *:", re.MULTILINE)
TEXT, LIST, MAP = "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"


def runbook_node(path: Path) -> yaml.Node | None:
    """The file as if it were an item of ``runbooks`` in YAML, every line where it stands.

    None for a page whose head has no ``runbook``: that is a page like any other. Raises
    `NotRead`.
    """
    text = text_of(path)
    found = HEAD.match(text)
    if found is None or not NAMED.search(found[1]):
        return None
    head = nodes(found[1], 1)
    if not isinstance(head, yaml.MappingNode):
        raise NotRead("the head of a page is a list of names and values", 1)
    given = {key.value: key for key, _ in head.value}
    if odd := next((given[name] for name in ("body", "steps", "id") if name in given), None):
        told = f"{odd.value} stands in the text of the page, not in its head"
        raise NotRead(told, odd.start_mark.line + 1)
    given[ID].value = "id"
    body = text[found.end() :]
    pairs = [*head.value, *_parts(body, text.count("\n", 0, found.end()), given)]
    return yaml.MappingNode(MAP, pairs, head.start_mark, head.end_mark)


def title_of(text: str, usual: str) -> str:
    """What a page of Markdown is called: by its head, its first heading, else ``usual``."""
    head = HEAD.match(text)
    named = (head and NAME.search(head[1])) or TITLE.search(text)
    return named[1] if named else usual


def pages_beneath(folder: Path) -> Iterator[Page]:
    """Every page of Markdown in a folder and beneath it, by its path there, to be looked for."""
    for path in sorted(folder.rglob("*.md")):
        text = path.read_text(encoding="utf-8", errors="replace")
        name = path.relative_to(folder).as_posix()
        yield Page(id=name, title=title_of(text, path.stem), text=text)


def _parts(
    body: str, above: int, given: dict[str, yaml.Node]
) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    mark = yaml.Mark("", 0, above, 0, None, 0)
    steps = [*_steps(body, above)]
    yield _word("body", mark), _word(body.strip(), mark)
    yield _word("steps", mark), yaml.SequenceNode(LIST, steps, mark, mark)
    if "title" not in given and (title := TITLE.search(body)):
        yield _word("title", mark), _word(title[1], mark)


def _steps(body: str, above: int) -> Iterator[yaml.Node]:
    for found in FENCE.finditer(body):
        if found["info"].split() != STEP:
            continue
        line = above + body.count("\n", 0, found.start()) + 1
        step = nodes(found["text"], line)
        if step is None:
            raise NotRead("this step is empty", line)
        yield step


def _word(text: str, mark: yaml.Mark) -> yaml.Node:
    return yaml.ScalarNode(TEXT, text, mark, mark)
