"""What is forgotten after its time (rules.md 15), and what stays whole all the same."""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import Executable, Table, delete, func, select, update

from bot.scheduler import owe_upkeep
from domain.bundle import Bundle, ListBundle, RingBundle
from domain.incident_jobs import Refine
from domain.paging import Page
from storage.models import ModelCall
from storage.people import Session
from storage.tables.alerts import deliveries
from storage.tables.chats import heard
from storage.tables.ledger import audit, calls, jobs, stored_calls
from storage.tables.models import model_calls
from storage.tables.paging import bundle_rings, bundles, pages
from storage.tables.people import sessions
from tests.fakes.conditions import DAY, HOUR, MINUTE, TRINO
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin


async def lived(tocsin: Tocsin) -> None:
    """An incident from its alert to its end."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "INC-13", "Ack")
    await tocsin.advance(MINUTE)
    await tocsin.say("bob", "/incident resolve INC-13 restarted", room="dm-bob")
    await tocsin.heal(TRINO)


async def pass_by(tocsin: Tocsin, by: timedelta) -> None:
    """So much time passes, and the night's upkeep comes when it is due."""
    tocsin.clock.move(seconds=(by - DAY).total_seconds())
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await owe_upkeep(unit)
    await tocsin.advance(DAY)


async def count(tocsin: Tocsin, table: Table, **where: object) -> int:
    """How many rows there are, with these values."""
    wanted = [table.c[name] == value for name, value in where.items()]
    async with tocsin.looking() as unit:
        query = select(func.count()).select_from(table).where(*wanted)
        return int((await unit.scope.connection.execute(query)).scalar_one())


async def test_finished_jobs_go_after_a_week_and_dead_letters_stay(tocsin: Tocsin):
    """What is still owed is not touched."""
    await lived(tocsin)
    tocsin.forgiven = {"refine"}
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.jobs.add(Refine(incident="INC-13"))
        (claimed,) = await unit.jobs.claim("slow", (Refine,), 1)
        await unit.jobs.bury(claimed, "no such model")
    await pass_by(tocsin, 6 * DAY)
    assert await count(tocsin, jobs, state="done", kind="triage") > 0
    await pass_by(tocsin, 2 * DAY)
    assert await count(tocsin, jobs, state="done", kind="triage") == 0
    assert await count(tocsin, jobs, state="cancelled") == 0
    assert await count(tocsin, jobs, state="dead") == 1


async def test_answers_and_buttons_go_after_a_week(tocsin: Tocsin):
    """The same key may be used again then."""
    await tocsin.fire(TRINO)
    await tocsin.say("bob", "/incident resolve", room="incidents")
    await tocsin.say("bob", "/incident resolve INC-13 restarted", room="dm-bob")
    assert (await count(tocsin, calls), await count(tocsin, stored_calls)) > (0, 0)
    await pass_by(tocsin, 8 * DAY)
    assert (await count(tocsin, calls), await count(tocsin, stored_calls)) == (0, 0)


@pytest.mark.both
async def test_lists_of_pages_go_after_two_weeks_unless_they_ring(tocsin: Tocsin):
    """Pages, and how they were rung, stay with their incidents."""
    now = tocsin.clock.now()
    async with tocsin.parts.store.write(SYSTEM) as unit:
        for name, state in (("over", "acked"), ("rings", "sent")):
            made = Bundle(id=name, user="bob", urgency="high", due=now, sent_at=now)
            await unit.bundles.add(made)
            await unit.bundles.ring(made, ListBundle(bundle=name, k=0, method="chat"), (name,))
            page = Page.model_validate(
                {
                    "id": name, "incident": "INC-1", "user": "bob", "escalation": None,
                    "step": 0, "state": state,
                    "urgency": "high", "why": "x", "created_at": now, "bundle": name,
                }
            )  # fmt: skip
            await unit.pages.add(page)
        await unit.jobs.cancel("bundle:over", (RingBundle,))
        await unit.jobs.cancel("bundle:rings", (RingBundle,))
    await pass_by(tocsin, 13 * DAY)
    assert await count(tocsin, bundles) == 2
    await pass_by(tocsin, 2 * DAY)
    assert (await count(tocsin, bundles, id="rings"), await count(tocsin, bundles)) == (1, 1)
    assert await count(tocsin, bundle_rings) == 1
    assert await count(tocsin, pages, bundle="over") == 1


