"""Ids grow with time, whatever the clock does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.ids import LARGEST, TimeOrderedIds
from tests.fakes.stores import NOON, StillClock, seeded_ids


@given(st.lists(st.integers(min_value=-5000, max_value=5000), max_size=50))
def test_every_id_is_greater_than_the_one_before(moves: list[int]) -> None:
    """Also when the clock stands still or is set back."""
    clock = StillClock()
    ids = seeded_ids(clock)
    made = []
    for move in moves:
        clock.at = NOON + timedelta(milliseconds=move)
        made += [ids.new(), ids.new()]
    assert made == sorted(set(made))
    assert all(len(one) == 26 for one in made)


def test_an_id_of_a_later_moment_is_greater_than_any_of_before() -> None:
    """Two processes agree on the order of what happened a millisecond apart."""
    clock = StillClock()
    early = TimeOrderedIds(clock, lambda n: b"\xff" * n, str).new()
    clock.move(milliseconds=1)
    late = TimeOrderedIds(clock, bytes, str).new()
    assert early < late


def test_counting_on_runs_over_into_the_next_millisecond() -> None:
    """Not even the last number of a millisecond is given twice."""
    clock = StillClock()
    ids = seeded_ids(clock)
    ids._last = (int(NOON.timestamp() * 1000), LARGEST - 1)
    made = [ids.new(), ids.new()]
    assert made == sorted(set(made))


def test_threads_never_get_the_same_id() -> None:
    """Jobs that run beside the loop make ids too."""
    ids = seeded_ids(StillClock())
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ids.new(), range(2000)))
    assert len(set(made)) == 2000
