"""Health is the age of the last finished cycle."""

from bot.pulses import STALE_S, Pulses


class Seconds:
    """A monotonic clock that is turned by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_an_age_grows_until_the_next_cycle_finishes() -> None:
    """A duty that is done again is young again."""
    seconds = Seconds()
    pulses = Pulses(seconds)
    pulses.finished("worker")
    seconds.at += 5
    assert pulses.ages() == {"worker": 5.0}
    pulses.finished("worker")
    assert pulses.ages() == {"worker": 0.0}


def test_a_minute_without_a_finished_cycle_is_stale() -> None:
    """And a second less is not."""
    seconds = Seconds()
    pulses = Pulses(seconds)
    pulses.finished("worker")
    pulses.finished("sealer", ago_s=1.0)
    seconds.at += STALE_S - 0.5
    assert pulses.stale() == ("sealer",)
    seconds.at += 1
    assert pulses.stale() == ("sealer", "worker")
