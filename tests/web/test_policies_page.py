"""Policies as lines of steps: who that is now, and what one would do."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import httpx2
import pytest

from domain.escalation import AlertRate, Condition, EscalationPolicy, Step, Target
from domain.severity import Severity
from storage.numbers import Numbers
from storage.store import Store
from tests.fakes.stores import SYSTEM
from tests.fakes.whole_site import whole_site_over

MINUTE = timedelta(minutes=1)


def to(kind: str, name: str) -> Target:
    """A target."""
    return Target.model_validate({"kind": kind, "id": name})


STORM = Condition(severity=Severity.SEV2, alerts=AlertRate(at_least=10, within=5 * MINUTE))
SHOP = EscalationPolicy(
    id="shop",
    name="Shop",
    team="data-platform",
    repeats=2,
    last_resort=(to("user", "alice"), to("user", "nobody-there")),
    steps=(
        Step(targets=(to("schedule", "data"), to("channel", "ops")), delay=7 * MINUTE),
        Step(targets=(to("user", "bob"), to("user", "carol")), round_robin=True),
        Step(targets=(to("schedule", "gone"),), when=STORM, otherwise=(to("user", "bob"),)),
    ),
)


@pytest.fixture
async def dave(company: Store) -> AsyncIterator[httpx2.AsyncClient]:
    """The viewer's browser, over a company with one more policy, triggered once before."""
    async with company.write(SYSTEM) as unit:
        await unit.catalog.policies.put(SHOP)
        await Numbers(unit.scope).next("turn:shop")
    async with whole_site_over(company).client("dave", Accept="text/html") as client:
        yield client


def words(page: str) -> str:
    """What a reader reads, without marks."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


async def test_each_step_says_whom_it_means_now(dave) -> None:
    """Who, after how long, on what condition, in whose turn; then the repeats and the end."""
    read = words((await dave.get("/policies")).text)
    for said in (
        "At once Step 1 Data platform now Carol channel ops told, reaches nobody by itself",
        "After 7 min Step 2 one of them, in turn Bob Carol next",
        "After 12 min Step 3 only SEV2 and worse, with 10 alerts in 5 m gone nobody now else Bob",
        "all of it 2 times more",
        "After 51 min Last resort every 5 min until somebody acks Alice nobody-there nobody now",
    ):
        assert said in read


async def test_what_would_happen_is_drawn(dave) -> None:
    """As /whatif answers; of a policy by its name, also where a service is called alike."""
    page = (await dave.get("/policies?target=policy:shop&severity=SEV2&at=2026-11-21T12:00")).text
    read = words(page)
    assert "If shop breaks with SEV2" in read
    assert "step 1 of 3" in read and "on call for Data platform, layer primary" in read
    assert "step 2 of 3 Carol" in read
    assert "step 3: only with 10 alerts in 5 m, and there were 0" in read
    assert "step 3 of 3 Bob" in read
    assert "Nothing was sent." in read
    low = words((await dave.get("/policies?target=trino&severity=SEV4")).text)
    assert "One quiet page to" in low
    wrong = await dave.get("/policies?target=nix&at=whenever")
    assert (wrong.status_code, "type a time like" in words(wrong.text)) == (200, True)
    assert 'value="whenever"' in wrong.text
