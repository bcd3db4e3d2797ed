"""Pages of others as checklists: what is taken over, under which name, and what is refused.

A step of such a page is for people: its commands are shown and never carried out.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from domain.base import Frozen
from domain.runbook import MOST_STEPS, Runbook, RunbookStep, Source
from domain.runbook_search import CAMEL

LETTERS = re.compile(r"[a-z0-9]+")
MOST_BODY = 100_000
MOST_NAME, MOST_LINE, MOST_ID, MOST_TITLE = 80, 2000, 80, 200
Present = Mapping[str, tuple[Runbook, str | None]]


class Step(Frozen):
    """Something to do: in words, and the commands that stand there."""

    words: str
    commands: str = ""


class ImportedPage(Frozen):
    """A page as it was read. ``url`` is where it stands, ``name`` what it is called there."""

    url: str
    name: str
    title: str
    body: str
    steps: tuple[Step, ...] = ()
    sha256: str


class NotAdopted(ValueError):
    """A page that is not taken over, and why."""


def adopted(page: ImportedPage, present: Present, now: datetime, service: str | None) -> Runbook:
    """The runbook that the page becomes; the same one as before where it was taken over already.

    Raises `NotAdopted`.
    """
    if not page.body.strip():
        raise NotAdopted("there is no text on it")
    if len(page.body) > MOST_BODY:
        raise NotAdopted(f"it has more than {MOST_BODY:,} characters")
    before = next((one for one, _ in present.values() if _stands_at(one, page.url)), None)
    source = Source(url=page.url, at=now, sha256=page.sha256)
    return Runbook(
        id=before.id if before else _free(page, present),
        title=page.title[:MOST_TITLE],
        service=service or (before.service if before else None),
        environment=before.environment if before else "prod",
        body=page.body,
        steps=tuple(_steps(page.steps)),
        source=before.source if before and _is_same(before, page) else source,
    )


def differs(made: Runbook, present: Present) -> bool:
    """Whether anything changes by it."""
    return made.id not in present or present[made.id][0] != made


def _stands_at(one: Runbook, url: str) -> bool:
    return one.source is not None and one.source.url == url


def _is_same(before: Runbook, page: ImportedPage) -> bool:
    return before.source is not None and before.source.sha256 == page.sha256


def _free(page: ImportedPage, present: Present) -> str:
    """Its name as an id, with the folder before it where that is taken."""
    folder, _, name = page.name.rpartition("/")
    short = slug(name.removesuffix(".md")) or slug(page.title)
    longer = slug(f"{folder} {name.removesuffix('.md')}")
    found = next((one for one in (short, longer) if one and one not in present), None)
    if found is None:
        raise NotAdopted(f"there is another runbook {short or page.title}")
    return found


def slug(text: str) -> str:
    """``KubePodCrashLooping`` as ``kube-pod-crash-looping``."""
    return "-".join(LETTERS.findall(CAMEL.sub(" ", text).lower()))[:MOST_ID].strip("-")


def _steps(found: Iterable[Step]) -> Iterable[RunbookStep]:
    """As many as a runbook may have; the page itself has them all."""
    for one in list(found)[:MOST_STEPS]:
        told = "\n".join(part for part in (one.words, one.commands) if part)
        name = " ".join(one.words.split()) or " ".join(one.commands.split())
        if name:
            yield RunbookStep(name=_shortened(name, MOST_NAME), manual=_shortened(told, MOST_LINE))


def _shortened(text: str, most: int) -> str:
    """Nothing in it stands for a parameter."""
    text = text.replace("${", "$${")
    return text if len(text) <= most else f"{text[: most - 1]}…"
