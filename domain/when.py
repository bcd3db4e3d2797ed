"""Times and lengths as people type and read them: now, 30m, in 2h, fri 18:00, ISO 8601."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PIECE = re.compile(r"(\d+)\s*([wdhms])", re.ASCII | re.IGNORECASE)
WHOLE = re.compile(r"(?:\d{1,9}\s*[wdhms]\s*)+", re.ASCII | re.IGNORECASE)
CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(am|pm)?", re.ASCII | re.IGNORECASE)
HALF_DAY = re.compile(r"(?<=\d)\s+(?=[ap]m\b)", re.ASCII)
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST = timedelta(days=3660)
FILLERS = ("at", "in")
FIRST_YEAR, LAST_YEAR = 1970, 2200
LENGTHS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def parse_duration(text: str) -> timedelta | None:
    """Read ``30m``, ``2h``, ``1d12h``; None where it is no duration or over ten years."""
    if not WHOLE.fullmatch(text.strip()):
        return None
    seconds = sum(int(n) * UNITS[unit.lower()] for n, unit in PIECE.findall(text))
    return timedelta(seconds=seconds) if seconds <= LONGEST.total_seconds() else None


def in_words(length: timedelta) -> str:
    """The two largest units: ``41 s``, ``1 m 41 s``, ``2 h 3 m``, ``3 d 4 h``; at least ``0 s``."""
    seconds = max(0, round(length.total_seconds()))
    pieces = []
    for unit, size in LENGTHS:
        count, seconds = divmod(seconds, size)
        pieces.append((count, unit))
    first = next((n for n, (count, _) in enumerate(pieces) if count), len(pieces) - 1)
    shown = pieces[first : first + 2]
    return " ".join(f"{count} {unit}" for count, unit in shown if count or len(shown) == 1)


def parse_when(text: str, now: datetime, zone: str) -> datetime | None:
    """The instant that ``text`` means to a person in ``zone`` at ``now``, in UTC.

    Durations count from now. A bare clock time is the next such time; a weekday is the next
    day of that name, today included while the time is still to come.
    """
    words = [word for word in HALF_DAY.sub("", text.lower()).split() if word not in FILLERS]
    text = " ".join(words)
    if text == "now":
        return now
    if (duration := parse_duration(text)) is not None:
        return now + duration
    if (iso := _iso(text, zone)) is not None:
        return iso
    return _spoken(words, now.astimezone(ZoneInfo(zone)))


def completes(day: str, clock: str) -> bool:
    """Whether ``clock`` goes with ``day`` to make one time: fri 18:00, tomorrow 9."""
    return _is_date(day.lower()) and _clock(clock.lower()) is not None


def is_when(text: str) -> bool:
    """Whether `parse_when` reads ``text``."""
    return parse_when(text, ANY_TIME, "UTC") is not None


def _iso(text: str, zone: str) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if not FIRST_YEAR <= parsed.year <= LAST_YEAR:
        return None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=ZoneInfo(zone))
    return parsed.astimezone(UTC)


def _spoken(words: list[str], local: datetime) -> datetime | None:
    if not words or len(words) > 2:
        return None
    day, clock = (words[0], words[1]) if len(words) == 2 else _one_word(words[0])
    at = _clock(clock) if clock else time(9)
    dates = _dates(day, local)
    if at is None or dates is None:
        return None
    candidates = (datetime.combine(one, at, local.tzinfo).astimezone(UTC) for one in dates)
    return next((one for one in candidates if one > local), None)


def _one_word(word: str) -> tuple[str, str]:
    return ("", word) if word[0].isdigit() else (word, "")


def _dates(day: str, local: datetime) -> tuple[date, ...] | None:
    today = local.date()
    if day == "":
        return (today, today + timedelta(days=1))
    if day == "today":
        return (today,)
    if day == "tomorrow":
        return (today + timedelta(days=1),)
    if day[:3] not in DAYS or not _is_day(day):
        return None
    ahead = (DAYS.index(day[:3]) - today.weekday()) % 7
    return (today + timedelta(days=ahead), today + timedelta(days=ahead + 7))


def _is_date(word: str) -> bool:
    if word in ("today", "tomorrow") or ISO_DATE.fullmatch(word):
        return True
    return word[:3] in DAYS and _is_day(word)


def _is_day(word: str) -> bool:
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return any(name.startswith(word) for name in full)


def _clock(text: str) -> time | None:
    found = CLOCK.fullmatch(text)
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3] and not 1 <= hour <= 12:
        return None
    if found[3]:
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
