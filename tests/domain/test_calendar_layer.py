"""Calendars as layers: whom an event names, what is left out, and what a team must know of it."""

import re
import sys
from datetime import UTC, datetime, timedelta

import pytest

from domain.calendar_layer import (
    CalendarState,
    ImportedShift,
    Reading,
    Somebody,
    after_another,
    after_failing,
    after_reading,
    calendar_risks,
    moved,
    shown_source,
    taken,
    told_left_out,
    wanted,
)
from domain.schedule import FixedShift, Layer, Schedule, final_shifts, gaps, on_call

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PEOPLE = (
    Somebody(id="bob", name="Bob Meyer", mail="bob@example.com"),
    Somebody(id="carol", name="Carol"),
    Somebody(id="kim1", name="Kim"),
    Somebody(id="kim2", name="Kim"),
)


def event(words: str, *mails: str, at: int = 0) -> ImportedShift:
    """An hour, ``at`` hours after noon."""
    starts = NOON + at * HOUR
    return ImportedShift(
        words=words, mails=mails, starts=starts, ends=starts + HOUR, place=f"line {at}"
    )


@pytest.mark.parametrize(
    ("words", "mails", "users"),
    [
        ("On call", ("BOB@example.com",), ["bob"]),
        ("bob@example.com - storefront", (), ["bob"]),
        ("On Call - bob meyer - Storefront", (), ["bob"]),
        ("bob", (), ["bob"]),
        ("bob & Carol", ("guest@example.com",), ["carol", "bob"]),
        ("kim1", (), ["kim1"]),
        ("Kim", (), "may be kim1 or kim2: write their e-mail address"),
        ("Bobby", (), "nobody here is called as 'Bobby' says"),
        ("carol-backup", (), "nobody here is called as"),
        ("", (), "nobody here is called as"),
    ],
)
def test_whom_an_event_names(words, mails, users):
    """By e-mail first, by name or handle as whole words; what is not clear is left out by place."""
    found = taken(Reading(shifts=(event(words, *mails),)), PEOPLE)
    if isinstance(users, str):
        (told,) = found.left_out
        assert told.startswith("line 0: ")
        assert users in told
        assert found.shifts == ()
    else:
        assert ([one.user for one in found.shifts], found.left_out) == (users, ())


def test_only_who_may_be_meant_is_looked_for_word_by_word():
    """A pattern for each of many people and each event would hold up the unit of work."""
    made: list[str] = []

    def seen(frame, event, _arg):
        if (frame.f_code.co_name, event) == ("compile", "call") and "p" in frame.f_locals:
            made.append(frame.f_locals["p"])

    people = [Somebody(id=f"crowd{n}", name=f"Crowd {n}") for n in range(600)]
    re.purge()
    sys.setprofile(seen)
    try:
        found = taken(Reading(shifts=(event("crowd7"), event("crowd8", at=1))), people)
    finally:
        sys.setprofile(None)
    assert [one.user for one in found.shifts] == ["crowd7", "crowd8"]
    assert len(made) < 10


def fixed(*shifts: tuple[str, int, int]) -> Schedule:
    """A schedule of one calendar."""
    made = tuple(
        FixedShift(user=user, starts=NOON + first * HOUR, ends=NOON + last * HOUR)
        for user, first, last in shifts
    )
    layer = Layer(name="rota", calendar="rota.ics", shifts=made)
    return Schedule(id="web", name="Web", team="web", timezone="UTC", layers=(layer,))