async def test_logins_that_have_run_out_and_signatures_that_were_heard_go(tocsin: Tocsin):
    """A login that still lasts stays."""
    now = tocsin.clock.now()
    async with tocsin.parts.store.write(SYSTEM) as unit:
        for name, lasts in (("short", HOUR), ("long", 30 * DAY)):
            login = Session(hash=name, user="bob", csrf="c", created_at=now, expires_at=now + lasts)
            await unit.people.keep_session(login)
        await unit.requests.hear("slack:v0=abc")
    await pass_by(tocsin, 2 * DAY)
    assert await count(tocsin, sessions) == 1
    assert await count(tocsin, heard) == 0


@pytest.mark.both
async def test_bodies_and_model_calls_go_after_thirty_days(tocsin: Tocsin):
    """That something came, and when, is remembered; its words are not."""
    await lived(tocsin)
    async with tocsin.parts.store.write(SYSTEM) as unit:
        asked = ModelCall(
            id=unit.ids.new(),
            key="k",
            purpose="classify",
            prompt="classify@1",
            model="claude",
            incident="INC-13",
            request="38 % of queries fail",
            answer="{}",
            outcome="answered",
            at=unit.now,
        )
        await unit.models.add(asked)
    await pass_by(tocsin, 29 * DAY)
    assert await count(tocsin, deliveries, body=None) == 0
    assert await count(tocsin, model_calls) == 1
    await pass_by(tocsin, 2 * DAY)
    assert await count(tocsin, deliveries, body=None) == await count(tocsin, deliveries) > 0
    assert await count(tocsin, model_calls) == 0
    assert (await tocsin.incident()).title == TRINO.summary


async def test_the_audit_trail_goes_after_400_days_and_the_rest_verifies(tocsin: Tocsin):
    """The chain hangs on the last link that went, and says so itself; timelines stay."""
    await lived(tocsin)
    whole = await tocsin.verify()
    told = await tocsin.told()
    await pass_by(tocsin, 399 * DAY)
    assert (await tocsin.verify()).forgotten == 0
    await tocsin.say("alice", "/incident declare something else sev:4")
    await tocsin.say("alice", "/incident cancel INC-14")
    await tocsin.verify()
    await pass_by(tocsin, 2 * DAY)
    left = await tocsin.verify()
    assert (left.problems, left.forgotten) == ((), whole.rows)
    assert await count(tocsin, audit) == left.rows < whole.rows
    assert await tocsin.told() == told


async def test_what_is_left_of_the_trail_is_guarded_as_before(tocsin: Tocsin):
    """Edited, or cut by somebody who leaves no word of it: each is found."""
    await lived(tocsin)
    await tocsin.verify()
    await pass_by(tocsin, 390 * DAY)
    for title in ("one", "two", "three"):
        await tocsin.say("alice", f"/incident declare {title} sev:4")
    for number in (14, 15, 16):
        await tocsin.say("alice", f"/incident cancel INC-{number}")
    await tocsin.verify()
    await pass_by(tocsin, 20 * DAY)
    assert (await tocsin.verify()).problems == ()
    rows = sorted(await tocsin.audited(), key=lambda row: row.position or 0)
    gone = delete(audit).where(audit.c.position <= rows[3].position)
    assert any("stands at" in one for one in await found(tocsin, gone))
    edited = update(audit).where(audit.c.id == rows[6].id).values(by="nobody")
    assert any("altered" in one for one in await found(tocsin, edited))


async def found(tocsin: Tocsin, tampering: Executable) -> tuple[str, ...]:
    """What verification finds wrong after this; it is rolled back."""
    problems: tuple[str, ...] = ()
    with suppress(Undone):
        async with tocsin.parts.store.write(SYSTEM) as unit:
            await unit.scope.connection.execute(tampering)
            problems = (await unit.audit.verify(tocsin.parts.core.keys.audit)).problems
            raise Undone
    return problems


class Undone(Exception):
    """Enough was seen."""


@pytest.mark.both
async def test_the_trail_is_cut_again_and_again(tocsin: Tocsin):
    """Each night a little; a trail with nothing young keeps its newest row."""
    await lived(tocsin)
    await tocsin.verify()
    forgotten = 0
    for _ in range(3):
        await pass_by(tocsin, 402 * DAY)
        left = await tocsin.verify()
        assert left.problems == ()
        assert left.forgotten > forgotten
        forgotten = left.forgotten
    await tocsin.advance(HOUR)
    assert (await tocsin.verify()).rows >= 1
