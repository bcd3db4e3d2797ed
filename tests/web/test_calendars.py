"""Shifts for calendar programs: read back by a library that did not write them."""

from datetime import timedelta
from typing import Any

import pytest
import vobject

from domain.oncall_facts import OverrideAdded
from domain.rotation import Rotation
from domain.schedule import Layer, Override, Schedule
from storage.store import Store
from tests.fakes.site import Site
from tests.fakes.stores import SYSTEM

HOUR = timedelta(hours=1)


@pytest.fixture
async def berlin(company: Store) -> Schedule:
    """Bob and carol, a week each, from nine to nine by the clock of Berlin."""
    async with company.write(SYSTEM) as unit:
        monday = (unit.now - timedelta(days=unit.now.weekday())).date()
        rotation = Rotation.model_validate(
            {
                "kind": "weekly",
                "start": f"{monday}T09:00",
                "timezone": "Europe/Berlin",
                "participants": (("bob",), ("carol",)),
            }
        )
        made = Schedule(
            id="berlin",
            name="Berlin",
            team="web",
            timezone="Europe/Berlin",
            layers=(Layer(name="weekly", rotation=rotation),),
        )
        return await unit.catalog.schedules.put(made)


async def shared(store: Store, owner: str, schedule: str | None) -> str:
    """The path of a new address."""
    async with store.write(SYSTEM) as unit:
        return f"/ical/{await unit.feeds.share(owner, schedule)}.ics"


async def read(site: Site, path: str) -> Any:
    """What another library makes of the calendar at ``path``."""
    async with site.client() as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return vobject.readOne(answer.text)


async def test_another_library_reads_the_shifts_by_the_clock_of_their_zone(
    peopled: Site, company: Store, berlin: Schedule
) -> None:
    """Nine in the morning is nine in the morning on both sides of a change of the clock."""
    calendar = await read(peopled, await shared(company, "bob", berlin.id))
    assert calendar.x_wr_calname.value == "On call: Berlin"
    assert calendar.vtimezone.tzid.value == "Europe/Berlin"
    starts = [event.dtstart.value for event in calendar.vevent_list]
    assert {start.strftime("%a %H:%M") for start in starts} == {"Mon 09:00"}
    assert {start.utcoffset() for start in starts} == {HOUR, 2 * HOUR}
    ends = [event.dtend.value for event in calendar.vevent_list]
    assert starts[1:] == ends[:-1]
    assert {event.summary.value for event in calendar.vevent_list} == {
        "Bob on call: Berlin",
        "Carol on call: Berlin",
    }


async def test_a_change_keeps_the_ids_and_raises_the_sequence(
    peopled: Site, company: Store, berlin: Schedule
) -> None:
    """Carol takes two hours of bob's: his shift is the same event with another end."""
    path = await shared(company, "bob", None)
    before = {event.uid.value: event for event in (await read(peopled, path)).vevent_list}
    async with company.write(SYSTEM) as unit:
        coming = (one for one in before.values() if one.dtstart.value > unit.now)
        bobs = next(one for one in coming if one.uid.value.startswith("berlin"))
        starts = bobs.dtstart.value + HOUR
        made = Override(id="o1", user="carol", starts=starts, ends=starts + 2 * HOUR)
        await unit.catalog.schedules.override(berlin.id, made, "bob")
        told = {"override": made.id, "person": "carol", "starts": made.starts, "ends": made.ends}
        await unit.facts.add(f"schedule:{berlin.id}", OverrideAdded.model_validate(told))
    after = {event.uid.value: event for event in (await read(peopled, path)).vevent_list}
    assert before.keys() < after.keys()
    same = after[bobs.uid.value]
    assert (same.dtstart.value, same.dtend.value) == (bobs.dtstart.value, starts)
    assert int(same.sequence.value) > int(bobs.sequence.value)
    assert all("Bob" in event.summary.value for event in after.values())


async def test_what_is_known_already_is_not_sent_again(
    peopled: Site, company: Store, berlin: Schedule
) -> None:
    path = await shared(company, "bob", berlin.id)
    async with peopled.client() as client:
        first = await client.get(path)
        again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_revoked_cut_and_foreign_addresses_lead_nowhere(
    peopled: Site, company: Store, berlin: Schedule
) -> None:
    """The same answer for all, also once the owner has left."""
    revoked, left = await shared(company, "bob", berlin.id), await shared(company, "carol", None)
    async with company.write(SYSTEM) as unit:
        assert await unit.feeds.revoke("bob") == 1
        await unit.people.deactivate("carol")
    texts = set()
    async with peopled.client() as client:
        for path in (revoked, left, "/ical/x.ics", left.removesuffix(".ics")):
            answer = await client.get(path)
            assert answer.status_code == 404
            texts.add(answer.json()["detail"])
    assert len(texts) == 1
