"""Spans of time with people in them, and how one timeline is laid over another.

A *timeline* is a list of spans in order of time that do not overlap; it may have holes. Spans are
plain tuples, because a year of hourly shifts is 8,760 of them.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

STARTS = attrgetter("starts")
ENDS = attrgetter("ends")


class Post(NamedTuple):
    """One person's place on call and where it comes from."""

    user: str
    layer: str | None
    override: str | None
    reason: str


class Span(NamedTuple):
    """Who is on call in [starts, ends); a window has no posts."""

    starts: datetime
    ends: datetime
    posts: tuple[Post, ...] = ()


def overlay(lower: Sequence[Span], upper: Sequence[Span]) -> list[Span]:
    """``upper`` wherever it has a span, ``lower`` elsewhere."""
    if not upper:
        return list(lower)
    first = bisect_right(lower, upper[0].starts, key=ENDS)
    last = bisect_left(lower, upper[-1].ends, key=STARTS)
    merged = sorted([*outside(lower[first:last], upper), *upper], key=STARTS)
    return [*lower[:first], *merged, *lower[last:]]


def within(spans: Sequence[Span], starts: datetime, ends: datetime) -> list[Span]:
    """The part of a timeline in [starts, ends), cut at its edges."""
    first = bisect_right(spans, starts, key=ENDS)
    last = bisect_left(spans, ends, key=STARTS)
    part = list(spans[first:last]) if starts < ends else []
    if part:
        part[0] = part[0]._replace(starts=max(part[0].starts, starts))
        part[-1] = part[-1]._replace(ends=min(part[-1].ends, ends))
    return part


def inside(spans: Iterable[Span], windows: Iterable[Span]) -> Iterator[Span]:
    """The parts of ``spans`` that lie in ``windows``."""
    for span, met in _meetings(spans, windows):
        for window in met:
            starts, ends = max(span.starts, window.starts), min(span.ends, window.ends)
            yield Span(starts, ends, span.posts)


def outside(spans: Iterable[Span], windows: Iterable[Span]) -> Iterator[Span]:
    """The parts of ``spans`` that no window covers: from one window's end to the next's start."""
    for span, met in _meetings(spans, windows):
        begins = [span.starts, *(window.ends for window in met)]
        ends = [*(window.starts for window in met), span.ends]
        free = ((a, b) for a, b in zip(begins, ends, strict=True) if a < b)
        yield from (Span(a, b, span.posts) for a, b in free)


def union(windows: Iterable[Span]) -> list[Span]:
    """Windows in any order, overlapping or touching, as one timeline."""
    merged: list[Span] = []
    for window in sorted(windows, key=STARTS):
        if merged and window.starts <= merged[-1].ends:
            merged[-1] = Span(merged[-1].starts, max(merged[-1].ends, window.ends))
        else:
            merged.append(window)
    return merged


def _meetings(spans: Iterable[Span], windows: Iterable[Span]) -> Iterator[tuple[Span, list[Span]]]:
    """Each span with the windows that share a moment with it."""
    ahead = deque(windows)
    for span in spans:
        while ahead and ahead[0].ends <= span.starts:
            ahead.popleft()
        met = []
        for window in ahead:
            if window.starts >= span.ends:
                break
            met.append(window)
        yield span, met
