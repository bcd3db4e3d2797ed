"""A calendar behind an address as a layer: read again and again, the last good state kept."""

from dataclasses import dataclass, field, replace

import pytest

from bot.cli.calendar_layer import put
from bot.scheduler import owe_upkeep
from domain.calendar_layer import ImportedShift, Reading, Taken, Wanted
from domain.errors import Permanent
from tests.fakes.conditions import DAY, HOUR, MINUTE
from tests.fakes.stores import NOON, SYSTEM
from tests.fakes.tocsin import Tocsin

SOURCE = "https://calendar.example.com/private-zanzibar/rota.ics"


@dataclass
class FakeCalendars:
    """`domain.calendar_layer.CalendarReader`: says what a test puts here, or refuses."""

    says: Reading
    refuses: str = ""
    asked: list[Wanted] = field(default_factory=list)

    async def read(self, wanted: Wanted) -> Reading:
        """What it says now."""
        self.asked.append(wanted)
        if self.refuses:
            raise Permanent(self.refuses)
        return self.says


def rota(*words: str) -> Reading:
    """A day for each, from noon on."""
    shifts = tuple(
        ImportedShift(
            words=one,
            mails=(),
            starts=NOON + n * DAY,
            ends=NOON + (n + 1) * DAY,
            place=f"line {n}",
        )
        for n, one in enumerate(words)
    )
    return Reading(shifts=shifts)


async def quarter(tocsin: Tocsin, by=15 * MINUTE) -> None:
    """Upkeep is owed as the scheduler owes it, and time passes."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await owe_upkeep(unit)
    await tocsin.advance(by)


async def who(tocsin: Tocsin) -> str:
    """Who is on call for the data platform."""
    return (await tocsin.say("dave", "/oncall who data-platform")).text


@pytest.mark.both
async def test_a_calendar_is_read_again_and_what_it_said_last_goes_on(tocsin: Tocsin):
    """Its people are on call; a change is seen; one that fails keeps them, and the lead is told,
    with what was left out; the address stays unseen."""
    calendars = FakeCalendars(rota("Carol on duty", "Max Nobody"))
    tocsin.parts.worker.ports = replace(tocsin.parts.worker.ports, calendars=calendars)
    async with tocsin.parts.store.write(SYSTEM) as unit:
        found = await unit.catalog.schedules.need("data-platform")
        await put(unit, found, SOURCE, Taken(shifts=(), left_out=()))
    assert "Bob" in await who(tocsin)
    await quarter(tocsin)
    assert "Carol" in await who(tocsin)
    assert calendars.asked[0].source == SOURCE
    calendars.says = rota("Alice", "Max Nobody")
    await quarter(tocsin)
    assert "Alice" in await who(tocsin)
    calendars.says = rota("Busy")
    await quarter(tocsin)
    assert "Alice" in await who(tocsin)
    calendars.says = rota("Alice", "Max Nobody")
    await quarter(tocsin)
    calendars.refuses = "calendar.example.com said 404"
    for _ in range(6):
        await quarter(tocsin)
    assert "Alice" in await who(tocsin)
    await quarter(tocsin, HOUR)
    told = [one.text for one in await tocsin.dm("alice") if "Before it hurts" in one.text]
    assert "events that were left out: line 1: nobody here is called as 'Max" in told[0]
    assert "the calendar of layer calendar cannot be read since" in told[-1]
    assert "calendar.example.com said 404" in told[-1]
    assert "zanzibar" not in "".join(told)
    calendars.refuses = ""
    await quarter(tocsin)
    async with tocsin.looking() as unit:
        (state,) = await unit.calendars.everything()
    assert (state.failing_since, state.error, len(state.shifts)) == (None, "", 1)
