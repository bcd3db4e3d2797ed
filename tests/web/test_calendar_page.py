"""The calendar: a schedule drawn and in words, on either clock, and putting somebody on call."""

import gzip
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import httpx2
import pytest

from domain.absence import Absence
from domain.calendar_layer import CalendarState
from domain.rotation import Rotation
from domain.schedule import Layer, Override, Schedule
from storage.store import Store
from tests.fakes.site import Site
from tests.fakes.stores import NOON, SYSTEM

HTML = {"Accept": "text/html"}
Reader = Callable[[str], httpx2.AsyncClient]
FAR = "starts=0001-01-01T00:00:00%2B14:00&ends=9999-12-31T23:59:00-12:00"
LARGEST = 25_000


async def schedule(company: Store, *layers: Layer, zone: str = "Europe/Berlin") -> None:
    """The company's schedule has these layers, and a time zone of its own."""
    async with company.write(SYSTEM) as unit:
        old = await unit.catalog.schedules.need("data")
        changed = {"timezone": zone, "layers": layers or old.layers}
        await unit.catalog.schedules.put(Schedule.model_validate(old.model_dump() | changed))


def turns(kind: str, **more: object) -> Rotation:
    """Bob and Carol in turn."""
    told = {"kind": kind, "start": "2026-11-02T09:00", "timezone": "UTC", **more}
    return Rotation.model_validate({"participants": (("bob",), ("carol",)), **told})


