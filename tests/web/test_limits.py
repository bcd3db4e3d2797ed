"""Buckets: so many at once, then one by one."""

from web.limits import MOST, Buckets


def test_a_bucket_empties_and_fills_again() -> None:
    """Two at once, then one every four seconds; never more than two in hand."""
    buckets = Buckets(rate=0.25, burst=2)
    assert [buckets.take("a", 0.0) for _ in range(3)] == [0.0, 0.0, 4.0]
    assert buckets.take("a", 2.0) == 2.0
    assert buckets.take("a", 4.0) == 0.0
    assert [buckets.take("a", 1000.0) for _ in range(3)] == [0.0, 0.0, 4.0]


def test_keys_do_not_share() -> None:
    """One who tries too often does not slow others down."""
    buckets = Buckets(rate=1, burst=1)
    assert [buckets.take(key, 0.0) for key in ("a", "a", "b")] == [0.0, 1.0, 0.0]


def test_the_oldest_keys_are_forgotten() -> None:
    """Memory is bounded, whoever invents names."""
    buckets = Buckets(rate=1, burst=1)
    for number in range(MOST + 1):
        buckets.take(str(number), 0.0)
    assert buckets.take("0", 0.0) == 0.0
    assert buckets.take(str(MOST), 0.0) > 0.0
