"""Shifts from a calendar's text, and calendars behind addresses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.calendar_layer import Wanted
from domain.errors import Invalid, Permanent, Retry
from integrations.calendar.events import Period
from integrations.calendar.fetched import FetchedCalendars
from integrations.calendar.shifts import shifts

BERLIN = ZoneInfo("Europe/Berlin")
SINCE, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
PERIOD = Period(SINCE, UNTIL, BERLIN)
WANTED = Wanted(source="", since=SINCE, until=UNTIL, zone="Europe/Berlin")


def calendar(*events: tuple[str, ...]) -> bytes:
    """A calendar of these events, each a list of lines."""
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test")
    told = [line for one in events for line in ("BEGIN:VEVENT", *one, "END:VEVENT")]
    return "\r\n".join((*head, *told, "END:VCALENDAR", "")).encode()


NIGHT = ("UID:n", "SUMMARY:Bob", "DTSTART:20261102T200000Z", "DTEND:20261103T050000Z",
         "ATTENDEE;CN=Bob:mailto:bob@example.com")  # fmt: skip
ODD = {
    "(RDATE), which is not read": ("RDATE:20261105T200000Z",),
    "(EXRULE), which is not read": ("EXRULE:FREQ=DAILY",),
    "(RANGE), which is not read": ("RECURRENCE-ID;RANGE=THISANDFUTURE:20261102T200000Z",),
}


def test_events_are_shifts_with_whom_they_name() -> None:
    """Repeated by the clock of their zone, one moved, one cancelled; each with its line."""
    weekly = ("UID:w", "SUMMARY:Carol", "DTSTART;TZID=Europe/Berlin:20261102T090000",
              "DTEND;TZID=Europe/Berlin:20261103T090000", "RRULE:FREQ=WEEKLY;COUNT=3")  # fmt: skip
    moved = ("UID:w", "SUMMARY:Carol", "RECURRENCE-ID;TZID=Europe/Berlin:20261109T090000",
             "DTSTART;TZID=Europe/Berlin:20261110T090000",
             "DTEND;TZID=Europe/Berlin:20261111T090000")  # fmt: skip
    off = ("UID:o", "STATUS:CANCELLED", "DTSTART;VALUE=DATE:20261120")
    found = shifts(calendar(NIGHT, weekly, moved, off), PERIOD)
    assert [(one.words, f"{one.starts:%d %H}") for one in found.shifts] == [
        ("Carol", "02 08"), ("Bob", "02 20"), ("Carol", "10 08"), ("Carol", "16 08"),
    ]  # fmt: skip
    assert found.shifts[1].mails == ("bob@example.com",)
    assert found.shifts[1].place == "line 5, 'Bob'"
    assert found.left_out == ()


def test_what_is_not_read_is_named_with_its_place() -> None:
    """Nothing is dropped in silence, and the rest is taken all the same."""
    odd = [(f"UID:odd{n}", *NIGHT[1:], *lines) for n, lines in enumerate(ODD.values())]
    endless = ("UID:e", "SUMMARY:Bob", "DTSTART:20261102T200000Z")
    todo = calendar(NIGHT, *odd, endless).replace(
        b"END:VCALENDAR", b"BEGIN:VTODO\r\nUID:t\r\nEND:VTODO\r\nEND:VCALENDAR"
    )
    found = shifts(todo, PERIOD)
    assert len(found.shifts) == 1
    told = "\n".join(found.left_out)
    for why in (*ODD, "it has no end", "VTODO: no event, and so no shift"):
        assert why in told
    assert "line 12, 'Bob': it repeats on listed days" in told
    hourly = (*NIGHT[:3], "DTEND:20261102T203000Z", "RRULE:FREQ=HOURLY")
    with pytest.raises(Invalid, match="more than 1000 shifts"):
        shifts(calendar(hourly, ("UID:2", *hourly[1:])), PERIOD)
    with pytest.raises(Invalid, match="This is no calendar") as refused:
        shifts(b"zanzibar", PERIOD)
    assert "zanzibar" not in refused.value.text


HALF_HOUR = ("UID:h", "SUMMARY:Bob", "DTSTART:20200101T000000Z", "DTEND:20200101T003000Z")
YEAR = Period(SINCE, datetime(2027, 11, 1, tzinfo=UTC), BERLIN)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("FREQ=HOURLY;INTERVAL=8", 90),
        ("FREQ=HOURLY;INTERVAL=8;BYDAY=MO", 15),
        ("FREQ=DAILY;INTERVAL=3", 10),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=MO", 4),
        ("FREQ=MONTHLY", 1),
        ("FREQ=DAILY;COUNT=2502", 6),
        ("FREQ=SECONDLY", "it repeats too often (SECONDLY), which is not read"),
        ("FREQ=MINUTELY", "it repeats too often (MINUTELY), which is not read"),
        ("FREQ=DAILY;BYSECOND=1,2", "it repeats too often (DAILY BYSECOND), which is not read"),
        ("FREQ=DAILY;BYMINUTE=1,2", "it repeats too often (DAILY BYMINUTE), which is not read"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "it repeats DAILY but for BYMONTH BYMONTHDAY"),
        ("FREQ=DAILY;INTERVAL=0", "its INTERVAL is not above zero"),
        ("FREQ=HOURLY;COUNT=99999", "it repeats more than 20000 times, which is not counted"),
    ],
)
def test_what_repeats_often_is_counted_from_the_period_on_or_named(
    rule: str, told: int | str
) -> None:
    """No rule of others takes more than a bounded count of steps, and none vanishes."""
    found = shifts(calendar((*HALF_HOUR, f"RRULE:{rule}")), PERIOD)
    if isinstance(told, int):
        assert (len(found.shifts), found.left_out) == (told, ())
    else:
        assert found.shifts == ()
        assert told in found.left_out[0]


def test_an_event_of_too_many_shifts_is_left_out_and_the_rest_taken():
    """By name; as one with too many rules, or with times that no clock has."""
    many = (*HALF_HOUR, "RRULE:FREQ=HOURLY")
    rules = (*HALF_HOUR, *["RRULE:FREQ=DAILY"] * 11)
    long = (*HALF_HOUR[:3], "DURATION:P9999999D", "RRULE:FREQ=DAILY")
    found = shifts(calendar(NIGHT, many, rules, long), YEAR)
    assert len(found.shifts) == 1
    for why in ("more than 1000 times in that time", "more than 10 rules", "out of range"):
        assert why in "".join(found.left_out)


ZONE = ("BEGIN:VTIMEZONE", "TZID:Odd", "BEGIN:STANDARD", "DTSTART:19700101T000000",
        "TZOFFSETFROM:+0100", "TZOFFSETTO:+0100", "RRULE:{rule}", "END:STANDARD",
        "END:VTIMEZONE")  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "is_read"),
    [
        ("FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", True),
        ("FREQ=SECONDLY", False),
        ("FREQ=YEARLY;BYSECOND=1,2", False),
        ("FREQ=YEARLY;INTERVAL=0", False),
        ("FREQ=SECO\r\n NDLY;X=\r\n FREQ=YEARLY", False),
    ],
)
def test_a_zone_that_a_calendar_brings_along_changes_once_in_a_year(rule: str, is_read: bool):
    """Any other rule would be counted from 1970 on, wherever one of its times is looked at."""
    there = ("UID:z", "SUMMARY:Bob", "DTSTART;TZID=Odd:20261102T200000",
             "DTEND;TZID=Odd:20261103T050000")  # fmt: skip
    zone = "\r\n".join(ZONE).format(rule=rule).encode()
    text = calendar(there).replace(b"BEGIN:VEVENT", zone + b"\r\nBEGIN:VEVENT")
    if is_read:
        assert len(shifts(text, PERIOD).shifts) == 1
    else:
        with pytest.raises(Invalid, match="VTIMEZONE"):
            shifts(text, PERIOD)


def test_the_reading_ends_when_nobody_waits_for_it():
    """After the event at which that is seen."""
    asked: list[int] = []

    def is_late() -> bool:
        asked.append(1)
        return len(asked) == 2

    with pytest.raises(Invalid, match="takes too long"):
        shifts(calendar(*[(f"UID:{n}", *NIGHT[1:]) for n in range(9)]), PERIOD, is_late)
    assert len(asked) == 2


@asynccontextmanager
async def serving(answer: bytes) -> AsyncIterator[str]:
    """A server on loopback that says this to everything; gives its address."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/private-zanzibar.ics"


