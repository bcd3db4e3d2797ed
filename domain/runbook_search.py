"""Finding the runbook that somebody means: words weighed by how rare they are (BM25)."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from domain.base import Frozen

WORD = re.compile(r"[a-z0-9]+")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
K1, B = 1.2, 0.75
TITLE_WEIGHT = 5
COMMON = frozenset(
    WORD.findall(
        "a an and are as at be by do for from has have how i in is it its my of on or our that the"
        " this to too was what when where which why with we you your"
    )
)


class Page(Frozen):
    """What can be found: its title counts for more than what it says."""

    id: str
    title: str
    text: str


def ranked(words: str, pages: Iterable[Page]) -> list[str]:
    """The ids of the pages that have any of ``words``, the likeliest first."""
    counted = {page.id: _counted(page) for page in pages}
    asked = set(tokens(words))
    rarity = _rarity(asked, counted.values())
    usual = sum(sum(one.values()) for one in counted.values()) / max(1, len(counted))
    scores = {name: _score(rarity, one, usual) for name, one in counted.items()}
    found = [name for name, score in scores.items() if score > 0]
    return sorted(found, key=lambda name: (-scores[name], name))


def tokens(text: str) -> list[str]:
    """Its words, without endings and without those that say nothing."""
    words = WORD.findall(CAMEL.sub(" ", text).lower())
    return [_stem(word) for word in words if word not in COMMON]


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


def _counted(page: Page) -> Counter[str]:
    named = Counter(tokens(f"{page.id} {page.title}"))
    weighty = Counter({word: count * TITLE_WEIGHT for word, count in named.items()})
    return weighty + Counter(tokens(page.text))


def _rarity(asked: set[str], counted: Iterable[Mapping[str, int]]) -> dict[str, float]:
    everything = list(counted)
    having = {word: sum(word in one for one in everything) for word in asked}
    total = len(everything)
    return {word: math.log(1 + (total - n + 0.5) / (n + 0.5)) for word, n in having.items()}


def _score(rarity: Mapping[str, float], page: Counter[str], usual: float) -> float:
    length = 1 - B + B * sum(page.values()) / max(1.0, usual)
    return sum(
        weight * page[word] * (K1 + 1) / (page[word] + K1 * length)
        for word, weight in rarity.items()
        if page[word]
    )
