"""A page, whatever it is written in, as words and steps for people.

A step is an item of a numbered list or of a list to tick off, any block of commands, and any item
of a list that names a command. Nothing of it is carried out here or later.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from markdownify import MarkdownConverter

from domain.checklist import ImportedPage, Step

SHELLS = (
    "bash", "console", "powershell", "pwsh", "sh", "shell", "shell-session", "shellsession",
    "terminal", "zsh",
)  # fmt: skip
HEAD = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
NAMED = "title:"
QUOTES = "\"'"
OPENS, CLOSES = "<!--", "-->"
TICK = re.compile(r"^\[[ xX]\] +")
PROMPT = re.compile(r"^\s*(?:\$|❯|PS[^>]*>)\s+", re.MULTILINE)
COMMAND = re.compile(r"[a-z][a-z0-9._-]*(?: +\S+)+")
LANGUAGE = re.compile(r"(?:language|lang|highlight-source)-([a-z0-9]+)")
ASIDE = ("script", "style", "nav", "header", "footer", "aside", "form", "noscript", "template")
PARSER = MarkdownIt("commonmark")


def page_of(url: str, name: str, text: str) -> ImportedPage:
    """A page of Markdown."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    head = HEAD.match(text)
    body = _without_comments(text[head.end() :] if head else text).strip()
    tree = SyntaxTreeNode(PARSER.parse(body))
    named = _named(head[1]) if head else ""
    heading = next((one for one in tree.children if one.type == "heading"), None)
    title = named or (_plain(heading) if heading else PurePosixPath(name).stem)
    steps = tuple(_steps(tree, ""))
    return ImportedPage(url=url, name=name, title=title, body=body, steps=steps, sha256=digest)


def _named(head: str) -> str:
    """What the first title of a head says, without its quotes."""
    lines = (one for one in head.splitlines() if one.startswith(NAMED))
    told = next(lines, NAMED).removeprefix(NAMED).strip()
    if len(told) > 1 and told[0] in QUOTES:
        told = told[1:]
    return told[:-1] if len(told) > 1 and told[-1] in QUOTES else told


def _without_comments(text: str) -> str:
    """One pass; a comment that nothing ends stays as it is."""
    kept: list[str] = []
    at = 0
    while (opens := text.find(OPENS, at)) >= 0:
        closes = text.find(CLOSES, opens + len(OPENS))
        if closes < 0:
            break
        kept.append(text[at:opens])
        at = closes + len(CLOSES)
    return "".join([*kept, text[at:]])


def page_of_html(url: str, text: str) -> ImportedPage:
    """A page of HTML: its main part, without what surrounds it."""
    soup = BeautifulSoup(text, "html.parser")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    for one in soup.find_all(ASIDE):
        one.decompose()
    part = soup.find("main") or soup.find("article") or soup.body or soup
    converter = MarkdownConverter(
        heading_style="ATX", strip=["img"], code_language_callback=_language
    )
    written = converter.convert_soup(part)
    page = page_of(url, name_of(url), re.sub(r"\n{3,}", "\n\n", written))
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    told = page.title if page.body.lstrip().startswith("#") else title or page.title
    return page.model_copy(update={"sha256": digest, "title": told})


def _language(block: Tag) -> str:
    """What a block of code is written in, as those who colour it say."""
    named = [one for each in (block, *block.find_all("code")) for one in each.get("class") or ()]
    found = (LANGUAGE.fullmatch(str(one)) for one in named)
    return next((one[1] for one in found if one), "")


def name_of(url: str) -> str:
    """The last part of an address that says anything."""
    parts = [one for one in urlsplit(url).path.split("/") if one not in ("", "index.html")]
    return parts[-1] if parts else urlsplit(url).hostname or url


def _steps(node: SyntaxTreeNode, before: str) -> Iterator[Step]:
    """``before`` is what the text said last: it tells what a block of commands is for."""
    for one in node.children:
        if one.type in ("paragraph", "heading"):
            before = _plain(one)
        elif one.type == "fence":
            if _is_shell(one):
                yield Step(words=before, commands=_commands(one.content))
        elif one.type == "list_item":
            yield from _item(one, numbered=node.type == "ordered_list")
        else:
            yield from _steps(one, before)


def _item(item: SyntaxTreeNode, *, numbered: bool) -> Iterator[Step]:
    words = next((_plain(one) for one in item.children if one.type == "paragraph"), "")
    blocks = [one for one in item.walk() if one.type == "fence" and _is_shell(one)]
    named = [one.content for one in item.walk() if one.type == "code_inline"]
    told = "\n".join(_commands(one.content) for one in blocks)
    if numbered or TICK.match(words) or blocks or any(map(COMMAND.fullmatch, named)):
        yield Step(words=TICK.sub("", words), commands=told)
    else:
        yield from _steps(item, words)


def _is_shell(block: SyntaxTreeNode) -> bool:
    kind = block.info.split()[0].lower() if block.info.split() else ""
    if kind:
        return kind in SHELLS
    lines = block.content.splitlines()
    return any(map(PROMPT.match, lines)) or all(map(COMMAND.fullmatch, lines))


def _commands(text: str) -> str:
    """What is typed; where a prompt shows that, without what is answered."""
    lines = text.rstrip().splitlines()
    if not any(map(PROMPT.match, lines)):
        return "\n".join(lines)
    kept: list[str] = []
    for line in lines:
        if PROMPT.match(line):
            kept.append(PROMPT.sub("", line))
        elif kept and kept[-1].endswith("\\"):
            kept.append(line)
    return "\n".join(kept)


def _plain(node: SyntaxTreeNode) -> str:
    """Its words; code stays marked."""
    told = ""
    for one in node.walk():
        if one.type == "text":
            told += one.content
        elif one.type == "code_inline":
            told += f"`{one.content}`"
        elif one.type in ("softbreak", "hardbreak"):
            told += " "
    return told.strip()
