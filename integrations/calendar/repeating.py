"""Rules by which events repeat: which are followed, and how far they are counted.

A calendar is written by others: whatever a rule says, it takes little time and little memory.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

MOST_COUNTED = 20_000
STEPS = {"HOURLY": timedelta(hours=1), "DAILY": timedelta(days=1), "WEEKLY": timedelta(weeks=1)}
FOLLOWED = (*STEPS, "MONTHLY", "YEARLY")
TOO_FINE = ("BYSECOND", "BYMINUTE")
# with them a rule of hours or days may match nothing, and looking for its first day has no end
SELDOM = ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS", "BYEASTER")
FOLD = re.compile(r"(?:\r?\n)+[ \t]")
ZONE_RULE = re.compile(
    r"RRULE\b(?!.*(?:FREQ=(?!YEARLY\b)|INTERVAL=(?!1\b)|BYHOUR|BYMINUTE|BYSECOND))"
    r".*FREQ=YEARLY\b"
)


def begun(rule: Mapping[str, Any], first: datetime, since: datetime) -> datetime:
    """From when to count a rule that began at ``first``: the same repetitions follow ``since``.

    Raises `ValueError` where it is not followed.
    """
    often = str(_only(rule, "FREQ", "")).upper()
    every = int(_only(rule, "INTERVAL", 1))
    if why := _refusal(rule, often, every):
        raise ValueError(why)
    if often not in STEPS or "COUNT" in rule or first >= since:
        return first
    step = STEPS[often] * every
    return first + max((since - first) // step - 1, 0) * step


def _refusal(rule: Mapping[str, Any], often: str, every: int) -> str:
    fine = [part for part in TOO_FINE if part in rule]
    if often not in FOLLOWED or fine:
        return f"it repeats too often ({' '.join([often, *fine])}), which is not read"
    seldom = [part for part in SELDOM if part in rule]
    if often in ("HOURLY", "DAILY") and seldom:
        return f"it repeats {often} but for {' '.join(seldom)}, which is not read"
    return "" if every > 0 else "its INTERVAL is not above zero"


def _only(rule: Mapping[str, Any], part: str, otherwise: Any) -> Any:
    found = rule.get(part, otherwise)
    return found[0] if isinstance(found, list) else found


def counted(found: Iterable[datetime], until: datetime) -> Iterator[datetime]:
    """One after the other up to ``until``. Raises `ValueError` where there are too many."""
    for n, at in enumerate(found):
        if at > until:
            return
        if n == MOST_COUNTED:
            raise ValueError(f"it repeats more than {MOST_COUNTED} times, which is not counted")
        yield at


def odd_zone(text: str) -> bool:
    """Whether a zone that a calendar brings along changes its clock by another rule than once in
    a year: such a rule would be counted wherever one of its times is looked at."""
    deep = 0
    for line in FOLD.sub("", text).upper().splitlines():
        if line.startswith("BEGIN") and "VTIMEZONE" in line:
            deep += 1
        elif line.strip() == "END:VTIMEZONE":
            deep -= 1
        elif deep > 0 and line.startswith("RRULE") and not ZONE_RULE.match(line):
            return True
    return False
