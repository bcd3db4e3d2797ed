"""Rolling back by a real pipeline: off at first, asked by two people, told as it ended."""

from dataclasses import replace

import pytest

from domain.pipeline import Pipeline
from domain.rollback import Rollback
from tests.domain.test_deploy_event import event
from tests.fakes.conditions import MINUTE
from tests.fakes.pipeline_api import FakePipelines, fake_pipelines
from tests.fakes.stores import NOON, SYSTEM
from tests.fakes.tocsin import Tocsin

GITHUB = Pipeline(source="github", name="acme/trino", rollback="rollback.yml")
TEAM = frozenset({"data-platform"})


async def declared(tocsin: Tocsin, *pipelines: Pipeline) -> None:
    """What deploys trino."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        trino = await unit.catalog.services.need("trino")
        await unit.catalog.services.put(trino.model_copy(update={"pipelines": pipelines}))


def connected(tocsin: Tocsin, api: FakePipelines) -> None:
    """As outside the demo, with a token of each pipeline."""
    tocsin.settled(execution=False, execution_teams=TEAM)
    worker = tocsin.parts.worker
    worker.ports = replace(worker.ports, deployer=None, deployers=api.clients())


async def said(tocsin: Tocsin) -> str:
    return "\n".join(one.text for one in await tocsin.room("incidents"))


async def test_nothing_is_carried_out_before_an_admin_says_how_and_for_whom(tocsin: Tocsin):
    """The team, the way back, and who approves: each is missed in a sentence (rule 31)."""
    tocsin.settled(execution=False)
    off = await tocsin.say("bob", "/rollback trino")
    assert off.text.startswith("Nothing is carried out here: execution is off for this service's")
    tocsin.settled(execution=False, execution_teams=TEAM)
    way = await tocsin.say("bob", "/rollback trino")
    assert way.text.startswith("No pipeline of trino says how prod is rolled back")
    await declared(tocsin, GITHUB)
    assert (await tocsin.say("bob", "/rollback trino")).approval == "APR-1"
    await tocsin.say("alice", "/approval unguard rollback-start-environment-prod")
    alone = await tocsin.say("bob", "/rollback trino")
    assert alone.text.startswith("Nobody is named who approves rollbacks")
    tocsin.settled(execution=False, execution_teams=TEAM, self_confirm=True)
    chosen = await tocsin.say("bob", "/rollback trino")
    assert chosen.refused == "confirm"


@pytest.mark.both
async def test_github_is_asked_once_after_a_second_person_agreed(tocsin: Tocsin):
    """What exactly it will be asked for stands in the plan that was agreed to."""
    await declared(tocsin, GITHUB)
    async with fake_pipelines(tocsin.clock) as api:
        connected(tocsin, api)
        asked = await tocsin.say("bob", "/rollback trino")
        assert "Asked: GitHub runs rollback.yml of acme/trino with version v247" in asked.text
        assert api.asked == []
        await tocsin.say("alice", f"/approval grant {asked.approval}")
        assert [one["inputs"]["tocsin"] for one in api.bodies("/dispatches")] == ["DEP-14"]
    assert "Rolled back trino prod to v247" in await said(tocsin)
    assert "GitHub 1 m 38 s" in await said(tocsin)
    async with tocsin.looking() as unit:
        assert (await unit.catalog.deployments.need("DEP-14")).status == "success"
        assert (await unit.catalog.deployments.need("DEP-13")).status == "rolled_back"


async def test_a_run_that_failed_is_for_a_person_to_look_into(tocsin: Tocsin):
    """It may have done half of it: the target stays taken, and it is not asked again."""
    tocsin.forgiven.add("roll_back")
    await declared(tocsin, GITHUB)
    async with fake_pipelines(tocsin.clock) as api:
        api.conclusion = "failure"
        connected(tocsin, api)
        asked = await tocsin.say("bob", "/rollback trino")
        await tocsin.say("alice", f"/approval grant {asked.approval}")
        await tocsin.advance(60 * MINUTE)
        assert len(api.bodies("/dispatches")) == 1
    assert "Nobody knows whether it was rolled back" in await said(tocsin)
    assert "ended with failure" in await said(tocsin)
    assert (await tocsin.say("carol", "/rollback trino")).text.endswith("on trino prod: wait.")


def test_what_the_pipeline_begins_meanwhile_is_the_rollback() -> None:
    """GitHub makes deployments of its own for a workflow's environment, by the branch it is on."""
    running = Rollback.model_validate(
        {
            "id": "DEP-14", "replaces": "DEP-13", "service": "trino", "environment": "prod",
            "bad": "v248", "good": "v247", "by": "bob", "way": GITHUB, "released_at": NOON,
            "state": "running",
        }
    )  # fmt: skip
    of_main = event("success", 1, version="0c1d2e3")
    assert running.brings(of_main)
    assert not running.brings(event("success", -1, version="0c1d2e3"))
    ended = running.model_copy(update={"state": "done", "ended_at": NOON + 2 * MINUTE})
    assert ended.brings(of_main)
    assert not ended.brings(event("success", 3, version="0c1d2e3"))
    assert ended.brings(event("success", 3, version="v247"))
    assert not ended.brings(event("success", 30, version="v247"))
    other = event("success", 1, version="0c1d2e3", source="jenkins")
    assert not running.brings(other)
