"""What a sender's severity word means here: how bad, and whether anybody is woken for it."""

from functools import lru_cache
from typing import Literal

from domain.base import Frozen
from domain.severity import Severity

Urgency = Literal["high", "low", "none"]

# A sender's "critical" is one alert's word, not a statement about customers: it wakes people
# as SEV2, and a person or a route makes it SEV1.
WORDS: dict[Severity, tuple[str, ...]] = {
    Severity.SEV1: ("emergency", "emerg", "fatal", "disaster", "blocker", "sev1", "p1"),
    Severity.SEV2: ("critical", "crit", "page", "alert", "high", "major", "sev2", "p2"),
    Severity.SEV3: ("error", "err", "average", "medium", "moderate", "sev3", "p3"),
    Severity.SEV4: ("warning", "warn", "low", "minor", "notice", "ticket", "sev4", "p4"),
    Severity.SEV5: ("info", "informational", "information", "debug", "none", "ok", "sev5", "p5"),
}
MEANS = {word: severity for severity, words in WORDS.items() for word in words}
URGENCY: dict[Severity, Urgency] = {
    Severity.SEV1: "high",
    Severity.SEV2: "high",
    Severity.SEV3: "low",
    Severity.SEV4: "low",
    Severity.SEV5: "none",
}


class Meaning(Frozen):
    """A sender's word on our scale; an unknown word is ``known`` False and pages (rules.md 5)."""

    severity: Severity
    urgency: Urgency
    known: bool
    reason: str


@lru_cache(maxsize=1024)
def meaning(word: str) -> Meaning:
    """What ``word`` says; unknown and empty words are SEV3 with high urgency."""
    severity = MEANS.get(word.strip().lower())
    if severity:
        return KNOWN[severity].model_copy(update={"reason": f"the sender says {word.strip()}"})
    said = f"the sender's severity {word.strip()!r} is unknown" if word.strip() else SILENT
    return Meaning(severity=Severity.SEV3, urgency="high", known=False, reason=said + ADVICE)


SILENT = "the sender gives no severity"
ADVICE = ": paged once, a route can say how urgent it is"
KNOWN = {
    severity: Meaning(severity=severity, urgency=urgency, known=True, reason="")
    for severity, urgency in URGENCY.items()
}
