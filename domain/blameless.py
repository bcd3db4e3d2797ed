"""Words that look for a culprit or state a guess, and what to write instead."""

import re
from typing import Literal

from domain.base import Frozen


class Finding(Frozen):
    """A phrase at ``start`` (a character index) and advice for whoever edits the text."""

    kind: Literal["blame", "guess"]
    phrase: str
    start: int
    advice: str


def blameless(text: str) -> tuple[Finding, ...]:
    """Phrases of ``text`` that judge a person or present a guess as a fact, in reading order."""
    found = [
        Finding(kind=rule[0], phrase=hit[0], start=hit.start(), advice=rule[2])
        for rule in RULES
        for hit in rule[1].finditer(text)
    ]
    return tuple(sorted(found, key=lambda finding: finding.start))


def _words(*phrases: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE)


INSTEAD_OF_SHOULD = "Say what happened, and what made it the reasonable thing to do then."
INSTEAD_OF_FAULT = "Name the condition that made it possible, not the person who met it."
INSTEAD_OF_JUDGING = "Leave the judgement out: say what was seen, known or missing at that time."
INSTEAD_OF_OBVIOUS = "It is plain only afterwards. Say what people could see then."
INSTEAD_OF_GUESSING = "Say what was observed, or write it as a question to answer."

RULES: tuple[tuple[Literal["blame", "guess"], re.Pattern[str], str], ...] = (
    (
        "blame",
        _words(r"(?:should|could|ought to|must) have \w+", "had to know", "needed to be more"),
        INSTEAD_OF_SHOULD,
    ),
    (
        "blame",
        _words(
            r"human errors?", r"operator errors?", r"user errors?", r"\w+['’]s (?:fault|mistake)",
            r"(?:at|to) (?:fault|blame)", "blam(?:e|ed|ing)", r"fault of \w+", "culprits?",
            r"mistakes? (?:by|of) \w+", "screwed up", "messed up", "guilty",
        ),
        INSTEAD_OF_FAULT,
    ),
    (
        "blame",
        _words(
            "careless(?:ly|ness)?", "negligen(?:t|tly|ce)", "incompeten(?:t|ce)", "lazy", "lazily",
            "sloppy", "stupid(?:ly)?", "reckless(?:ly)?", "irresponsibl[ey]", "unprofessional",
            "inattenti(?:ve|on)", "forgot(?:ten)?", "neglected", "didn['’]t bother",
            "did not bother", "ignored", "overlooked", "too slow(?:ly)?",
        ),
        INSTEAD_OF_JUDGING,
    ),
    ("blame", _words("obvious(?:ly)?", "of course", "clearly", "simply", "just had to"),
     INSTEAD_OF_OBVIOUS),
    (
        "guess",
        _words(
            "likely", "probabl[ey]", "presumabl[ey]", "apparently", "most certainly", "seems? to",
            "must be", "root cause", "we (?:think|believe|assume|suspect)", "suspected",
        ),
        INSTEAD_OF_GUESSING,
    ),
)  # fmt: skip