def test_a_calendar_is_a_layer_like_others():
    """Those who meet are on call together; between its events nobody is; edges are exact."""
    web = fixed(("bob", 0, 4), ("carol", 2, 6), ("bob", 8, 9))
    told = [
        (one.user, (one.starts - NOON) // HOUR, (one.ends - NOON) // HOUR)
        for one in final_shifts(web, NOON - HOUR, NOON + 10 * HOUR)
    ]
    assert told == [("bob", 0, 4), ("carol", 2, 6), ("bob", 8, 9)]
    assert [one.user for one in on_call(web, NOON + 3 * HOUR)] == ["bob", "carol"]
    holes = gaps(web, NOON, NOON + 9 * HOUR)
    assert [((one.starts - NOON) // HOUR, (one.ends - NOON) // HOUR) for one in holes] == [(6, 8)]
    assert web.people == ("bob", "carol")
    (layer,) = web.layers
    hours = {"restrictions": ({"starts": "14:00", "ends": "15:00"},)}
    cut = web.model_copy(update={"layers": (Layer.model_validate(layer.model_dump() | hours),)})
    assert [one.user for one in on_call(cut, NOON)] == []
    assert [one.user for one in on_call(cut, NOON + 2 * HOUR)] == ["bob", "carol"]
    for wrong in ({}, {"calendar": "a.ics", "rotation": ROTATION}):
        with pytest.raises(ValueError, match="needs a rotation or a calendar, and not both"):
            Layer.model_validate({"name": "rota", **wrong})


ROTATION = {"kind": "daily", "start": "2026-03-02T09:00", "timezone": "UTC",
            "participants": [["bob"]]}  # fmt: skip


def test_what_it_said_last_goes_on_and_its_team_hears_of_it():
    """After an hour, once; a calendar that is read again is as new."""
    web = {"web": fixed()}
    shift = FixedShift(user="bob", starts=NOON, ends=NOON + HOUR)
    state = CalendarState(schedule="web", layer="rota", source="https://x.example/secret")
    read = after_reading(state, taken(Reading(shifts=(event("bob"),)), PEOPLE), NOON)
    failing = after_failing(after_failing(read, "x said 500", NOON), "x said 503", NOON + HOUR)
    assert (failing.shifts, failing.failing_since, failing.error) == ((shift,), NOON, "x said 503")
    assert list(calendar_risks([failing], web, NOON + HOUR / 2)) == []
    (risk,) = calendar_risks([failing], web, NOON + HOUR)
    assert "Web: the calendar of layer rota cannot be read since Sat 21 Nov 12:00" in risk.text
    assert (risk.team, "secret" in risk.text) == ("web", False)
    assert list(calendar_risks([failing], {}, NOON + HOUR)) == []
    left = read.model_copy(update={"left_out": ("line 3: a", "b", "c", "d")})
    (risk,) = calendar_risks([left], web, NOON)
    assert "left out: line 3: a; b; c; and 1 more" in risk.text
    assert told_left_out(("b",)) == "events that were left out: b"


def test_whoever_is_on_call_now_stays_so_when_a_calendar_names_nobody_any_more():
    """Free and busy alone, say; before the first shift and after the last it may be empty."""
    empty = CalendarState(schedule="web", layer="rota", source="https://x.example/secret")
    read = after_reading(empty, taken(Reading(shifts=(event("bob"),)), PEOPLE), NOON)
    busy = taken(Reading(shifts=(event("Busy"),)), PEOPLE)
    kept = after_another(read, busy, NOON)
    assert (kept.shifts, kept.failing_since) == (read.shifts, NOON)
    assert kept.error.startswith("it names nobody any more: line 0: nobody here is called as")
    nothing = taken(Reading(shifts=()), PEOPLE)
    assert after_another(read, nothing, NOON).error == "it names nobody any more"
    assert after_another(read, nothing, NOON + HOUR).shifts == ()
    changed = after_another(read, taken(Reading(shifts=(event("carol"),)), PEOPLE), NOON)
    assert [one.user for one in changed.shifts] == ["carol"]
    elsewhere = moved(kept, "https://y.example/secret")
    assert (elsewhere.shifts, elsewhere.read_at, elsewhere.error) == (read.shifts, None, "")


def test_an_address_is_not_shown():
    """It may hold a secret; the time that is read of it reaches a year ahead."""
    assert shown_source("https://cal.example/private-0123/basic.ics") == "cal.example/…"
    assert shown_source("rota.ics") == "rota.ics"
    asked = wanted(fixed(), "rota.ics", NOON)
    assert (asked.until - asked.since).days == 396
