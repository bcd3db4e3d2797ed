"""Views answer readers in the contract's shapes, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain.errors import Invalid, NotFound
from domain.noise import Verdict
from domain.severity import Severity
from storage.store import Store
from storage.views import (
    alerts,
    audit,
    catalog,
    incidents,
    oncall,
    pages,
    people,
    postmortems,
    rooms,
)
from storage.views.listing import Cut, Listing
from tests.fakes.company import settle_company
from tests.fakes.stores import NOON, SYSTEM, opened


async def test_an_incident_is_shown_with_its_people_alerts_and_times(company: Store):
    """Everything the contract lists is there, counted from the incident's own rows."""
    async with company.read() as unit:
        shown = await incidents.shown(unit.scope, "dave", "INC-1")
    assert (shown.commander, shown.responders) == ("bob", ("bob", "carol"))
    assert (shown.alerts, shown.firing, len(shown.alert_groups)) == (1, 1, 1)
    assert (shown.declared_at, shown.labels, shown.open) == (NOON, {"env": "public words"}, True)


async def test_the_list_is_newest_first_and_cut_by_its_cursor(company: Store):
    """A cursor goes on exactly where the last part ended."""
    async with company.read() as unit:
        first = await incidents.listed(unit.scope, "bob", cut=Cut(limit=1))
        rest = await incidents.listed(unit.scope, "bob", cut=Cut(cursor=first.next))
    assert [one.id for one in first.items] == ["INC-2"]
    assert ([one.id for one in rest.items], rest.next) == (["INC-1"], None)


async def test_a_cursor_that_is_none_of_ours_is_refused_by_name(company: Store):
    """The refusal names the field."""
    async with company.read() as unit:
        with pytest.raises(Invalid) as refused:
            await incidents.listed(unit.scope, "bob", cut=Cut(cursor="x'; --"))
    assert refused.value.field == "cursor"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"open": True}, ["INC-1"]),
        ({"open": False}, []),
        ({"severity": Severity.SEV2, "stage": "active"}, ["INC-1"]),
        ({"status": "resolved"}, []),
        ({"service": "kafka"}, []),
        ({"q": "queries FAIL"}, ["INC-1"]),
        ({"q": "inc-1"}, ["INC-1"]),
        ({"q": "100%_"}, []),
        ({"mine": True}, []),
    ],
)
async def test_every_filter_must_fit(company: Store, wanted, found):
    """Filters narrow the list together; search words are taken literally."""
    chosen = incidents.IncidentFilter.model_validate(wanted)
    async with company.read() as unit:
        listed = await incidents.listed(unit.scope, "dave", chosen)
    assert [one.id for one in listed.items] == found


async def test_mine_are_the_incidents_one_responds_to(company: Store):
    """A responder finds both, the private one included."""
    async with company.read() as unit:
        mine = await incidents.listed(unit.scope, "carol", incidents.IncidentFilter(mine=True))
    assert [one.id for one in mine.items] == ["INC-2", "INC-1"]


async def test_the_timeline_tells_facts_in_sentences_oldest_first(company: Store):
    """Names stand for ids, and the words of a note are in it."""
    async with company.read() as unit:
        told = await incidents.timeline(unit.scope, "dave", "INC-1")
    texts = [entry.text for entry in told.items]
    assert texts[0] == "SEV2 declared by Bob: Trino queries failing"
    assert texts[1] == "Note by Bob: public words note"
    assert texts[-1] == "Linked to another incident by Bob"


async def test_the_timeline_is_cut_by_its_cursor(company: Store):
    """Parts of a timeline join without a gap."""
    async with company.read() as unit:
        whole = await incidents.timeline(unit.scope, "dave", "INC-1")
        first = await incidents.timeline(unit.scope, "dave", "INC-1", Cut(limit=2))
        cut = Cut(cursor=first.next)
        rest = await incidents.timeline(unit.scope, "dave", "INC-1", cut)
    assert (*first.items, *rest.items) == whole.items


async def test_redacted_words_are_gone_and_the_reason_is_shown(tmp_path):
    """What replaced the words says why."""
    async with opened(f"sqlite:///{tmp_path}/test.db") as store:
        await settle_company(store)
        async with store.write(SYSTEM) as unit:
            told = await incidents.timeline(unit.scope, "dave", "INC-1")
            note = next(entry for entry in told.items if entry.kind == "note_added")
            await unit.facts.redact("incident:INC-1", note.id, "a customer's name")
            after = await incidents.timeline(unit.scope, "dave", "INC-1")
    redacted = next(entry for entry in after.items if entry.id == note.id)
    assert redacted.text == "Note by Bob: [redacted: a customer's name]"
    assert redacted.redacted == "a customer's name"


async def test_an_alert_is_shown_with_the_reason_of_its_verdict(company: Store):
    """The contract's alert, and the filter by verdict."""
    opened_ones = alerts.AlertFilter(action="opened", q="public")
    async with company.read() as unit:
        (alert,) = (await alerts.listed(unit.scope, "dave", opened_ones)).items
        same = await alerts.shown(unit.scope, "dave", alert.id)
        kept_quiet = await alerts.listed(
            unit.scope, "dave", alerts.AlertFilter(action="suppressed")
        )
        tally = await alerts.tally(unit.scope, "dave", NOON)
    assert alert.verdict == Verdict(action="opened", reason="public words reason")
    assert alert.incident == "INC-1"
    assert (same, kept_quiet.items, tally) == (alert, (), {"opened": 1})


