"""What a pipeline is asked for when a version is brought back, in words."""

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
