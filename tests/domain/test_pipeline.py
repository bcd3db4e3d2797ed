"""What a pipeline is asked for when a version is brought back, in words."""

from typing import Any

import pytest

from domain.pipeline import Pipeline

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
