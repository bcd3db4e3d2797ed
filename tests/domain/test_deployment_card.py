"""Where the commits between two versions can be read."""

from datetime import timedelta

from domain.deployment import Deployment
from domain.deployment_card import between, comparison
from tests.fakes.stores import NOON


def deployed(number: int, source: str = "github", **more: str) -> Deployment:
    at = NOON + timedelta(hours=number)
    usual = {
        "id": f"DEP-{number}", "number": number, "service": "trino", "environment": "prod",
        "version": f"v{number}", "status": "success", "started_at": at, "source": source,
        "commit": f"c{number}", "url": "https://git.example.com/acme/trino/runs/7",
    }  # fmt: skip
    return Deployment.model_validate(usual | more)


def test_github_and_gitlab_compare_commits() -> None:
    """On the host that the deployment's own page is on; without commits nowhere."""
    two = between([deployed(1), deployed(2)], "", "")
    base = "https://git.example.com/acme/trino"
    assert comparison(two, "acme/trino") == f"{base}/compare/c1...c2"
    lab = between([deployed(1), deployed(2, "gitlab")], "", "")
    assert comparison(lab, "acme/trino") == f"{base}/-/compare/c1...c2"
    assert comparison(two, "") is None
    assert comparison(between([deployed(1, commit=""), deployed(2)], "", ""), "acme/trino") is None
    assert comparison(between([deployed(1), deployed(2, "jenkins")], "", ""), "a") is None


def test_without_versions_it_is_what_runs_and_what_ran_before() -> None:
    """Failures and the same version again are passed over, and listed."""
    known = [deployed(1), deployed(2), deployed(3, status="failure"), deployed(4, version="v2")]
    found = between(known, "", "")
    assert (found.older.id, found.newer.id) == ("DEP-1", "DEP-4")
    assert [one.id for one in found.passed] == ["DEP-2", "DEP-3", "DEP-4"]
