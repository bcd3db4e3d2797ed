"""Timelines are cut, joined and laid over each other without losing or doubling a moment."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.spans import Post, Span, inside, outside, overlay, union, within

LENGTH = 24
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


def hour(number: int) -> datetime:
    """An hour of the day that these tests play in."""
    return MIDNIGHT + timedelta(hours=number)


def span(starts: int, ends: int, *users: str) -> Span:
    """A span of hours with people in it."""
    return Span(hour(starts), hour(ends), tuple(Post(user, "l", None, "") for user in users))


def painted(spans) -> list[str]:
    """Who stands in each hour; a dot where nobody does, and a failure where two spans do."""
    hours = ["."] * LENGTH
    for one in spans:
        assert one.starts < one.ends
        for number in range(LENGTH):
            if one.starts <= hour(number) < one.ends:
                assert hours[number] == "."
                hours[number] = "".join(post.user for post in one.posts) or "#"
    return hours


@st.composite
def timelines(draw, user: str = ""):
    """Any timeline of hours with the same person, or nobody, in each span."""
    edges = sorted(draw(st.sets(st.integers(0, LENGTH), max_size=10)))
    pairs = [(a, b) for a, b in pairwise(edges) if draw(st.booleans())]
    return [span(a, b, *user) for a, b in pairs]


@given(timelines("a"), timelines("b"))
def test_the_upper_timeline_wins_where_it_says_somebody(lower, upper):
    """Each hour shows the upper person, else the lower, else nobody; the result is in order."""
    laid = overlay(lower, upper)
    below, above = painted(lower), painted(upper)
    expected = [b if b != "." else a for a, b in zip(below, above, strict=True)]
    assert painted(laid) == expected
    assert laid == sorted(laid)


@given(timelines("a"), timelines())
def test_windows_divide_a_timeline(spans, windows):
    """What lies inside the windows and what lies outside are the whole, each hour once."""
    covered = [mark == "#" for mark in painted(windows)]
    whole = painted(spans)
    in_it = [a if yes else "." for a, yes in zip(whole, covered, strict=True)]
    out_of_it = ["." if yes else a for a, yes in zip(whole, covered, strict=True)]
    assert painted(inside(spans, windows)) == in_it
    assert painted(outside(spans, windows)) == out_of_it


@given(timelines("a"), st.integers(0, LENGTH), st.integers(0, LENGTH))
def test_a_part_is_cut_at_its_edges(spans, one, two):
    """The part between two hours holds exactly these hours, and keeps the given list."""
    kept = list(spans)
    starts, ends = sorted((one, two))
    expected = [a if starts <= n < ends else "." for n, a in enumerate(painted(spans))]
    assert painted(within(spans, hour(starts), hour(ends))) == expected
    assert spans == kept


@given(st.lists(st.tuples(st.integers(0, LENGTH - 1), st.integers(1, 6)), max_size=8))
def test_a_union_covers_what_any_window_covers(windows):
    """Overlapping and touching windows become one; the rest stays apart."""
    spans = [span(starts, min(starts + length, LENGTH)) for starts, length in windows]
    joined = union(spans)
    hours = [any(one.starts <= hour(n) < one.ends for one in spans) for n in range(LENGTH)]
    assert [mark == "#" for mark in painted(joined)] == hours
    assert all(a.ends < b.starts for a, b in pairwise(joined))
