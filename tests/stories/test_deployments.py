"""Deployments told by pipelines through the real door, and what people see of them."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import permutations
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from bot.site import build_site
from domain.deployment import Deployment
from domain.pipeline import Pipeline
from storage.views.catalog import DeploymentFilter, deployments
from tests.fakes import pipelines
from tests.fakes.conditions import MINUTE, TRINO
from tests.fakes.site import HOME
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

SECRET = "the-secret-of-github"
LONG_AGO = 200 * MINUTE


@asynccontextmanager
async def door(tocsin: Tocsin) -> AsyncIterator[httpx2.AsyncClient]:
    """The web as a sender meets it; GitHub and GitLab prove themselves by a secret."""
    parts = tocsin.parts
    signed = {"github": SecretStr(f"{SECRET},older"), "gitlab": SecretStr(SECRET)}
    settings = parts.settings.model_copy(update={"webhook_secrets": signed})
    app = build_site(replace(parts, core=replace(parts.core, settings=settings)))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=HOME) as client:
        yield client


def hub(body: Any, secret: str = SECRET) -> dict[str, Any]:
    """A request as GitHub signs it."""
    content = json.dumps(body).encode()
    signature = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={signature}", "Content-Type": "application/json"}
    return {"content": content, "headers": headers}


async def known(tocsin: Tocsin, **wanted: Any) -> list[Deployment]:
    """The deployments that stories told, newest first; thirteen were there before."""
    async with tocsin.looking() as unit:
        found = await deployments(unit.scope, DeploymentFilter(**wanted))
    return [one for one in found.items if one.number > 13]


@pytest.mark.both
async def test_a_signed_deployment_is_known_by_all_its_words(tocsin: Tocsin):
    """In any order and twice it is one deployment; what is signed wrongly is not heard."""
    told = [
        pipelines.github_deployment(),
        pipelines.github_status("in_progress", 30),
        pipelines.github_status("success", 90, migration=False),
    ]
    async with door(tocsin) as client:
        for secret in ("wrong", ""):
            refused = await client.post("/hooks/github", **hub(told[0], secret))
            assert refused.status_code == 401
        assert (await client.post("/hooks/github", json=told[0])).status_code == 401
        gitlab = {"X-Gitlab-Token": "wrong"}
        body = pipelines.gitlab_deployment("success")
        assert (await client.post("/hooks/gitlab", json=body, headers=gitlab)).status_code == 401
        await tocsin.settle()
        assert await known(tocsin) == []
        for order in permutations(told):
            for body in order:
                answer = await client.post("/hooks/github", **hub(body))
                assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
            await tocsin.settle()
    (one,) = await known(tocsin)
    assert (one.service, one.environment, one.version) == ("trino", "prod", "v249")
    assert (one.status, one.source, one.migration) == ("success", "github", False)
    assert (one.started_at, one.finished_at) == (pipelines.at(0), pipelines.at(90))
    assert one.commit == pipelines.SHA


async def test_every_sender_has_a_door(tocsin: Tocsin):
    """Six senders, each by its own proof; one line of curl is enough."""
    bearer = {"Authorization": f"Bearer {tocsin.seeded.hooks_token}"}
    sent = [
        ("argocd", pipelines.argocd("Succeeded", service="trino"), bearer),
        ("cdevents", pipelines.cdevent(), bearer),
        ("generic", pipelines.curl(), bearer),
        ("gitlab", pipelines.gitlab_deployment("success"), {"X-Gitlab-Token": SECRET}),
        ("gitlab", pipelines.gitlab_pipeline("success"), {"X-Gitlab-Token": SECRET}),
        ("jenkins", pipelines.jenkins("COMPLETED", "SUCCESS"), bearer),
    ]
    async with door(tocsin) as client:
        for source, body, headers in sent:
            answer = await client.post(f"/hooks/{source}", json=body, headers=headers)
            assert answer.status_code == 202, answer.text
            await tocsin.settle()
    found = await known(tocsin, service="trino")
    assert [one.source for one in found] == ["gitlab", "generic", "cdevents", "argocd"]
    assert {(one.version, one.environment) for one in found} == {("v249", "prod")}
    listed = await tocsin.say("dave", "/deploy list trino")
    assert listed.text.count("v249") == len(found)


async def test_a_run_is_a_deployment_where_a_service_says_so(tocsin: Tocsin):
    """Nobody's workflow is one by itself."""
    run = pipelines.github_run("completed", "success")
    await tocsin.deliver("github", run)
    assert await known(tocsin) == []
    async with tocsin.parts.store.write(SYSTEM) as unit:
        way = Pipeline(source="github", name="acme/trino", workflow="deploy.yml")
        trino = await unit.catalog.services.need("trino")
        await unit.catalog.services.put(trino.model_copy(update={"pipelines": (way,)}))
    await tocsin.deliver("github", run)
    (one,) = await known(tocsin)
    assert (one.service, one.version, one.status) == ("trino", pipelines.SHA[:7], "success")


async def test_an_open_incident_hears_of_it(tocsin: Tocsin):
    """The timeline says what was deployed meanwhile, once."""
    await tocsin.fire(TRINO)
    for _ in range(2):
        await tocsin.deliver("generic", pipelines.curl(id="7"))
    told = [one for one in await tocsin.told() if "v249" in one]
    assert told == ["trino prod v249: success (DEP-14)"]


async def test_a_rollback_of_ours_has_one_deployment(tocsin: Tocsin):
    """What the pipeline tells of it meanwhile makes no second one; later the same version does."""
    asked = await tocsin.say("bob", "/rollback trino")
    await tocsin.say("alice", f"/approval grant {asked.approval}")
    echo = pipelines.curl(version="v247", at=tocsin.clock.now().isoformat())
    await tocsin.deliver("generic", echo)
    assert [one.id for one in await known(tocsin)] == ["DEP-14"]
    await tocsin.advance(LONG_AGO)
    again = pipelines.curl(version="v247", at=tocsin.clock.now().isoformat())
    await tocsin.deliver("generic", again)
    assert [one.source for one in await known(tocsin)] == ["generic", "tocsin"]


async def test_a_pipeline_that_never_ends_blocks_nobody_for_long(tocsin: Tocsin):
    """While it may still run one waits; after two hours it is left out of account."""
    await tocsin.deliver("generic", pipelines.curl(id="7", status="running"))
    busy = await tocsin.say("bob", "/rollback trino")
    assert busy.text == "DEP-14 (v249) is under way on trino prod: wait."
    await tocsin.advance(LONG_AGO)
    assert (await tocsin.say("bob", "/rollback trino")).approval
