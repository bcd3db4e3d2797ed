"""How long a year of shifts takes to work out, beside turning each of its hours into UTC."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

from bot.bench.runs import Figure
from domain.restriction import Restriction
from domain.rotation import Rotation, shifts_between
from domain.schedule import Layer, Override, Schedule, final_shifts

ZONE = "Europe/Berlin"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SINCE = datetime(2026, 3, 2, tzinfo=UTC)
UNTIL = SINCE + 365 * DAY
NIGHT = Restriction.model_validate({"starts": "22:00", "ends": "06:00"})
OFFICE = Restriction.model_validate(
    {"weekdays": ("mon", "tue", "wed", "thu", "fri"), "starts": "09:00", "ends": "17:00"}
)
TRIES = 10


def year() -> list[Figure]:
    """A rotation that turns each hour, and a schedule of three layers with a cover each week."""
    hourly, schedule = _rotation("hourly", "bob", "carol", "dana"), _schedule()
    bare = _fastest(_every_hour)
    shifts = _fastest(lambda: list(shifts_between(hourly, SINCE, UNTIL)))
    final = _fastest(lambda: final_shifts(schedule, SINCE, UNTIL))
    return [
        Figure("a year of hourly shifts", shifts, "ms", bare),
        Figure("a year of a schedule", final, "ms", bare),
    ]


def _every_hour() -> list[datetime]:
    zone, start = ZoneInfo(ZONE), SINCE.replace(tzinfo=None)
    hours = range((UNTIL - SINCE) // HOUR)
    return [(start + n * HOUR).replace(tzinfo=zone).astimezone(UTC) for n in hours]


def _fastest(work: Callable[[], object]) -> float:
    """Milliseconds of processor time, of the fastest of some tries: the rest is the machine."""
    spent = []
    for _ in range(TRIES):
        began = process_time()
        work()
        spent.append((process_time() - began) * 1000)
    return min(spent)


def _rotation(kind: str, *people: str) -> Rotation:
    turns = tuple((one,) for one in people)
    fields = {"kind": kind, "start": "2026-03-02T00:00", "timezone": ZONE, "participants": turns}
    return Rotation.model_validate(fields)


def _schedule() -> Schedule:
    layers = (
        Layer(name="weekly", rotation=_rotation("weekly", "bob", "carol")),
        Layer(name="office", rotation=_rotation("daily", "carol", "dana"), restrictions=(OFFICE,)),
        Layer(name="night", rotation=_rotation("daily", "erin", "bob"), restrictions=(NIGHT,)),
    )
    covers = tuple(_cover(week) for week in range(52))
    fields = {"id": "s1", "name": "Data platform", "team": "data", "timezone": ZONE}
    return Schedule.model_validate({**fields, "layers": layers, "overrides": covers})


def _cover(week: int) -> Override:
    starts = SINCE + 7 * week * DAY
    return Override(id=f"o{week}", user="dana", starts=starts, ends=starts + DAY, replaces="bob")
