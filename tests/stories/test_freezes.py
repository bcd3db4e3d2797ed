"""Times in which nothing goes out: declared, or begun by a bad incident (rules.md 4)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from domain.freeze import by_itself
from domain.severity import Severity
from tests.fakes import pipelines
from tests.fakes.conditions import HOUR, TRINO
from tests.fakes.tocsin import Tocsin
from tests.fakes.web_client import web_client

GATE = "/api/v1/deployments/gate"


@asynccontextmanager
async def ci(tocsin: Tocsin, user: str = "dave") -> AsyncIterator[httpx2.AsyncClient]:
    """A program with somebody's token."""
    bearer = f"Bearer {tocsin.seeded.tokens[user]}"
    async with web_client(tocsin, Authorization=bearer) as client:
        yield client


async def asked(client: httpx2.AsyncClient, service: str, **more: str) -> dict[str, Any]:
    """What the gate says."""
    answer = await client.get(GATE, params={"service": service, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.both
async def test_a_freeze_is_told_to_whoever_asks_the_gate(tocsin: Tocsin):
    """Of one service or of all, until its time or somebody's word; on Now and in chat."""
    async with ci(tocsin) as client:
        assert (await asked(client, "trino"))["allowed"] is True
        made = await tocsin.say("bob", "/deploy freeze prod service:trino until:3h the table moves")
        assert made.text.startswith("trino in prod is frozen (FRZ-1).")
        told = await asked(client, "trino")
        assert (told["allowed"], [one["id"] for one in told["freezes"]]) == (False, ["FRZ-1"])
        assert told["reason"].endswith("the table moves (FRZ-1)")
        assert (await asked(client, "kafka"))["allowed"] is True
        assert (await asked(client, "trino", environment="staging"))["allowed"] is True
        strict = await client.get(GATE, params={"service": "trino", "strict": "true"})
        assert (strict.status_code, strict.json()["detail"]) == (423, told["reason"])
        now = await client.get("/", headers={"Accept": "text/html"})
        assert "trino in prod is frozen: the table moves (FRZ-1)" in now.text
        await tocsin.advance(4 * HOUR)
        assert (await asked(client, "trino"))["allowed"] is True
        assert (await client.get(GATE, headers={"Authorization": ""})).status_code == 401
    assert (await tocsin.say("bob", "/deploy thaw FRZ-1 done early")).refused == "stale"
    await tocsin.say("bob", "/deploy freeze prod quarter end")
    assert "everything in prod is frozen" in (await tocsin.say("dave", "/deploy freezes")).text
    assert (await tocsin.say("dave", "/deploy thaw FRZ-2 I like to")).refused == "not_allowed"
    ended = await tocsin.say("carol", "/deploy thaw FRZ-2 the books are closed")
    assert ended.text == "everything in prod is not frozen any more (FRZ-2)."
    assert (await tocsin.say("carol", "/deploy thaw FRZ-2 once more")).refused == "stale"
    assert "Nothing is frozen" in (await tocsin.say("dave", "/deploy freezes")).text


async def test_a_bad_incident_freezes_its_service_by_itself(tocsin: Tocsin):
    """While it is open; a rollback is let through, and going past it is reviewed."""
    await tocsin.fire(TRINO)
    assert "Nothing is frozen" in (await tocsin.say("bob", "/deploy freezes")).text
    await tocsin.say("bob", "/incident severity INC-13 1")
    async with ci(tocsin) as client:
        told = await asked(client, "trino")
        assert told["reason"].startswith("trino in prod is frozen while it is open: INC-13 is SEV1")
        plan = await tocsin.say("bob", "/rollback trino")
        assert plan.approval
        assert "1 alert of trino fires; trino in prod is frozen" in plan.text
        assert "a rollback is let through" in plan.text
        await tocsin.say("bob", "/deploy thaw INC-13 this version is the fix")
        assert (await asked(client, "trino"))["allowed"] is True
    assert any("this version is the fix" in one for one in await tocsin.told())
    async with tocsin.looking() as unit:
        items = await unit.action_items.where()
    assert "Review why the freeze of trino in prod was ended during INC-13." in [
        one.text for one in items
    ]
    granted = await tocsin.say("alice", f"/approval grant {plan.approval}")
    assert granted.refused == "", granted.text


async def test_nobody_learns_of_a_private_incident_by_a_freeze(tocsin: Tocsin):
    """And where it is turned off none begins by itself."""
    await tocsin.say("bob", "/incident declare payroll leaked sev:1 service:trino private:yes")
    assert "Nothing is frozen" in (await tocsin.say("bob", "/deploy freezes")).text
    await tocsin.fire(TRINO)
    bad = (await tocsin.incident("INC-14")).model_copy(update={"severity": Severity.SEV2})
    assert [one.id for one in by_itself([bad], Severity.SEV2, ())] == ["INC-14"]
    assert by_itself([bad], Severity.SEV1, ()) == by_itself([bad], None, ()) == ()
    assert by_itself([bad], Severity.SEV2, ["INC-14"]) == ()


async def test_a_deployment_and_what_lies_between_two(tocsin: Tocsin):
    """Each word that was told; what passed in between, and where its commits are compared."""
    for body in (pipelines.github_deployment(), pipelines.github_status("success", 60)):
        await tocsin.deliver("github", body)
    shown = await tocsin.say("dave", "/deploy show DEP-14")
    for told in ("DEP-14 · trino v249", "trino in prod", "nobody says", pipelines.SHA):
        assert told in shown.text
    found = await tocsin.say("dave", "/deploy diff trino v246")
    assert found.text.startswith("trino prod: v246 → v249")
    assert [one["version"] for one in found.data] == ["v247", "v248", "v249"]
    assert "The commits in between are not known" in found.text
    nothing = await tocsin.say("dave", "/deploy diff trino v9")
    assert nothing.refused == "not_found"
