"""Wall clocks: how a local time becomes an instant.

One rule covers every change of a zone's offset: a reading means the first instant at which the
zone's clock shows that reading or a later one. A time that is skipped is the moment of the
change; a time that comes twice is its first occurrence.

A *reading* is a datetime whose tzinfo is a ZoneInfo. Python compares and adds readings of one
zone by what the clock shows, which is what people mean by "every day at 09:00".
"""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, AwareDatetime

from domain.suggest import nearest


def instant(reading: datetime) -> datetime:
    """The UTC instant that a reading (whole seconds, tzinfo a ZoneInfo) means."""
    first = reading.astimezone(UTC)
    shown = first.astimezone(reading.tzinfo)
    return first if shown == reading else _end_of_skipped_time(reading)


def wall_clock(at: datetime, zone: str) -> datetime:
    """What a clock in ``zone`` shows at the instant ``at``."""
    return at.astimezone(ZoneInfo(zone))


def zone_named(typed: str) -> str:
    """The time zone somebody means: ``Europe/Berlin``, in any case, or the city alone.

    Raises `ValueError` with a clause that says what to type.
    """
    key = typed.strip().replace(" ", "_").lower()
    found = _zones().get(key)
    if found is None:
        near = nearest(key, _zones())
        meant = f"did you mean {_zones()[near]}?" if near else "write one like Europe/Berlin"
        raise ValueError(f"unknown time zone {typed.strip()!r}; {meant}")
    return found


@cache
def _zones() -> dict[str, str]:
    """Every zone by its name and by its city, in lower case."""
    known = sorted(available_timezones())
    cities = {zone.rpartition("/")[2].lower(): zone for zone in reversed(known)}
    return cities | {zone.lower(): zone for zone in known}


def _end_of_skipped_time(reading: datetime) -> datetime:
    """The moment of the change: Python reads a skipped time as before it or, folded, after it."""
    early, late = (reading.replace(fold=fold).astimezone(UTC) for fold in (1, 0))
    skipped = range(int((late - early).total_seconds()))

    def shown(second: int) -> datetime:
        return (early + timedelta(seconds=second)).astimezone(reading.tzinfo)

    return early + timedelta(seconds=bisect_left(skipped, reading, key=shown))


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}; write one like Europe/Berlin") from error


def _in_utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


ZoneName = Annotated[str, AfterValidator(_known_zone)]
Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
