"""The real clients against stand-ins: what exactly is asked, and what each answer means."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain.deployer import Asked, Deployer, Probed, RollbackOrder, Seen
from domain.errors import Permanent, Retry
from domain.pipeline import Pipeline, way_back
from tests.fakes.one_request import Json
from tests.fakes.pipeline_api import (
    APP,
    GOOD,
    JOBS,
    PROBES,
    REPO,
    WORKFLOW,
    FakePipelines,
    fake_pipelines,
)
from tests.fakes.stores import StillClock

USUAL = RollbackOrder(
    key="DEP-14", service="trino", environment="prod", version="v247", theirs="production",
    commit=GOOD,
)  # fmt: skip
ORDERS = {
    "github": USUAL.model_copy(update={"name": "acme/trino", "workflow": "rollback.yml"}),
    "gitlab": USUAL.model_copy(update={"name": "acme/trino", "reference": "acme/trino/job/796"}),
    "argocd": USUAL.model_copy(update={"name": "argocd/trino-prod"}),
}
ASKED = {
    "github": f"{WORKFLOW}/dispatches",
    "gitlab": f"{JOBS}/796/retry",
    "argocd": f"{APP}/rollback",
}


@pytest.fixture
async def api() -> AsyncIterator[FakePipelines]:
    async with fake_pipelines(StillClock()) as fake:
        yield fake


MISTAKES = r"rollback must|command is|is none of|name it like|not known"
NAMES = {
    "github": ("acme/trino/7", "acme/trino/run/31", "acme/trino/run/31/1"),
    "gitlab": ("acme/trino/job/812",),
    "argocd": ("argocd/trino-prod@2026-11-21T12:00:00+00:00",),
}


async def followed(deployer: Deployer, order: RollbackOrder) -> Seen:
    """Asked once, and looked at until it has ended."""
    seen = await deployer.ask(order)
    for _ in range(5):
        if seen.took is not None or seen.lost:
            break
        seen = await deployer.look(order, seen.asked)
    return seen


@pytest.mark.parametrize("source", sorted(ORDERS))
async def test_it_is_asked_once_and_followed(api: FakePipelines, source: str) -> None:
    """The time is the pipeline's own; its own events call it by names that are known then."""
    done = await followed(api.clients()[source], ORDERS[source])
    assert done.took
    assert round(done.took / timedelta(seconds=1)) == 98
    assert (done.asked.names, done.asked.complete) == (NAMES[source], True)
    assert done.asked.said
    assert len(api.bodies(ASKED[source])) == 1


@pytest.mark.parametrize("source", sorted(ORDERS))
async def test_an_end_that_is_no_success_is_for_a_person(api: FakePipelines, source: str) -> None:
    """It may have done half of it: nobody may say that nothing was done."""
    api.conclusion = {"github": "failure", "gitlab": "failed", "argocd": "Failed"}[source]
    ended = await followed(api.clients()[source], ORDERS[source])
    assert "ended with" in ended.lost


@pytest.mark.parametrize("source", sorted(ORDERS))
async def test_a_refusal_did_nothing_and_a_broken_answer_is_unknown(
    api: FakePipelines, source: str
) -> None:
    """A no is a no; a server error after asking is not."""
    api.refusals[ASKED[source]] = (400, {"message": "auto-sync is enabled"})
    with pytest.raises(Permanent, match="auto-sync is enabled"):
        await api.clients()[source].ask(ORDERS[source])
    api.refusals[ASKED[source]] = (502, {"message": "bad gateway"})
    with pytest.raises(Retry, match="502"):
        await api.clients()[source].ask(ORDERS[source])


async def test_what_fails_before_it_is_asked_did_nothing(api: FakePipelines) -> None:
    """An unreachable server, no permission, an unknown commit or job: a plain no."""
    api.refusals |= {
        REPO: (503, {"message": "later"}),
        APP: (403, {"message": "permission denied"}),
    }
    for source, words in (("github", "503"), ("argocd", "permission denied")):
        with pytest.raises(Permanent, match=words):
            await api.clients()[source].ask(ORDERS[source])
    del api.refusals[APP]
    odd = ORDERS["argocd"].model_copy(update={"commit": "d" * 40})
    with pytest.raises(Permanent, match="no sync of ddddddd"):
        await api.clients()["argocd"].ask(odd)
    odd = ORDERS["gitlab"].model_copy(update={"reference": "other/project/job/1"})
    with pytest.raises(Permanent, match="is not known"):
        await api.clients()["gitlab"].ask(odd)
    assert api.asked == []