def http(status: str, body: bytes = b"") -> bytes:
    """A whole answer."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


PACKED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "error", "told"),
    [
        (http("503 Busy"), Retry, "127.0.0.1 said 503"),
        (http("404 Gone"), Permanent, "127.0.0.1 said 404"),
        (http("302 Found"), Permanent, "127.0.0.1 said 302"),
        (http("200 OK", b"<html>"), Permanent, "This is no calendar"),
        (http("200 OK", b"x" * 2_000_001), Permanent, "sends more than"),
        (PACKED, Permanent, "sends it packed, which was not asked for"),
        (b"nonsense", Retry, "127.0.0.1 does not answer"),
    ],
)
async def test_what_an_address_may_answer(answer, error, told) -> None:
    """What passes is tried again, what does not is said, and the address is never repeated."""
    async with serving(answer) as address:
        asked = WANTED.model_copy(update={"source": address})
        with pytest.raises(error, match=told) as refused:
            await FetchedCalendars(hosts=("127.0.0.1",)).read(asked)
    assert "zanzibar" not in str(refused.value)


async def test_one_time_limit_is_over_the_whole_reading() -> None:
    """However little the other side sends at a time."""
    reader = FetchedCalendars(hosts=("127.0.0.1",), patience_s=0)
    async with serving(http("200 OK", calendar(NIGHT))) as address:
        with pytest.raises(Retry, match=r"127\.0\.0\.1 takes too long"):
            await reader.read(WANTED.model_copy(update={"source": address}))


async def asking(source: str, *there: str) -> None:
    """Ask where the name leads ``there``, or nowhere."""

    async def resolve(_host: str, _port: int) -> tuple[str, ...]:
        if not there:
            raise OSError
        return there

    reader = FetchedCalendars(resolve=resolve)
    await reader.read(WANTED.model_copy(update={"source": source}))


async def test_only_open_addresses_are_asked_but_for_those_an_admin_names() -> None:
    """As for whatever else somebody gives as an address."""
    async with serving(http("200 OK", calendar(NIGHT))) as address:
        asked = WANTED.model_copy(update={"source": address})
        found = await FetchedCalendars(hosts=("127.0.0.1",)).read(asked)
        assert len(found.shifts) == 1
        with pytest.raises(Permanent, match="asked by https alone"):
            await FetchedCalendars().read(asked)
    for host, there in (("cal.example", "10.0.0.1"), ("[::1]", "::1")):
        source = f"https://{host}/private-zanzibar.ics"
        with pytest.raises(Permanent, match="leads into a private network"):
            await asking(source, there)
    with pytest.raises(Permanent, match="no address of a calendar"):
        await FetchedCalendars().read(WANTED.model_copy(update={"source": "ftp://x"}))
    with pytest.raises(Retry, match="cannot be resolved"):
        await asking("https://cal.example/a")
