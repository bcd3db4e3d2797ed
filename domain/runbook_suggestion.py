"""Which runbook an incident's card names: what its alerts say first, then what fits their words."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from domain.base import Frozen
from domain.runbook import Runbook
from domain.runbook_search import Found, Index, Page

# Of another service, at least so much of a title has to be meant.
SHARE = 0.5
ANNOTATIONS = ("runbook_url", "runbook")
SCHEMES = ("https://", "http://")


class Suggestion(Frozen):
    """A runbook of ours (``id``), or a page elsewhere that alerts name (``url``); and why."""

    title: str
    id: str = ""
    url: str = ""
    why: str


class Trouble(Frozen):
    """What an incident tells: its words, and the addresses of runbooks that its alerts name."""

    service: str | None = None
    words: str
    urls: tuple[str, ...] = ()


def suggested(trouble: Trouble, shelf: Sequence[Runbook]) -> Suggestion | None:
    """The one to look at first; None where nothing fits.

    What alerts name and we have goes before what was written for the service, that before a page
    that we do not have, and that before a title that fits.
    """
    for url in trouble.urls:
        if found := next((one for one in shelf if one.source and one.source.url == url), None):
            return _ours(found, "its alert names it")
    by_id = {one.id: one for one in shelf}
    ranked = shelf_index(tuple(map(page_of, shelf))).find(trouble.words)
    if own := _of_service(trouble, shelf, ranked):
        return own
    for url in trouble.urls:
        return Suggestion(title=url, url=url, why="its alert names it, and it stands elsewhere")
    return _of_any(by_id, ranked)


def urls_of(annotations: Iterable[dict[str, str]]) -> tuple[str, ...]:
    """The addresses of runbooks that alerts name, each once."""
    told = (one.get(name, "").strip() for one in annotations for name in ANNOTATIONS)
    return tuple(dict.fromkeys(url for url in told if url.startswith(SCHEMES)))


def page_of(runbook: Runbook) -> Page:
    """What of a runbook is looked at when one is sought."""
    steps = " ".join(one.name for one in runbook.steps)
    text = f"{runbook.service or ''} {runbook.body} {steps}"
    return Page(id=runbook.id, title=runbook.title, text=text)


@lru_cache(2)
def shelf_index(pages: tuple[Page, ...]) -> Index:
    """The index of a shelf, kept while that stays as it is."""
    return Index(pages)


def _of_service(
    trouble: Trouble, shelf: Sequence[Runbook], ranked: Sequence[Found]
) -> Suggestion | None:
    own = {one.id: one for one in shelf if trouble.service and one.service == trouble.service}
    best = next((one.id for one in ranked if one.id in own), None)
    best = best or min(own, default=None)
    return _ours(own[best], f"written for {trouble.service}") if best else None


def _of_any(by_id: dict[str, Runbook], ranked: Sequence[Found]) -> Suggestion | None:
    best = next((one for one in ranked if one.share >= SHARE), None)
    if best is None or best is not ranked[0]:
        return None
    return _ours(by_id[best.id], "its title fits the alert")


def _ours(runbook: Runbook, why: str) -> Suggestion:
    return Suggestion(title=runbook.title, id=runbook.id, why=why)
