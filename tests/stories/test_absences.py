"""Being away: known to Tocsin, and what it leaves open is asked of somebody else."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.site import build_site
from domain.message import buttons
from storage.tables.catalog import absences
from tests.fakes.conditions import DAY
from tests.fakes.served import served
from tests.fakes.tocsin import Tocsin

TIME = '"wed 10:00" "thu 10:00"'


@pytest.mark.both
async def test_time_on_call_while_away_is_offered_to_whoever_could_have_it(tocsin: Tocsin):
    """Carol is on call on Wednesday: Bob first, as he is there; a press asks him to swap."""
    await tocsin.say("bob", "/oncall override @bob now 1m schedule:data-platform")
    told = await tocsin.say("carol", f"/me away {TIME}")
    assert told.text.startswith("AWY-1: you are away from 2026-11-25 10:00 UTC to 2026-11-26 10:00")
    assert "⚠ You are on call for data-platform from" in told.text
    asked = await tocsin.press("carol", told, "Ask Bob")
    assert asked.data["offered"] == ["bob"]
    assert asked.data["why"] == "away"
    gaps = await tocsin.say("dave", "/oncall gaps data-platform")
    assert "data-platform: Carol is away from 2026-11-25" in gaps.text
    await tocsin.press("bob", (await tocsin.dm("bob"))[-1], "Accept")
    again = await tocsin.say("carol", f"/me away {TIME}")
    assert "You are on call" not in again.text


async def test_whoever_is_away_too_is_not_proposed(tocsin: Tocsin):
    """Everybody on the schedule can still be asked."""
    await tocsin.say("bob", f"/me away {TIME}")
    told = await tocsin.say("carol", f"/me away {TIME}")
    labels = [one.label for one in buttons(told.message)]
    assert "Ask Bob" not in labels
    assert "Ask everybody on it" in labels


async def test_what_is_known_is_shown_and_taken_back(tocsin: Tocsin):
    """A time with an end in the future, until it is over."""
    assert "Nobody knows" in (await tocsin.say("bob", "/me away")).text
    for line in ("3d", "2026-01-01 2026-01-03"):
        assert (await tocsin.say("bob", f"/me away {line}")).refused == "invalid"
    await tocsin.say("bob", "/me away 3d 4d")
    shown = await tocsin.say("bob", "/me away")
    assert "AWY-1 2026-11-24 12:00 UTC to 2026-11-28 12:00 UTC" in shown.text
    await tocsin.press("bob", shown, "Not AWY-1")
    assert "Nobody knows" in (await tocsin.say("bob", "/me away")).text
    await tocsin.say("bob", "/me away 1d 2d")
    await tocsin.advance(3 * DAY)
    assert "Nobody knows" in (await tocsin.say("bob", "/me away")).text


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test
BEGIN:VEVENT
UID:1
SUMMARY:By the sea with Dana
DTSTART;VALUE=DATE:20261125
DTEND;VALUE=DATE:20261127
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:leave
DTSTART:20261201T080000Z
END:VEVENT
END:VCALENDAR
"""


async def imported(tocsin: Tocsin, port: int, file: Path, *words: str) -> dict[str, Any]:
    """What `tocsin import ical` prints, for Carol."""
    told = {
        "TOCSIN_URL": f"http://127.0.0.1:{port}",
        "TOCSIN_TOKEN": tocsin.seeded.tokens["carol"],
        "TOCSIN_DATA_DIR": str(file.parent),
    }
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "import", "ical", str(file), *words,
        env=os.environ | told, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await program.communicate()
    assert program.returncode == 0
    read: dict[str, Any] = json.loads(out)
    return read


async def test_a_calendar_is_taken_over_once(tocsin: Tocsin, tmp_path: Path):
    """Times alone; shown first, and the same again changes nothing."""
    file = tmp_path / "away.ics"
    file.write_text(CALENDAR)
    async with served(build_site(tocsin.parts)) as port:
        planned = await imported(tocsin, port, file, "--plan")
        assert planned["absences"] == [["2026-11-25T00:00:00+00:00", "2026-11-27T00:00:00+00:00"]]
        assert planned["left_out"] == ["leave: it has no end"]
        assert "Nobody knows" in (await tocsin.say("carol", "/me away")).text
        for _ in range(2):
            done = await imported(tocsin, port, file)
            assert "⚠ You are on call for data-platform" in done["answers"][0]
    shown = await tocsin.say("carol", "/me away")
    assert [one["id"] for one in shown.data] == ["AWY-1"]
    async with tocsin.looking() as unit:
        rows = (await unit.scope.connection.execute(select(absences))).mappings().all()
    assert "sea" not in str(rows)
