"""A section's words, cut into sentences, each with the facts that bear it out."""

import re
from collections.abc import Iterator

from domain.base import Frozen
from domain.postmortem import Claim

END = re.compile(r"(?<=[.!?…])\s+")


class Sentence(Frozen):
    """``cites`` are ids of timeline entries; a ``question`` is a gap that people are to fill."""

    text: str
    cites: tuple[str, ...] = ()
    question: bool = False


def sentences(text: str, claims: tuple[Claim, ...]) -> Iterator[Sentence]:
    """``text`` in order: the claims that stand in it word for word, and what lies between."""
    while claim := _first(text, claims):
        before, _, text = text.partition(claim.sentence)
        yield from _unclaimed(before)
        yield Sentence(text=claim.sentence, cites=claim.cites)
    yield from _unclaimed(text)


def _first(text: str, claims: tuple[Claim, ...]) -> Claim | None:
    """The claim that begins first in ``text``, the longest of several."""
    standing = [one for one in claims if one.sentence and one.sentence in text]
    place = {one: (text.find(one.sentence), -len(one.sentence)) for one in standing}
    return min(standing, key=place.__getitem__, default=None)


def _unclaimed(text: str) -> Iterator[Sentence]:
    """What nothing bears out, sentence by sentence; what follows a question belongs to it."""
    parts = [part for part in END.split(text.strip()) if part]
    asks = next((n for n, part in enumerate(parts) if part.endswith("?")), len(parts))
    yield from (Sentence(text=part) for part in parts[:asks])
    if asks < len(parts):
        yield Sentence(text=" ".join(parts[asks:]), question=True)
