"""Rolling back by a real pipeline: off at first, asked by two people, told as it ended."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.call import Call, Origin
from domain.pipeline import Pipeline
from tests.fakes.conditions import MINUTE
from tests.fakes.pipeline_api import WORKFLOW, FakePipelines, fake_pipelines
from tests.fakes.pipelines import github_deployment, github_status
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

GITHUB = Pipeline(source="github", name="acme/trino", rollback="rollback.yml")
SECOND = timedelta(seconds=1)
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


async def test_what_is_sent_is_what_was_agreed_to(tocsin: Tocsin):
    """The environment as GitHub calls it, and the commit as it was when it was released."""
    called = GITHUB.model_copy(update={"environments": {"production": "prod"}})
    await declared(tocsin, called)
    async with fake_pipelines(tocsin.clock) as api:
        connected(tocsin, api)
        asked = await tocsin.say("bob", "/rollback trino")
        assert ", environment production." in asked.text
        alice = await tocsin.actor("alice")
        grant = {"approval": str(asked.approval)}
        origin = Origin(surface="api")
        await tocsin.parts.dispatch(
            Call(command="approval grant", args=grant, actor=alice, origin=origin)
        )
        async with tocsin.parts.store.write(SYSTEM) as unit:
            target = (await unit.rollbacks.need("DEP-14")).target
            found = await unit.catalog.deployments.need(target)
            moved = found.model_copy(update={"commit": "f" * 40})
            await unit.catalog.deployments.save(moved)
        await tocsin.settle()
        (sent,) = api.bodies("/dispatches")
    assert sent["inputs"]["environment"] == "production"
    assert sent["inputs"]["commit"] == (found.commit or "")


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


def deployment(number: int, run: int | None = None, state: str = "") -> dict[str, Any]:
    """A deployment of GitHub's own, which a run of a workflow made where one is named."""
    body = github_status(state) if state else github_deployment()
    made = body["deployment"] | {"id": number, "ref": "main"}
    told = {"deployment": made, "workflow_run": {"id": run} if run else None}
    return body | told | {"check_run": {"id": 1} if run else None}


async def test_what_others_deploy_meanwhile_is_told_apart(tocsin: Tocsin):
    """By the run that made it: ours is the rollback itself, a colleague's stands beside it, and
    what runs then is not what was watched."""
    await declared(tocsin, GITHUB)
    async with fake_pipelines(tocsin.clock) as api:
        connected(tocsin, api)
        api.key = "none of ours"
        asked = await tocsin.say("bob", "/rollback trino")
        api.refusals[f"{WORKFLOW}/runs"] = (200, {"workflow_runs": []})
        await tocsin.say("alice", f"/approval grant {asked.approval}")
        for number, run in ((7, None), (8, 31), (9, 32)):
            await tocsin.deliver("github", deployment(number, run), "signed")
        assert await known(tocsin) == {}, "which is whose is not known yet"
        del api.refusals[f"{WORKFLOW}/runs"]
        await tocsin.advance(6 * SECOND)
        for number, run in ((8, 31), (9, 32)):
            await tocsin.deliver("github", deployment(number, run, "success"), "signed")
    assert await known(tocsin) == {"DEP-15": "success"}
    told = await said(tocsin)
    version = deployment(9)["deployment"]["sha"][:7]
    assert f"Not this rollback, and on the same target: {version} (DEP-15, by github)" in told
    await tocsin.advance(MINUTE)
    assert f"Not watched any more: {version} (DEP-15) went out there." in await said(tocsin)


async def known(tocsin: Tocsin) -> dict[str, str]:
    """The deployments of trino that came after the rollback, and how they stand."""
    async with tocsin.looking() as unit:
        found = await unit.catalog.deployments.where()
    return {one.id: one.status for one in found if one.service == "trino" and one.number > 14}
