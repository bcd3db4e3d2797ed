"""What each pipeline's words mean: the same deployment of trino v249, told by six senders."""

import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.deploy_event import DeployEvent
from domain.errors import Invalid
from integrations.alerts.discovery import sources
from integrations.alerts.signature import Request
from integrations.deploys.cdevents import version_in
from integrations.deploys.shape import version_of
from tests.fakes import pipelines
from tests.fakes.pipelines import SHA, at
from tests.fakes.stores import NOON

TEMPLATE = Path(__file__).parents[3] / "deploy" / "argocd-notifications.yaml"


def read(source: str, body: Any) -> tuple[DeployEvent, ...]:
    """The words about deployments in a body, which must be understood."""
    parsed = sources()[source].parse(body, f"{source}/ci", NOON)
    assert parsed.understood
    assert parsed.signals == ()
    return parsed.deployments


DONE = [
    ("github", pipelines.github_status("success"), "acme/trino", "production"),
    ("github", pipelines.github_run("completed", "success"), "acme/trino", ""),
    ("gitlab", pipelines.gitlab_deployment("success"), "acme/trino", "production"),
    ("gitlab", pipelines.gitlab_pipeline("success"), "acme/trino", "production"),
    ("argocd", pipelines.argocd("Succeeded"), "argocd/trino-prod", "prod"),
    ("jenkins", pipelines.jenkins("COMPLETED", "SUCCESS", VERSION="v249"), "deploy-trino", ""),
    ("cdevents", pipelines.cdevent(), "trino", "production"),
    ("cdevents", {"specversion": "1.0", "data": pipelines.cdevent()}, "trino", "production"),
    ("generic", pipelines.curl(at=pipelines.stamp(60)), "trino", ""),
    (
        "pagerduty-changes", pipelines.change(version="v249", env="production"),
        "acme-build-pipeline", "production",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("source", "body", "component", "environment"), DONE)
def test_a_success_is_told_alike(source: str, body: Any, component: str, environment: str) -> None:
    """Version, where, when it ended and what it is called: whoever tells it."""
    (event,) = read(source, body)
    version = SHA[:7] if event.kind == "run" and source == "github" else "v249"
    told = (event.component, event.environment, event.version, event.status, event.at)
    assert told == (component, environment, version, "success", at(60))


STATES = [
    ("github", pipelines.github_deployment(), "queued"),
    ("github", pipelines.github_status("in_progress"), "in_progress"),
    ("github", pipelines.github_status("error"), "failure"),
    ("github", pipelines.github_run("in_progress"), "in_progress"),
    ("github", pipelines.github_run("completed", "cancelled"), "failure"),
    ("gitlab", pipelines.gitlab_deployment("created"), "queued"),
    ("gitlab", pipelines.gitlab_deployment("canceled"), "failure"),
    ("gitlab", pipelines.gitlab_pipeline("running"), "in_progress"),
    ("argocd", pipelines.argocd("Running"), "in_progress"),
    ("argocd", pipelines.argocd("Succeeded", "Progressing"), "in_progress"),
    ("argocd", pipelines.argocd("Error"), "failure"),
    ("jenkins", pipelines.jenkins("STARTED"), "in_progress"),
    ("jenkins", pipelines.jenkins("FINALIZED", "ABORTED"), "failure"),
    ("cdevents", pipelines.cdevent("rolledback"), "success"),
    ("generic", pipelines.curl(status="running", id="7"), "in_progress"),
    ("generic", pipelines.curl(status="failed"), "failure"),
]


@pytest.mark.parametrize(("source", "body", "expected"), STATES)
def test_each_word_for_a_state(source: str, body: Any, expected: str) -> None:
    """Every sender's words come down to four of ours."""
    assert [one.status for one in read(source, body)] == [expected]


NOTHING = [
    ("github", pipelines.github_status("inactive")),
    ("github", pipelines.github_run("completed", "skipped")),
    ("github", pipelines.github_deployment() | {"workflow_job": {}}),
    ("github", {"zen": "Keep it logically awesome."}),
    ("github", {"action": "opened", "repository": pipelines.REPOSITORY}),
    ("gitlab", pipelines.gitlab_deployment("blocked")),
    ("gitlab", {"object_kind": "push"}),
    ("jenkins", pipelines.jenkins("COMPLETED", "NOT_BUILT")),
    ("cdevents", {"context": {"type": "dev.cdevents.pipelinerun.started.0.2.0"}}),
    ("argocd", pipelines.argocd("Terminating")),
]


@pytest.mark.parametrize(("source", "body"), NOTHING)
def test_what_is_no_news_changes_nothing(source: str, body: Any) -> None:
    """Understood, and empty."""
    assert read(source, body) == ()


MIGRATIONS = [
    ("github", pipelines.github_status("success", migration=True), True),
    ("github", pipelines.github_status("success", migration="no"), False),
    ("gitlab", pipelines.gitlab_pipeline("success", MIGRATION="true"), True),
    ("argocd", pipelines.argocd("Succeeded", migration="false"), False),
    ("jenkins", pipelines.jenkins("COMPLETED", "SUCCESS", migration="yes"), True),
    ("cdevents", pipelines.cdevent(migration=False), False),
    ("generic", pipelines.curl(migration=False), False),
    ("generic", pipelines.curl(), None),
]


@pytest.mark.parametrize(("source", "body", "expected"), MIGRATIONS)
def test_a_sender_can_say_that_a_database_changes(
    source: str, body: Any, *, expected: bool | None
) -> None:
    """Yes, no, or nothing said; it decides whether glass can be broken."""
    assert [one.migration for one in read(source, body)] == [expected]


WRONG = [
    ("github", pipelines.github_status("success") | {"repository": None}, "repository"),
    ("gitlab", pipelines.gitlab_deployment("success") | {"status_changed_at": "now"}, None),
    ("argocd", pipelines.argocd("Running", started_at=""), "started_at"),
    ("generic", pipelines.curl(version=""), "version"),
    ("generic", pipelines.curl(status="perhaps"), "status"),
    ("generic", pipelines.curl(status="running"), "id"),
]


@pytest.mark.parametrize(("source", "body", "field"), WRONG)
def test_what_is_wrong_is_named(source: str, body: Any, field: str | None) -> None:
    """A known shape with a hole in it is refused with the field."""
    with pytest.raises(Invalid) as refused:
        read(source, body)
    assert refused.value.field == (field or "status_changed_at")


def test_versions_are_tags_or_short_commits() -> None:
    """A branch is no version, and neither is a digest."""
    assert version_of("main", SHA) == version_of("fix-123", SHA) == SHA[:7]
    assert version_of("refs/tags/release-2026.11", SHA) == "release-2026.11"
    assert version_of("v248", SHA) == "v248"
    assert version_of("main", "") == "main"
    assert version_in("pkg:oci/trino@sha256%3A0b31b1c02ff458ad") == "sha256:0b31b1c02ff4"
    assert version_in("pkg:pypi/trino@2.4.1") == "2.4.1"


def test_the_template_for_argo_cd_says_what_is_read() -> None:
    """The ConfigMap that we ship is YAML, and its body has the fields that our parser takes."""
    told = yaml.safe_load(TEMPLATE.read_text())["data"]
    body = yaml.safe_load(told["template.tocsin"])["webhook"]["tocsin"]["body"]
    fields = {line.split('"')[1] for line in body.splitlines() if '": ' in line}
    assert fields == set(pipelines.argocd("Running"))
    triggers = [name for name in told if name.startswith("trigger.")]
    assert {tuple(yaml.safe_load(told[one])[0]["send"]) for one in triggers} == {("tocsin",)}


def test_signatures_and_tokens_are_told_right_from_wrong() -> None:
    """GitHub signs the body, GitLab sends the secret; both may have two while one is changed."""
    body = b"{}"
    good = "sha256=" + hmac.new(b"new", body, hashlib.sha256).hexdigest()
    github, gitlab = sources()["github"].verify, sources()["gitlab"].verify
    assert github
    assert gitlab

    def hub(said: str, *secrets: str) -> str:
        return github(Request(body, {"x-hub-signature-256": said}, NOON), secrets)

    def lab(said: str, *secrets: str) -> str:
        return gitlab(Request(body, {"x-gitlab-token": said}, NOON), secrets)

    assert hub(good, "old", "new") == lab("new", "old", "new") == "verified"
    assert hub(good, "old") == hub("sha256=é", "new") == lab("é", "new") == "wrong"
    assert hub("", "new") == hub(good.removeprefix("sha256="), "new") == lab("", "new") == "missing"
    assert lab("", "") == "missing"


def test_a_change_of_pagerduty_is_a_deployment_where_it_names_a_version() -> None:
    """Others count only where a service declares their source; an alert is none of them."""
    (build,) = read("pagerduty-changes", pipelines.change(build_state="failed", sha=SHA))
    assert (build.kind, build.version, build.status) == ("run", SHA[:7], "failure")
    assert build.url == "https://acme.pagerduty.dev/build/2"
    (bare,) = read("pagerduty-changes", {"payload": {"summary": "flag x on"}})
    assert (bare.component, bare.version, bare.at, bare.url) == (
        "flag x on", "flag x on", NOON, None,
    )  # fmt: skip
    (again,) = read("pagerduty-changes", pipelines.change(build_state="failed", sha=SHA))
    assert again.key == build.key
    parse = sources()["pagerduty-changes"].parse
    for odd in ({}, pipelines.change() | {"event_action": "trigger"}):
        assert not parse(odd, "x", NOON).understood
    wrong: list[Any] = [{"payload": {}}, {"payload": {"summary": "x", "timestamp": "soon"}}]
    for body in wrong:
        with pytest.raises(Invalid):
            parse(body, "x", NOON)