async def test_github_is_told_everything_and_its_record_follows(api: FakePipelines) -> None:
    """The workflow's inputs, and a deployment that ends as the run does."""
    await followed(api.clients()["github"], ORDERS["github"])
    assert api.bodies("/dispatches") == [
        {
            "ref": "main",
            "inputs": {
                "tocsin": "DEP-14", "version": "v247", "commit": GOOD, "environment": "production",
            },
        }
    ]  # fmt: skip
    (record,) = api.bodies("/deployments")
    assert (record["ref"], record["environment"], record["task"]) == (
        GOOD, "production", "tocsin:rollback",
    )  # fmt: skip
    assert [one["state"] for one in api.bodies("/statuses")] == ["success"]
    assert api.credentials == {"Bearer the-token"}


async def test_anybodys_later_sync_is_not_ours(api: FakePipelines) -> None:
    """It is known by its commit; one that does not say its commit yet is waited for."""
    client, api.synced = api.clients()["argocd"], "c" * 40
    seen = await followed(client, ORDERS["argocd"])
    assert (seen.took, seen.lost) == (None, "another sync began (of ccccccc)")
    assert (seen.asked.names, seen.asked.complete) == ((), True)
    api.synced = ""
    waiting = await followed(client, ORDERS["argocd"])
    assert (waiting.took, waiting.lost, waiting.asked.names) == (None, "", ())


async def test_a_run_that_never_shows_is_unknown(api: FakePipelines) -> None:
    """Another's run is not ours; after three minutes a person looks."""
    api.refusals[f"{WORKFLOW}/runs"] = (200, {"workflow_runs": [{"display_title": "DEP-140"}]})
    github = api.clients()["github"]
    waiting = await followed(github, ORDERS["github"])
    assert (waiting.lost, waiting.asked.complete) == ("", False)
    api.clock.move(minutes=3)
    lost = await github.look(ORDERS["github"], waiting.asked)
    assert "has not been seen for 3 min" in lost.lost


@pytest.mark.parametrize("source", sorted(ORDERS))
async def test_an_answer_that_nobody_understands_is_no_end(api: FakePipelines, source: str) -> None:
    """Not while it was not asked, where nothing was done; nor later, where a person looks."""
    client, order = api.clients()[source], ORDERS[source]
    begun = await client.ask(order)
    state: Json = {"status": {"operationState": {"startedAt": "soon", "phase": "x"}}}
    for path in (f"{WORKFLOW}/runs", f"{JOBS}/812", APP):
        api.refusals[path] = (200, state if path == APP else {"a": 1})
    with pytest.raises(Permanent, match="was not understood"):
        await client.look(order, begun.asked)
    with pytest.raises(Permanent, match="was not understood"):
        await client.look(order, Asked())


@pytest.mark.parametrize("source", sorted(ORDERS))
async def test_whether_a_token_lets_us_in_is_asked_without_changing_anything(
    api: FakePipelines, source: str
) -> None:
    """What the doctor asks."""
    client = api.clients()[source]
    assert isinstance(client, Probed)
    await client.probe()
    api.refusals |= dict.fromkeys(PROBES, (401, {"message": "Bad credentials"}))
    with pytest.raises(Permanent, match="401 Bad credentials"):
        await client.probe()
    assert api.asked == []


def test_which_pipeline_goes_back_where() -> None:
    """Only one that says how, and that goes there; each is asked in words before."""
    plain = Pipeline(source="github", name="acme/trino")
    eu = Pipeline(
        source="argocd",
        name="argocd/trino-eu",
        environments={"eu-prod": "prod"},
        rollback="history",
    )
    lab = Pipeline(source="gitlab", name="acme/trino", environment="staging", rollback="retry")
    assert way_back([plain, lab, eu], "prod") is eu
    assert way_back([plain, lab, eu], "staging") is lab
    assert way_back([plain, lab, eu], "dev") is None
    assert eu.theirs("prod") == "eu-prod"
    assert "rolls argocd/trino-eu back to the sync of v247" in eu.asked("v247", GOOD)
    for odd in (
        {"source": "jenkins", "rollback": "x"},
        {"source": "argocd", "rollback": "sync"},
        {"source": "argocd", "rollback": "history", "command": ["x"]},
        {"source": "command", "rollback": "run"},
        {"source": "command", "rollback": "run", "command": ["x", "${revision}"]},
        {"source": "kubernetes", "rollback": "undo", "name": "data/pod/trino"},
    ):
        with pytest.raises(ValueError, match=MISTAKES):
            Pipeline.model_validate({"name": "a", **odd})
