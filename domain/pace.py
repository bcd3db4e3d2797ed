"""How fast Tocsin speaks: what a room can read, and what its platform lets through.

The figures are those of the noise law: edits of a card at least two seconds apart, a message a
second in a room, and one card for a storm of more than twenty incidents in a minute.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.base import Frozen
from domain.severity import Severity

EDITS_APART = timedelta(seconds=2)
# Slack lets one message a second into a channel and bears short bursts; the others bear more.
MESSAGES_APART_S = 1.0
BURST = 5
STORM = 20
STORM_WINDOW = timedelta(minutes=1)
STORM_OVER = timedelta(minutes=10)
NIGHT = (time(22), time(8))
MORNING = time(9)


class Pace(Frozen):
    """A room's allowance, in seconds of one clock: ``booked`` is up to when its messages reach at
    one every `MESSAGES_APART_S`, ``closed`` is until when the platform wants none."""

    booked: float = 0.0
    closed: float = 0.0

    def wait(self, now: float) -> float:
        """How long the next message must wait, in seconds; 0 where it may go."""
        ahead = self.booked - now - (BURST - 1) * MESSAGES_APART_S
        return max(ahead, self.closed - now, 0.0)

    def taken(self, now: float) -> "Pace":
        """After a message at ``now``."""
        booked = max(self.booked, now) + MESSAGES_APART_S
        return self.model_copy(update={"booked": booked})

    def shut(self, until: float) -> "Pace":
        """After the platform asked for silence."""
        return self.model_copy(update={"closed": max(self.closed, until)})

    def is_idle(self, now: float) -> bool:
        """Whether nothing of it matters any more."""
        return max(self.booked, self.closed) <= now


def next_edit(edited_at: datetime | None, now: datetime) -> datetime:
    """When a card that was drawn at ``edited_at`` may be drawn again."""
    return now if edited_at is None else max(now, edited_at + EDITS_APART)


def is_storm(cards: int) -> bool:
    """Whether a room that got so many cards within `STORM_WINDOW` should get no further one."""
    return cards >= STORM


def morning_of(now: datetime, zone: str) -> datetime:
    """When what can wait until somebody in ``zone`` is up may be told: now, at night at 09:00."""
    local = now.astimezone(ZoneInfo(zone))
    if NIGHT[1] <= local.time() < NIGHT[0]:
        return now
    day = local.date() + timedelta(days=int(local.time() >= NIGHT[0]))
    return datetime.combine(day, MORNING, local.tzinfo).astimezone(UTC)


def reminder_time(severity: Severity, now: datetime, zone: str) -> datetime:
    """When somebody in ``zone`` may be reminded: nobody is at night for SEV3 and less."""
    return now if severity.major else by_day(now, zone)


def by_day(now: datetime, zone: str) -> datetime:
    """Now, or the morning after where it is night in ``zone``."""
    ends, begins = NIGHT[1], NIGHT[0]
    local = now.astimezone(ZoneInfo(zone))
    if ends <= local.time() < begins:
        return now
    morning = local.date() + timedelta(days=int(local.time() >= begins))
    return datetime.combine(morning, ends, local.tzinfo).astimezone(UTC)
