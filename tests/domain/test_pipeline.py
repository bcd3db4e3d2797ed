"""What a pipeline is asked for when a version is brought back, in words."""

from typing import Any

import pytest

from domain.pipeline import Pipeline, way_back

COMMIT = "3f9c0a11d2b7e8"


@pytest.mark.parametrize(
    ("source", "rollback", "told"),
    [
        ("github", "rollback.yml", "GitHub runs rollback.yml of acme/trino with version v247"),
        ("argocd", "history", "Argo CD rolls acme/trino back to the sync of v247"),
        ("gitlab", "retry", "GitLab runs the job of acme/trino again that deployed v247"),
    ],
)
def test_whoever_agrees_reads_what_is_asked(source: str, rollback: str, told: str) -> None:
    """With the commit, where it is known."""
    made = Pipeline.model_validate({"source": source, "name": "acme/trino", "rollback": rollback})
    assert made.asked("v247", None) == told
    assert made.asked("v247", COMMIT) == f"{told} (commit 3f9c0a11d2b7)"


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({"source": "kubernetes", "name": "trino"}, "name it like data/deployment/trino"),
        ({"source": "command"}, "a command is what a pipeline of source command runs"),
        ({"source": "github", "command": ["a"]}, "a command is what a pipeline of source command"),
        ({"source": "command", "command": ["a", "${host}"]}, "is none of service, environment"),
    ],
)
def test_what_could_not_be_asked_is_refused_where_it_is_declared(odd: Any, told: str) -> None:
    """By what to write instead."""
    with pytest.raises(ValueError, match=told):
        Pipeline.model_validate({"name": "acme/trino"} | odd)


def test_a_workload_is_undone_and_a_word_may_stand_for_itself() -> None:
    """``$${`` is no hole."""
    told = {"source": "kubernetes", "name": "data/deployment/trino", "rollback": "undo"}
    assert Pipeline.model_validate(told).asked("v247", None) == (
        "Kubernetes undoes data/deployment/trino to the revision whose image is v247"
    )
    words = ("a", "${version}", "$${host}")
    assert Pipeline(source="command", name="trino", command=words).command == words


TRINO: dict[str, dict[str, Any]] = {
    "argocd": {"name": "trino-prod", "rollback": "history"},
    "kubernetes": {"name": "data/deployment/trino", "rollback": "undo"},
    "command": {"name": "back", "rollback": "run", "command": ["back", "${version}"]},
}


@pytest.mark.parametrize("source", TRINO)
def test_what_goes_to_one_environment_is_not_asked_for_another(source: str) -> None:
    """Unnamed it is production, as for what it tells."""
    told = {"source": source} | TRINO[source]
    prod = Pipeline.model_validate(told)
    staging = Pipeline.model_validate(told | {"name": f"{prod.name}-s", "environment": "stage"})
    both = (prod, staging)
    assert [way_back(both, one) for one in ("prod", "staging", "dev")] == [prod, staging, None]


@pytest.mark.parametrize(
    "told",
    [
        {"source": "github", "name": "acme/trino", "rollback": "rollback.yml"},
        {"source": "gitlab", "name": "acme/trino", "rollback": "retry"},
        {
            "source": "command", "name": "back", "rollback": "run",
            "command": ["back", "--to=${environment}"],
        },
    ],
)  # fmt: skip
def test_what_is_told_where_is_asked_for_any(told: dict[str, Any]) -> None:
    """Unless it says where it goes."""
    assert way_back([Pipeline.model_validate(told)], "staging")
    only = Pipeline.model_validate(told | {"environment": "eu"})
    assert (way_back([only], "staging"), only.theirs("eu")) == (None, "eu")