async def test_a_component_says_what_stands_on_it_and_how_it_is(company: Store):
    """Only what the reader may know is counted."""
    async with company.read() as unit:
        kafka = await catalog.component(unit.scope, "dave", "kafka")
        trino = await catalog.component(unit.scope, "dave", "trino")
    assert (kafka.dependents, kafka.firing, kafka.incidents) == (("trino",), 0, ())
    assert (trino.depends_on, trino.firing, trino.incidents) == (("kafka",), 1, ("INC-1",))


async def test_documents_are_listed_by_id_and_cut(company: Store):
    """Services, teams, policies and schedules are lists like any other."""
    async with company.read() as unit:
        first = await catalog.services(unit.scope, Cut(limit=1))
        rest = await catalog.services(unit.scope, Cut(cursor=first.next))
        others: list[Listing[Any]] = [
            await catalog.teams(unit.scope),
            await catalog.policies(unit.scope),
            await catalog.schedules(unit.scope),
            await catalog.deployments(unit.scope, catalog.DeploymentFilter(service="trino")),
        ]
    assert [one.id for one in (*first.items, *rest.items)] == ["kafka", "trino"]
    assert [[one.id for one in listed.items] for listed in others] == [
        ["data-platform"],
        ["dp"],
        ["data"],
        ["DEP-1"],
    ]


@pytest.mark.parametrize(
    "one", [catalog.team, catalog.service, catalog.policy, catalog.schedule, catalog.deployment]
)
async def test_what_the_catalogue_has_not_is_not_found(company: Store, one):
    """A sentence says so."""
    async with company.read() as unit:
        with pytest.raises(NotFound, match="There is no"):
            await one(unit.scope, "nothing-999")


async def test_on_call_says_who_since_when_and_who_is_next(company: Store):
    """Bob has the pager on this odd day until nine, then Carol."""
    async with company.read() as unit:
        (schedule,) = await oncall.now(unit.scope)
        (calendar,) = await oncall.calendars(unit.scope, NOON, NOON + timedelta(days=2))
    (duty,) = schedule.on_call
    assert (duty.user, duty.until) == (schedule.on_call[0].user, NOON.replace(day=22, hour=9))
    assert schedule.next and schedule.next.user != duty.user
    assert [shift.user for shift in calendar.shifts] == [duty.user, schedule.next.user, duty.user]


async def test_people_are_shown_without_how_to_reach_them(company: Store):
    """No e-mail address anywhere."""
    async with company.read() as unit:
        everybody = await people.listed(unit.scope)
        alice = await people.shown(unit.scope, "alice")
    assert "@" not in everybody.model_dump_json()
    assert [role.value for role in alice.roles] == ["admin", "commander"]


async def test_my_pages_are_those_that_still_ring(company: Store):
    """Bob was paged for both incidents, Dave for none."""
    async with company.read() as unit:
        bobs = await pages.pending(unit.scope, "bob")
        daves = await pages.pending(unit.scope, "dave")
        rings = await pages.rings_of(unit.scope, "dave", "INC-1")
    assert [(page.incident, page.state) for page in bobs] == [("INC-2", "sent"), ("INC-1", "sent")]
    assert (daves, [ring.method for ring in rings]) == ((), ["chat"])


async def test_everybodys_pages_that_ring_are_told_to_those_who_may_know(company: Store):
    """Oldest first, whoever was paged."""
    async with company.read() as unit:
        ringing = await pages.ringing(unit.scope, "carol")
    assert [(one.incident, one.user, one.state) for one in ringing] == [
        ("INC-1", "bob", "sent"),
        ("INC-2", "bob", "sent"),
    ]


async def test_an_incident_is_talked_about_in_its_room_or_else_in_a_thread(company: Store):
    """Its own room comes first, where it has one."""
    async with company.read() as unit:
        whole = await rooms.of_incident(unit.scope, "dave", "INC-1")
    async with company.write(SYSTEM) as unit:
        await unit.scope.connection.execute(text("DELETE FROM incident_rooms WHERE thread = ''"))
        part = await rooms.of_incident(unit.scope, "dave", "INC-1")
        await unit.scope.connection.execute(text("DELETE FROM incident_rooms"))
        nowhere = await rooms.of_incident(unit.scope, "dave", "INC-1")
    assert whole and part
    assert (whole.room, whole.thread) == ("inc-1", None)
    assert (part.room, bool(part.thread)) == ("incidents", True)
    assert nowhere is None


async def test_a_postmortem_is_shown_with_its_action_items_as_they_are(company: Store):
    """Adopted items stand in it under their numbers."""
    async with company.read() as unit:
        shown = await postmortems.shown(unit.scope, "dave", "INC-1")
        items = await postmortems.action_list(unit.scope, "dave")
    assert (shown.title, shown.status) == ("Trino queries failing", "draft")
    assert (
        [item.id for item in shown.action_items] == [item.id for item in items.items] == ["ACT-1"]
    )


async def test_the_audit_trail_is_newest_first_and_filtered(company: Store):
    """Every fact has its row."""
    noted = audit.AuditFilter(action="note_added")
    async with company.read() as unit:
        rows = (await audit.listed(unit.scope, "bob", noted)).items
        one = await audit.shown(unit.scope, "bob", rows[0].id)
    assert [row.subject for row in rows] == ["incident:INC-2", "incident:INC-1"]
    assert one == rows[0]
