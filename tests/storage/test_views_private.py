"""Rule 2: for everybody but its members a private incident does not exist in any view."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.errors import NotFound
from storage.scope import Scope
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
from tests.fakes.company import CANARY, OUTSIDERS_OF_INC_2
from tests.fakes.stores import NOON

View = Callable[[Scope, str], Awaitable[Any]]

EVERY_LIST: dict[str, View] = {
    "incidents": incidents.listed,
    "incidents found": lambda scope, viewer: incidents.listed(
        scope, viewer, incidents.IncidentFilter(q=CANARY)
    ),
    "timeline of the public one": lambda scope, viewer: incidents.timeline(scope, viewer, "INC-1"),
    "alerts": alerts.listed,
    "alerts found": lambda scope, viewer: alerts.listed(
        scope, viewer, alerts.AlertFilter(incident="INC-2")
    ),
    "groups": alerts.groups,
    "components": catalog.components,
    "on call": lambda scope, viewer: oncall.now(scope),
    "people": lambda scope, viewer: people.listed(scope),
    "own pages": pages.pending,
    "what rings": pages.ringing,
    "its pages": lambda scope, viewer: pages.of_incident(scope, viewer, "INC-2"),
    "its rings": lambda scope, viewer: pages.rings_of(scope, viewer, "INC-2"),
    "postmortems": postmortems.listed,
    "action items": postmortems.action_list,
    "audit": audit.listed,
    "rooms": rooms.listed,
    "the shared room": lambda scope, viewer: rooms.said(scope, viewer, "incidents"),
    "the search for a form": lambda scope, viewer: rooms.asked(scope, viewer, CANARY),
    "its room": lambda scope, viewer: rooms.of_incident(scope, viewer, "INC-2"),
}
HIDDEN: dict[str, View] = {
    "incident": lambda scope, viewer: incidents.shown(scope, viewer, "INC-2"),
    "timeline": lambda scope, viewer: incidents.timeline(scope, viewer, "INC-2"),
    "alert": lambda scope, viewer: alerts.shown(scope, viewer, "ALR-2"),
    "postmortem": lambda scope, viewer: postmortems.shown(scope, viewer, "INC-2"),
    "action item": lambda scope, viewer: postmortems.action(scope, viewer, "ACT-2"),
    "room": lambda scope, viewer: rooms.shown(scope, viewer, "inc-2"),
    "messages": lambda scope, viewer: rooms.said(scope, viewer, "inc-2"),
}


@pytest.mark.parametrize("viewer", OUTSIDERS_OF_INC_2)
async def test_no_list_shows_it_to_others(company: Store, viewer):
    """Neither its words nor its number: an admin and a commander are others too."""
    async with company.read() as unit:
        for name, view in EVERY_LIST.items():
            told = as_text(await view(unit.scope, viewer))
            assert CANARY not in told, name
            assert "INC-2" not in told, name
            assert "inc-2" not in told, name


@pytest.mark.parametrize("viewer", [*OUTSIDERS_OF_INC_2, None])
async def test_asked_for_by_name_it_is_as_if_there_were_none(company: Store, viewer):
    """The same answer as for something that never was."""
    async with company.read() as unit:
        for name, view in HIDDEN.items():
            with pytest.raises(NotFound) as refused:
                await view(unit.scope, viewer)
            assert CANARY not in refused.value.text, name


async def test_its_members_see_all_of_it(company: Store):
    """The clause hides nothing from those it belongs to."""
    silent = {"on call", "people", "the search for a form", "its rings"}
    async with company.read() as unit:
        for name, view in EVERY_LIST.items():
            told = as_text(await view(unit.scope, "bob"))
            assert name in silent or CANARY in told or "INC-2" in told or "inc-2" in told, name
        for view in HIDDEN.values():
            assert await view(unit.scope, "carol")


async def test_a_group_is_hidden_with_its_incident(company: Store):
    """Groups have ids of their own, which lead nowhere either."""
    async with company.read() as unit:
        mine = await alerts.groups(unit.scope, "bob")
        hidden = next(one.id for one in mine.items if one.incident == "INC-2")
        with pytest.raises(NotFound):
            await alerts.group(unit.scope, "dave", hidden)


async def test_its_rows_of_the_audit_trail_are_hidden_from_admins(company: Store):
    """An admin who wants to read has to join, with a reason that the members see."""
    async with company.read() as unit:
        mine = await audit.listed(unit.scope, "bob")
        hidden = next(row.id for row in mine.items if row.subject == "incident:INC-2")
        with pytest.raises(NotFound):
            await audit.shown(unit.scope, "alice", hidden)


async def test_counts_hold_only_what_the_reader_may_know(company: Store):
    """Counts tell too."""
    async with company.read() as unit:
        for viewer, count in (("alice", 1), ("bob", 2)):
            assert await alerts.firing(unit.scope, viewer) == count
            assert await incidents.count_open(unit.scope, viewer) == count
        assert await alerts.tally(unit.scope, "alice", NOON) == {"opened": 1}
        assert await alerts.tally(unit.scope, "bob", NOON) == {"opened": 2}


def as_text(found: Any) -> str:
    if isinstance(found, tuple):
        return "".join(map(as_text, found))
    return found.model_dump_json() if hasattr(found, "model_dump_json") else json.dumps(found)
