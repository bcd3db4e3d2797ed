"""Whatever bytes arrive: never a 5xx, and a row only where 202 was answered."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from integrations.alerts.discovery import sources
from storage.tables.alerts import deliveries
from tests.fakes.site import HOOKS, Site, build_site, give_hooks_token
from tests.fakes.stores import opened

HOSTILE = Path(__file__).parents[3] / "shared/data/hostile/hostile_strings.jsonl"
EXPECTED = {202, 400, 413, 415, 422}
MANY = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = (
    "alerts", "status", "labels", "annotations", "startsAt", "endsAt", "fingerprint", "version",
    "groupKey", "truncatedAlerts", "generatorURL", "receiver", "state", "ruleId", "ruleName",
    "evalMatches", "values", "orgId", "tags", "event", "data", "type", "id", "incident", "messages",
    "event_type", "occurred_at", "title", "service", "priority", "html_url", "name", "summary",
    "severity", "starts_at", "url", "firing", "resolved", "triggered", "2026-11-21T12:00:00Z",
)  # fmt: skip
WORDS = st.sampled_from(NAMES) | st.text(st.characters(codec=None), max_size=8)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS
)  # NaN and infinity among them
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=30,
)


@dataclass
class Rig:
    """A site that is asked from outside its event loop."""

    site: Site
    runner: asyncio.Runner

    def send(self, source: str, body: bytes) -> tuple[int, int]:
        """Deliver ``body``; the status, and how many rows it added."""
        return self.runner.run(self._send(source, body))

    async def _send(self, source: str, body: bytes) -> tuple[int, int]:
        before = await self._rows()
        async with self.site.client(HOOKS) as client:
            answer = await client.post(f"/hooks/{source}", content=body)
        return answer.status_code, await self._rows() - before

    async def _rows(self) -> int:
        async with self.site.store.read() as unit:
            query = select(func.count()).select_from(deliveries)
            return int((await unit.scope.connection.execute(query)).scalar_one())


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """One site for all examples of a test."""
    with asyncio.Runner() as runner:
        opening = opened(f"sqlite:///{tmp_path / 'fuzz.db'}")
        store = runner.run(opening.__aenter__())
        runner.run(give_hooks_token(store))
        yield Rig(build_site(store), runner)
        runner.run(opening.__aexit__(None, None, None))


def check(rig: Rig, source: str, body: bytes) -> None:
    status, rows = rig.send(source, body)
    assert status in EXPECTED
    assert rows == (1 if status == 202 else 0)


@pytest.mark.parametrize("source", sorted(sources()))
@MANY
@given(body=st.binary(max_size=200))
@example(body=b'{"alerts": [{"labels": {"alertname": "\\ud800"}}]}')
@example(body=b'{"alerts": [{"labels": {"a\\u0000b": "\\u0000"}}]}')
def test_any_bytes(rig: Rig, source: str, body: bytes) -> None:
    """Random bytes, half surrogates and NUL are answered, never a crash."""
    check(rig, source, body)


@pytest.mark.parametrize("source", sorted(sources()))
@MANY
@given(value=VALUES)
def test_any_json(rig: Rig, source: str, value: Any) -> None:
    """JSON made of the words that senders use, in any shape, is answered."""
    check(rig, source, json.dumps(value, ensure_ascii=True).encode())


@pytest.mark.skipif(not HOSTILE.exists(), reason="the hostile strings are not here")
@pytest.mark.parametrize("source", ["alertmanager", "generic"])
def test_hostile_strings_are_only_strings(rig: Rig, source: str) -> None:
    """Every hundredth hostile string, as name, label and key, is stored like any other."""
    lines = HOSTILE.read_text().splitlines()[::100]
    for line in lines:
        text = json.loads(line)["s"]
        alert = {"name": text, "labels": {"alertname": text, text[:50]: text}}
        status, _ = rig.send(source, json.dumps({"alerts": [alert]}).encode())
        assert status in (202, 422)
