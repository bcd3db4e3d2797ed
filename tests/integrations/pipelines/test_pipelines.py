"""The real clients against stand-ins: what exactly is asked, and what each answer means."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain.errors import Permanent, Retry
from domain.pipeline import Pipeline, way_back
from domain.ports import RollbackOrder
from tests.fakes.pipeline_api import APP, GOOD, JOBS, REPO, WORKFLOW, FakePipelines, fake_pipelines
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


@pytest.mark.parametrize("source", sorted(ORDERS))
async def test_it_is_asked_once_and_waited_for(api: FakePipelines, source: str) -> None:
    """The time is the pipeline's own."""
    done = await api.clients()[source].roll_back(ORDERS[source])
    assert round(done.took / timedelta(seconds=1)) == 98
    assert len(api.bodies(ASKED[source])) == 1


@pytest.mark.parametrize("source", sorted(ORDERS))
async def test_an_end_that_is_no_success_is_for_a_person(api: FakePipelines, source: str) -> None:
    """It may have done half of it: nobody may say that nothing was done."""
    api.conclusion = {"github": "failure", "gitlab": "failed", "argocd": "Failed"}[source]
    with pytest.raises(Retry, match="ended with"):
        await api.clients()[source].roll_back(ORDERS[source])


@pytest.mark.parametrize("source", sorted(ORDERS))
async def test_a_refusal_did_nothing_and_a_broken_answer_is_unknown(
    api: FakePipelines, source: str
) -> None:
    """A no is a no; a server error after asking is not."""
    api.refusals[ASKED[source]] = (400, {"message": "auto-sync is enabled"})
    with pytest.raises(Permanent, match="auto-sync is enabled"):
        await api.clients()[source].roll_back(ORDERS[source])
    api.refusals[ASKED[source]] = (502, {"message": "bad gateway"})
    with pytest.raises(Retry, match="502"):
        await api.clients()[source].roll_back(ORDERS[source])


async def test_what_fails_before_it_is_asked_did_nothing(api: FakePipelines) -> None:
    """An unreachable server, no permission, an unknown commit or job: a plain no."""
    api.refusals |= {
        REPO: (503, {"message": "later"}),
        APP: (403, {"message": "permission denied"}),
    }
    for source, words in (("github", "503"), ("argocd", "permission denied")):
        with pytest.raises(Permanent, match=words):
            await api.clients()[source].roll_back(ORDERS[source])
    del api.refusals[APP]
    odd = ORDERS["argocd"].model_copy(update={"commit": "d" * 40})
    with pytest.raises(Permanent, match="no sync of ddddddd"):
        await api.clients()["argocd"].roll_back(odd)
    odd = ORDERS["gitlab"].model_copy(update={"reference": "other/project/job/1"})
    with pytest.raises(Permanent, match="is not known"):
        await api.clients()["gitlab"].roll_back(odd)
    assert api.asked == []


async def test_github_is_told_everything_and_its_record_follows(api: FakePipelines) -> None:
    """The workflow's inputs, and a deployment that ends as the run does."""
    await api.clients()["github"].roll_back(ORDERS["github"])
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


async def test_a_run_that_never_shows_is_unknown(api: FakePipelines) -> None:
    """Another's run is not ours; after three minutes a person looks."""
    api.refusals[f"{WORKFLOW}/runs"] = (200, {"workflow_runs": [{"display_title": "DEP-140"}]})
    with pytest.raises(Retry, match="has not been seen for 3 min"):
        await api.clients()["github"].roll_back(ORDERS["github"])


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
    for odd in ({"source": "jenkins", "rollback": "x"}, {"source": "argocd", "rollback": "sync"}):
        with pytest.raises(ValueError, match="rollback"):
            Pipeline.model_validate({"name": "a", **odd})
