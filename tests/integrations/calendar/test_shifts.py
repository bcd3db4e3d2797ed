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
    hourly = (*NIGHT[:3], "DTEND:20261102T203000Z", "RRULE:FREQ=MINUTELY")
    with pytest.raises(Invalid, match="more than 1000 shifts"):
        shifts(calendar(hourly, ("UID:2", *hourly[1:])), PERIOD)
    with pytest.raises(Invalid, match="This is no calendar"):
        shifts(b"<html>", PERIOD)


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


@pytest.mark.parametrize(
    ("answer", "error", "told"),
    [
        (http("503 Busy"), Retry, "127.0.0.1 said 503"),
        (http("404 Gone"), Permanent, "127.0.0.1 said 404"),
        (http("302 Found"), Permanent, "127.0.0.1 said 302"),
        (http("200 OK", b"<html>"), Permanent, "This is no calendar"),
        (http("200 OK", b"x" * 2_000_001), Permanent, "sends more than"),
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
