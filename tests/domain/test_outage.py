"""When a chat counts as down, and when as back."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.outage import (
    DEAF_FOR,
    AnsweredElsewhere,
    ChatState,
    alive,
    deafened,
    heard,
    is_deaf,
    lost,
    silent,
)

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
UP = ChatState(platform="slack", since=NOON - timedelta(days=1))
DOWN = lost(UP, "no answer", NOON)


def after(state: ChatState, story: str, every: timedelta = timedelta(seconds=20)) -> list[bool]:
    """Whether it counts as up after each sign of life that came (+) or did not (-)."""
    seen = []
    for number, one in enumerate(story):
        now = NOON + number * every
        state = alive(state, now) if one == "+" else silent(state, "no answer", now)
        seen.append(state.up)
    return seen


@pytest.mark.parametrize(
    ("story", "up"),
    [
        ("---", [True, True, True]),
        ("----", [True, True, True, False]),
        ("--+--+", [True] * 6),
        ("--+----", [True] * 6 + [False]),
    ],
)
def test_a_minute_of_silence_is_down(story, up):
    """Signs of life that come between begin the minute anew."""
    assert after(UP, story) == up


@pytest.mark.parametrize(
    ("story", "up"),
    [
        ("++", [False, False]),
        ("+++", [False, False, True]),
        ("++-++", [False] * 5),
        ("++-+++", [False] * 5 + [True]),
    ],
)
def test_three_signs_of_life_in_a_row_are_back(story, up):
    """One that comes and goes stays down."""
    assert after(DOWN, story) == up


def test_it_is_down_since_the_silence_began():
    """People are told when it happened, not when it was noticed."""
    quiet = silent(UP, "no answer", NOON)
    gone = silent(quiet, "no answer", NOON + timedelta(seconds=60))
    assert (gone.up, gone.since, gone.error) == (False, NOON, "no answer")


def test_what_is_down_stays_down_since_then():
    """Another lost call does not begin it anew."""
    again = lost(DOWN, "still nothing", NOON + timedelta(minutes=5))
    assert (again.since, again.error) == (NOON, "still nothing")


def test_people_are_told_once_in_half_an_hour():
    """One that comes and goes writes to nobody each time."""
    told = DOWN.model_copy(update={"told_at": NOON})
    assert not DOWN.told_lately(NOON)
    assert told.told_lately(NOON + timedelta(minutes=29))
    assert not told.told_lately(NOON + timedelta(minutes=30))


@pytest.mark.parametrize(
    ("answered", "heard_min", "deaf"),
    [
        ("bob 1, carol 2, bob 3", None, True),
        ("bob 1, carol 2, bob 3", 0, True),
        ("bob 1, carol 2, bob 3", 1, False),
        ("bob 1, carol 2, bob 3", 5, False),
        ("bob 1, bob 2, bob 3, bob 4", None, False),
        ("bob 1, carol 2", None, False),
        ("", None, False),
    ],
)
def test_answers_elsewhere_and_nothing_heard_is_deaf(answered, heard_min, deaf):
    """One person alone, or anything heard since, is no proof."""
    pages = [one.split() for one in answered.split(", ") if one]
    found = [
        AnsweredElsewhere(user=user, rung_at=NOON + timedelta(minutes=int(minute)))
        for user, minute in pages
    ]
    at = None if heard_min is None else NOON + timedelta(minutes=heard_min)
    assert is_deaf(found, at) is deaf


def test_what_is_deaf_is_back_when_somebody_is_heard():
    """Not by signs of life; without anybody, after half an hour, and then watched anew."""
    deaf = deafened(UP, NOON)
    assert after(deaf, "+++++") == [False] * 5
    assert heard(deaf, NOON).up
    later = alive(deaf, NOON + DEAF_FOR)
    assert (later.up, later.heard_at) == (True, NOON + DEAF_FOR)
    assert after(lost(deaf, "no answer", NOON), "+++++") == [False] * 5
