"""What files say of the organisation is who gets paged."""

from pathlib import Path

import pytest

from bot.organisation import apply, plan, read_files
from commands.discovery import registry
from domain.actor import Role
from domain.authorize import roles_of
from storage.views import people
from tests.fakes.conditions import MINUTE, condition
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

SHOP = condition("shop", "critical", "ShopDown", "The shop answers nobody")
FILE = """
teams:
  - {id: shop, lead: carol, alert_room: alerts-web}
schedules:
  - id: shop
    team: shop
    layers:
      - name: daily
        rotation: {kind: daily, start: 2026-11-01T00:00, participants: [dave]}
policies:
  - id: shop
    team: shop
    steps:
      - {targets: [schedule:shop], delay: 3m}
      - {targets: ["@carol"]}
services:
  - {id: shop, team: shop, policy: shop}
"""


@pytest.mark.both
async def test_an_alert_finds_whom_a_file_names(tocsin: Tocsin, tmp_path: Path):
    """The schedule first, three minutes later the next step; both facts stand in the audit."""
    (tmp_path / "shop.yaml").write_text(FILE)
    files = read_files(tmp_path)
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await apply(unit, await plan(unit, files, registry()))
    await tocsin.fire(SHOP)
    assert [page.user for page in await tocsin.pages()] == ["dave"]
    await tocsin.advance(3 * MINUTE)
    assert [page.user for page in await tocsin.pages()] == ["dave", "carol"]
    async with tocsin.looking() as unit:
        (told,) = await unit.facts.of("schedule:shop")
    assert told.kind == "configuration_changed"
    assert told.payload["action"] == "create"


GROUPS = """
groups:
  - {id: helpers, members: [erin, team:web], roles: [responder]}
  - {id: deciders, members: [erin], roles: ["commander:web", admin]}
guards:
  - {id: resolve, command: incident resolve, approvers: [role:responder]}
"""


@pytest.mark.both
async def test_a_group_gives_its_people_what_it_may_do(tocsin: Tocsin, tmp_path: Path):
    """By name or team, for all teams or one; also as approvers and admins; gone with the group."""
    dora = await tocsin.hire("dora", team="web")
    await tocsin.hire("erin", Role.MEMBER)
    assert roles_of(dora, None) == {Role.OUTSIDER}
    assert (await tocsin.say("erin", "/incident declare it fails sev:3")).refused == ""
    assert (await tocsin.say("erin", "/incident severity INC-13 4")).refused == "not_allowed"
    await declared(tocsin, tmp_path, GROUPS)
    assert roles_of(await tocsin.actor("dora"), None) == {Role.RESPONDER}
    erin = await tocsin.actor("erin")
    assert roles_of(erin, "web") >= {Role.RESPONDER, Role.COMMANDER, Role.ADMIN}
    assert Role.COMMANDER not in roles_of(erin, "data-platform")
    assert (await tocsin.say("erin", "/incident severity INC-13 4")).refused == ""
    async with tocsin.looking() as unit:
        holding = {one.id for one in await unit.people.holding(Role.COMMANDER, "web")}
        assert "erin" in holding
        assert "erin" not in {one.id for one in await unit.people.holding(Role.COMMANDER, None)}
        assert "erin" in {one.user for one in await unit.roster.admins()}
        assert Role.RESPONDER in (await people.shown(unit.scope, "dora")).roles
    await tocsin.say("bob", "/incident resolve INC-13 fixed")
    assert "carried out" in (await tocsin.say("dora", "/approval grant APR-1")).text
    await declared(tocsin, tmp_path, "teams: []", prune=True)
    assert roles_of(await tocsin.actor("dora"), None) == {Role.OUTSIDER}


async def declared(tocsin: Tocsin, folder: Path, text: str, *, prune: bool = False) -> None:
    """One file, applied."""
    (folder / "all.yaml").write_text(text)
    async with tocsin.parts.store.write(SYSTEM) as unit:
        found = await plan(unit, read_files(folder), registry(), prune=prune)
        assert found.errors == ()
        await apply(unit, found)


async def test_a_guard_from_a_file_is_changed_there(tocsin: Tocsin, tmp_path: Path):
    """The command says where."""
    guard = "guards:\n- {id: resolve, command: incident resolve, approvers: ['@alice']}\n"
    (tmp_path / "guards.yaml").write_text(guard)
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await apply(unit, await plan(unit, read_files(tmp_path), registry()))
    await tocsin.say("bob", "/incident declare it fails sev:3")
    assert (
        "waits for 1 of @alice" in (await tocsin.say("bob", "/incident resolve INC-13 fixed")).text
    )
    refused = await tocsin.say("alice", "/approval unguard resolve")
    assert "comes from guards.yaml: change it there" in refused.text
