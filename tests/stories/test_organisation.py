"""What files say of the organisation is who gets paged."""

from pathlib import Path

import pytest

from bot.organisation import apply, plan, read_files
from commands.discovery import registry
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
