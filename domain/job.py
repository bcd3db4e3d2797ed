"""Work that is owed: a timer is a job that is not yet due."""

from datetime import timedelta
from typing import ClassVar, Literal

from domain.base import Frozen

Lane = Literal["page", "default", "slow", "run"]


class Job(Frozen):
    """An imperative, stored with the change that owes it; unknown kinds are left alone.

    ``lane`` separates what must never wait (pages) from what may (models) and from what takes its
    time (steps of runs); within a lane the
    smaller ``priority`` goes first. ``lease`` is how long after a worker's death its claim still
    holds, for a living one renews it; then another may take the job again (at least once), or
    nobody may (at most once, it becomes ``unknown``).
    """

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    lane: ClassVar[Lane] = "default"
    priority: ClassVar[int] = 50
    lease: ClassVar[timedelta] = timedelta(seconds=6)
    delivery: ClassVar[Literal["at_least_once", "at_most_once"]] = "at_least_once"
    max_attempts: ClassVar[int] = 10
