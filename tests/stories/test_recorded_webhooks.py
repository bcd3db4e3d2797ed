"""What a real Alertmanager sent in one session, request by request through the real door."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

from bot.site import build_site
from storage.tables.alerts import alert_groups, alerts, deliveries, episodes
from storage.tables.incidents import incidents
from storage.tables.ledger import facts
from storage.tables.paging import pages, rings
from tests.fakes.site import HOME
from tests.fakes.tocsin import Tocsin

pytestmark = pytest.mark.both

LIVE = Path(__file__).parents[1] / "payloads" / "webhooks_live"
SENT = [json.loads(path.read_text()) for path in sorted((LIVE / "deliveries").glob("*.json"))]
EXPECTED = json.loads((LIVE / "expected.json").read_text())
BEGAN = datetime(2026, 11, 21, 1, 43, 40, tzinfo=UTC)
SEEDED = 12


async def replay(tocsin: Tocsin, *, moving: bool) -> list[Any]:
    """Send all of it in order, at its own pace where time is ``moving``; gives the answers."""
    transport = httpx2.ASGITransport(app=build_site(tocsin.parts))
    bearer = {"Authorization": f"Bearer {tocsin.seeded.hooks_token}"}
    answers = []
    async with httpx2.AsyncClient(transport=transport, base_url=HOME, headers=bearer) as client:
        for sent in SENT:
            at = BEGAN + timedelta(seconds=sent["t_rel_s"])
            if moving:
                await tocsin.advance(max(at - tocsin.clock.now(), timedelta()))
            answer = await client.post("/hooks/alertmanager", json=sent["body"])
            assert answer.status_code == 202, answer.text
            answers.append(answer.json())
            await tocsin.settle()
    return answers


async def state(tocsin: Tocsin) -> dict[str, Any]:
    """Everything that was decided, and how much of everything there is."""
    async with tocsin.looking() as unit:

        async def rows(query: Any) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in (await unit.scope.connection.execute(query)).all()]

        told = (alerts.c.id, alerts.c.status, alerts.c.starts_at, alerts.c.ends_at, alerts.c.count)
        return {
            "alerts": await rows(select(*told, alerts.c.incident).order_by(alerts.c.number)),
            "incidents": await rows(select(incidents).order_by(incidents.c.number)),
            **{
                table.name: await rows(select(func.count()).select_from(table))
                for table in (episodes, alert_groups, facts, pages, rings)
            },
        }


async def test_a_recorded_session_comes_to_exactly_what_it_held(tocsin: Tocsin):
    """Distinct alerts, episodes, final states, what the sender left out; no more than a group
    has incidents. Sending it all again changes nothing."""
    tocsin.clock.at = BEGAN
    answers = await replay(tocsin, moving=True)
    assert len(answers) == EXPECTED["deliveries"]
    assert sum(one["accepted"] for one in answers) == EXPECTED["alert_instances_in_bodies"]
    assert sum(one.get("truncated", 0) for one in answers) == EXPECTED["truncated_total"]

    after = await state(tocsin)
    assert len(after["alerts"]) == EXPECTED["distinct_fingerprints"]
    statuses = [one[1] for one in after["alerts"]]
    assert {one: statuses.count(one) for one in set(statuses)} == EXPECTED["final_status"]
    assert sum(one[4] for one in after["alerts"]) == EXPECTED["distinct_fingerprint_episodes"]
    assert await by_alertname(tocsin) == EXPECTED["by_alertname"]
    opened = len(after["incidents"]) - SEEDED
    assert 0 < opened <= EXPECTED["distinct_groupKeys"]
    assert await paged(tocsin) == {
        ("Target web-01:9100 down", "SEV2"),
        ("High error ratio on search", "SEV2"),
    }

    assert await replay(tocsin, moving=False)
    assert await state(tocsin) == after
    async with tocsin.looking() as unit:
        stored = await unit.scope.connection.execute(select(func.count()).select_from(deliveries))
        assert stored.scalar() == 2 * EXPECTED["deliveries"]


async def paged(tocsin: Tocsin) -> set[tuple[str, str]]:
    """Title and severity of every incident somebody was woken for."""
    async with tocsin.looking() as unit:
        query = select(incidents.c.title, incidents.c.severity).join(
            pages, pages.c.incident == incidents.c.id
        )
        return {tuple(row) for row in (await unit.scope.connection.execute(query)).all()}


async def by_alertname(tocsin: Tocsin) -> dict[str, int]:
    """How many alerts there are of each name."""
    async with tocsin.looking() as unit:
        query = select(alerts.c.name, func.count()).group_by(alerts.c.name)
        return {name: count for name, count in (await unit.scope.connection.execute(query)).all()}