def words(page: str) -> str:
    """What a reader reads, without marks."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


async def test_everything_that_makes_the_line_is_drawn(browser, company: Store) -> None:
    """Each layer, an override marked, a gap hatched, who is away, the present; all in words too."""
    ends = {"ends": NOON + timedelta(days=3)}
    await schedule(
        company,
        Layer.model_validate({"name": "low", "rotation": turns("daily"), **ends}),
        Layer.model_validate(
            {"name": "office", "rotation": turns("weekly"), "starts": NOON, **ends}
        ),
    )
    hours = [NOON + timedelta(hours=one) for one in (1, 4)]
    async with company.write(SYSTEM) as unit:
        made = Override(id="o1", user="dave", starts=hours[0], ends=hours[1], reason="dentist")
        await unit.catalog.schedules.override("data", made, "alice")
        away = Absence(id="", user="bob", starts=NOON, ends=NOON + timedelta(days=2))
        await unit.absences.keep(away)
        source = {"layer": "rota", "source": "https://cal.example/zanzibar", "read_at": NOON}
        odd = {"left_out": ("line 3: RDATE",), "failing_since": NOON, "error": "it said 404"}
        state = CalendarState.model_validate({"schedule": "data", **source, **odd})
        await unit.calendars.keep(state)
    page = (await browser.get("/oncall/data?on=2026-11-21&view=week")).text
    read = words(page)
    for lane in ("On call", "Layer low", "Layer office", "Overrides", "Away"):
        assert f"<span>{lane}</span>" in page
    assert 'class="override"' in page and 'class="now"' in page
    assert "Dave Sat 21 Nov 14:00 – 17:00 dentist Take it back" in read
    later = (await browser.get("/oncall/data?on=2026-11-25")).text
    assert "Nobody: a gap" in later and 'fill="url(#hatch)"' in later
    assert "away then" in read
    assert "Layer rota is the calendar cal.example/…, read Sat 21 Nov 13:00." in read
    assert "unread since Sat 21 Nov 13:00: it said 404; events that were left out" in read
    assert "zanzibar" not in page
    assert "All times by the schedule's clock, Europe/Berlin (UTC+1). Yours is UTC." in read
    assert re.search(
        r'<a class="button" href="[^"]*on=2026-11-14[^"]*" data-key="p" rel="prev">', page
    )
    mine = words((await browser.get("/oncall/data?on=2026-11-21&clock=mine")).text)
    assert "All times by your clock, UTC. The schedule's is Europe/Berlin (UTC+1)." in mine
    assert "Dave Sat 21 Nov 13:00 – 16:00" in mine


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("view=day&on=2026-11-21", "Saturday, 21 November 2026"),
        ("view=week&on=2026-11-21", "Week 47 · 16 – 22 November 2026"),
        ("view=week&on=2026-12-30", "Week 53 · 28 December 2026 – 3 January 2027"),
        ("view=month&on=2026-11-21", "November 2026"),
        ("view=week&on=2026-10-25", "The clock changes on Sun 25 October: 25 hours."),
        ("view=week&on=2026-03-29", "The clock changes on Sun 29 March: 23 hours."),
    ],
)
async def test_days_weeks_and_months(browser, company: Store, query: str, told: str) -> None:
    """By the clock of the schedule, whose changes are said."""
    await schedule(company)
    assert told in words((await browser.get(f"/oncall/data?{query}")).text)


async def test_a_busy_month_stays_small(browser, company: Store) -> None:
    """Somebody else each hour; what is not listed is said."""
    await schedule(company, Layer(name="busy", rotation=turns("hourly")))
    page = (await browser.get("/oncall/data?view=month&on=2026-11-21")).text
    assert len(gzip.compress(page.encode())) < LARGEST
    assert re.search(r"And \d+ more: look at a week or a day", words(page))


async def test_what_is_asked_wrong_is_said(browser) -> None:
    """An unknown schedule, a view there is not, a day that is none."""
    assert (await browser.get("/oncall/nix")).status_code == 404
    for query in ("view=year", "on=2026-13-01", "on=0001-01-01", "starts=soon", FAR):
        assert (await browser.get(f"/oncall/data?{query}")).status_code == 422


async def form(browser: httpx2.AsyncClient, address: str) -> dict[str, str]:
    """The override form of a page with what stands in it."""
    page = (await browser.get(address)).text
    (inside,) = re.findall(r'<section class="put".*?</section>', page, re.DOTALL)
    fields = re.findall(r'<input[^>]*name="([^"]+)"[^>]*?(?:value="([^"]*)")', inside)
    return {name: unescape(value) for name, value in fields}


async def test_somebody_is_put_on_call_by_the_form(browser, company: Store) -> None:
    """A gap leads to the form with its time; a preview changes nothing, a refusal loses nothing,
    and then it stands in the calendar."""
    page = (await browser.get("/oncall/data?on=2026-11-23")).text
    chosen = re.findall(r'href="([^"]+#put)"', page)
    found = await form(browser, unescape(chosen[0]).partition("#")[0])
    wish = found | {"values.person": "dave", "values.why": "a swap by word of mouth"}
    tried = await browser.post("/ui/command", data=wish | {"dry": "1"})
    assert "What it would do" in tried.text
    assert "Dave is on call for Data platform" in words(tried.text)
    assert "Nothing was changed" in tried.text and "Take it back" not in tried.text
    assert 'value="a swap by word of mouth"' in tried.text
    async with company.read() as unit:
        assert (await unit.catalog.schedules.need("data")).overrides == ()
    wrong = await browser.post("/ui/command", data=wish | {"values.ends": "2026-11-01T10:00"})
    assert wrong.status_code == 422
    assert "It ends before it starts" in wrong.text
    for kept in ("a swap by word of mouth", "dave", "2026-11-01T10:00"):
        assert f'value="{kept}"' in wrong.text
    done = await browser.post("/ui/command", data=wish)
    assert done.status_code == 200
    assert "a swap by word of mouth" in (await browser.get("/oncall/data?on=2026-11-23")).text


async def test_who_may_not_is_offered_nothing(site: Site) -> None:
    """A viewer reads; the same page without the form."""
    async with site.client("dave", **HTML) as client:
        page = (await client.get("/oncall/data")).text
    assert "Put somebody on call" not in page and "#put" not in page
    assert "Shift by shift" in page
