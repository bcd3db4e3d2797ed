"""How bad it is: SEV1 (worst) to SEV5, and every way people write that."""

import re
from enum import StrEnum


class Severity(StrEnum):
    """Incident severity; compare with `worse_than`, never by text."""

    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"
    SEV5 = "SEV5"

    @property
    def level(self) -> int:
        """1 (worst) to 5."""
        return int(self.value[3])

    @property
    def major(self) -> bool:
        """SEV1 and SEV2 open rooms, keep a cadence and may wake people again."""
        return self.level <= 2

    def worse_than(self, other: "Severity") -> bool:
        """Whether this is strictly more severe than ``other``."""
        return self.level < other.level


WORDS = {
    "critical": Severity.SEV1,
    "major": Severity.SEV2,
    "high": Severity.SEV2,
    "medium": Severity.SEV3,
    "moderate": Severity.SEV3,
    "minor": Severity.SEV4,
    "low": Severity.SEV4,
    "info": Severity.SEV5,
}
WRITTEN = re.compile(r"(?:sev|p)?-?([1-5])", re.IGNORECASE)


def parse_severity(text: str) -> Severity | None:
    """Read ``SEV2``, ``sev2``, ``2``, ``p2`` or ``major``; None where it is none of these."""
    word = text.strip().lower()
    if found := WRITTEN.fullmatch(word):
        return Severity(f"SEV{found[1]}")
    return WORDS.get(word)


def worst(severities: list[Severity]) -> Severity | None:
    """The most severe of ``severities``; None of an empty list."""
    return min(severities, key=lambda severity: severity.level, default=None)
