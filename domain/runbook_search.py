"""Finding the runbook that somebody means: words weighed by how rare they are (BM25F).

A title counts for more than a text, and the more of a title's rare words are asked for, the better
it fits. What can be written as one word or as two is found either way, as is a title that shortens
a word. Pages of one title are copies: the best comes in its place, the rest after everything else.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

from domain.base import Frozen

WORD = re.compile(r"[a-z0-9]+")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# What a template leaves open in the words of an alert says nothing about it.
HOLES = re.compile(r"\{\{.*?\}\}", re.DOTALL)
K1 = 2.0
TITLE_WEIGHT, TITLE_B, TEXT_B = 5.0, 0.5, 0.75
JOINED, SHORTENED = 0.3, 0.7
SHORTEST = 4
PAGES_KEPT, WORDS_KEPT = 512, 16_384
COMMON = frozenset(
    WORD.findall(
        "a an and are as at be been being by can could did do does for from had has have how i if"
        " in into is it its may might more most must my of on or our over should so some such than"
        " that the their them then there these they this those to too was were what when where"
        " which while who why will with would we you your"
    )
)
# The first ending that fits goes, and leaves what stands beside it.
ENDINGS = (
    ("ational", "ate"), ("ization", "ize"), ("isation", "ize"), ("ising", "ize"), ("izing", "ize"),
    ("ised", "ize"), ("ized", "ize"), ("ise", "ize"), ("ities", "ity"), ("iness", "y"),
    ("ments", ""), ("ment", ""), ("ations", "ate"), ("ation", "ate"), ("ions", ""), ("ion", ""),
    ("ness", ""), ("ings", ""), ("ing", ""), ("ies", "y"), ("ied", "y"), ("ers", "er"),
    ("edly", ""), ("ed", ""), ("es", ""), ("s", ""),
)  # fmt: skip
ROOT = 3


class Page(Frozen):
    """What can be found."""

    id: str
    title: str
    text: str


class Found(Frozen):
    """A page that fits: ``share`` of its title's words, by their rarity, were asked for."""

    id: str
    score: float
    share: float


class _Counts(Frozen):
    """How often a page or a question has each word, and each pair of neighbours as one word."""

    words: Mapping[str, int]
    pairs: Mapping[str, int]

    @property
    def length(self) -> int:
        return sum(self.words.values())


def ranked(words: str, pages: Iterable[Page]) -> list[str]:
    """The ids of the pages that have any of ``words``, the likeliest first."""
    return [one.id for one in Index(pages).find(words)]


class Index:
    """Pages that many questions are asked of."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self._pages = {page.id: page for page in pages}
        counted = {key: (_title(page), _text(page)) for key, page in self._pages.items()}
        usual = [_usual(each[part].length for each in counted.values()) for part in (0, 1)]
        self._titles = {key: frozenset(title.words) for key, (title, _) in counted.items()}
        self._weights = {key: _weights(*both, usual) for key, both in counted.items()}
        self._rare = _rarity(self._weights.values(), len(counted))
        self._rare_in_titles = _rarity(self._titles.values(), len(counted))

    def find(self, words: str) -> list[Found]:
        """The pages that have any of ``words``, the likeliest first, copies after the rest."""
        asked = self._asked(words)
        found = (self._fit(key, asked) for key in self._weights)
        fitting = sorted((one for one in found if one.score), key=lambda one: (-one.score, one.id))
        return self._copies_last(fitting)

    def _asked(self, words: str) -> dict[str, float]:
        """What is looked for, and how much each word of it counts."""
        counts = _counted(words)
        asked = dict.fromkeys(counts.words, 1.0)
        for word in _words(words):
            starts = (word[:end] for end in range(SHORTEST, len(word) - 1))
            for start in starts:
                if start in self._rare_in_titles:
                    asked.setdefault(start, SHORTENED)
        return dict.fromkeys(counts.pairs, JOINED) | asked

    def _fit(self, key: str, asked: Mapping[str, float]) -> Found:
        has = self._weights[key]
        score = sum(
            counts * self._rare[word] * has[word] * (K1 + 1) / (has[word] + K1)
            for word, counts in asked.items()
            if word in has
        )
        share = self._share(key, asked)
        return Found(id=key, score=score * (1 + share), share=share)

    def _share(self, key: str, asked: Mapping[str, float]) -> float:
        title, rare = self._titles[key], self._rare_in_titles
        whole = sum(rare[word] for word in title)
        hit = sum(rare[word] * asked.get(word, 0.0) for word in title)
        return hit / whole if whole else 0.0

    def _copies_last(self, found: Iterable[Found]) -> list[Found]:
        seen: set[str] = set()
        first: list[Found] = []
        copies: list[Found] = []
        for one in found:
            name = "".join(WORD.findall(self._pages[one.id].title.lower())) or one.id
            (copies if name in seen else first).append(one)
            seen.add(name)
        return first + copies


def _words(text: str) -> Iterator[str]:
    yield from WORD.findall(CAMEL.sub(" ", HOLES.sub(" ", text)).lower())


@lru_cache(PAGES_KEPT)
def _title(page: Page) -> _Counts:
    """Of its title, and of its name without the folders and the kind of file."""
    name = page.id.rpartition("/")[2].removesuffix(".md")
    return _counted(f"{name} {page.title}")


@lru_cache(PAGES_KEPT)
def _text(page: Page) -> _Counts:
    return _counted(page.text)


def _counted(text: str) -> _Counts:
    every = list(_words(text))
    said = Counter(_stem(word) for word in every if word not in COMMON)
    near = ((one, other) for one, other in pairwise(every) if len(one) > 1 and len(other) > 1)
    return _Counts(words=said, pairs=Counter(one + _stem(other) for one, other in near))


@lru_cache(WORDS_KEPT)
def _stem(word: str) -> str:
    """``word`` without its ending, as far as three letters are left."""
    if len(word) <= ROOT or not word.isalpha():
        return word
    for ending, rest in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= ROOT:
            word = word.removesuffix(ending) + rest
            break
    if len(word) > ROOT and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    if len(word) > ROOT and word.endswith("e"):
        word = word[:-1]
    return word[:-1] + "i" if len(word) > ROOT and word.endswith("y") else word


def _usual(lengths: Iterable[int]) -> float:
    found = list(lengths)
    return max(1.0, sum(found) / max(1, len(found)))


def _weights(title: _Counts, text: _Counts, usual: list[float]) -> dict[str, float]:
    """What each word counts for on a page: less on one that is longer than usual."""
    found: dict[str, float] = {}
    parts = ((title, TITLE_WEIGHT, TITLE_B, usual[0]), (text, 1.0, TEXT_B, usual[1]))
    for counts, weight, b, length in parts:
        share = weight / (1 - b + b * counts.length / length)
        for each in (counts.words, counts.pairs):
            for word, number in each.items():
                found[word] = found.get(word, 0.0) + share * number
    return found


def _rarity(having: Iterable[Iterable[str]], total: int) -> dict[str, float]:
    counts = Counter(word for one in having for word in one)
    return {word: math.log(1 + (total - n + 0.5) / (n + 0.5)) for word, n in counts.items()}
