"""What pipelines send, small and alike: one deployment of trino v249 to production."""

from datetime import datetime, timedelta
from typing import Any

from tests.fakes.stores import NOON

SHA = "0c1d2e3f405162738495a6b7c8d9eaf001122334"
REPOSITORY = {"full_name": "acme/trino", "default_branch": "main"}


def stamp(seconds: float = 0, zone: str = "Z") -> str:
    """So long after noon, as most write it."""
    return f"{NOON + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}{zone}"


def github_deployment(number: int = 7, **payload: Any) -> dict[str, Any]:
    """GitHub: a deployment was created."""
    deployment = {
        "id": number, "sha": SHA, "ref": "v249", "environment": "production",
        "payload": payload, "created_at": stamp(), "updated_at": stamp(),
    }  # fmt: skip
    return {"action": "created", "deployment": deployment, "repository": REPOSITORY}


def github_status(state: str, seconds: float = 60, **payload: Any) -> dict[str, Any]:
    """GitHub: it has come to a state."""
    said = {"id": seconds, "state": state, "created_at": stamp(seconds), "log_url": "https://l/1"}
    return github_deployment(**payload) | {"deployment_status": said}


def github_run(status: str, conclusion: str | None = None, seconds: float = 60) -> dict[str, Any]:
    """GitHub: a run of the workflow deploy.yml."""
    run = {
        "id": 31, "run_attempt": 1, "path": ".github/workflows/deploy.yml", "head_branch": "main",
        "head_sha": SHA, "status": status, "conclusion": conclusion, "run_started_at": stamp(),
        "updated_at": stamp(seconds), "html_url": "https://github.com/acme/trino/runs/31",
    }  # fmt: skip
    return {"action": status, "workflow_run": run, "repository": REPOSITORY}


def gitlab_deployment(status: str, seconds: float = 60) -> dict[str, Any]:
    """GitLab: a deployment has come to a status."""
    at = f"{NOON + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S} +0000"
    return {
        "object_kind": "deployment", "status": status, "status_changed_at": at,
        "deployment_id": 15, "deployable_id": 796, "environment": "production",
        "deployable_url": "https://gitlab.example.com/acme/trino/-/jobs/796",
        "project": {"path_with_namespace": "acme/trino"}, "short_sha": SHA[:8], "ref": "v249",
        "commit_url": f"https://gitlab.example.com/acme/trino/-/commit/{SHA}",
    }  # fmt: skip


def gitlab_pipeline(status: str, **variables: str) -> dict[str, Any]:
    """GitLab: a pipeline whose last job deploys."""
    ended = "2026-11-21 12:01:00 UTC" if status == "success" else None
    jobs: list[dict[str, Any]] = [
        {"id": 795, "name": "test", "status": "success", "environment": None},
        {
            "id": 796, "name": "production", "status": status,
            "started_at": "2026-11-21 12:00:30 UTC", "finished_at": ended,
            "environment": {"name": "production", "action": "start"},
        },
        {"id": 797, "name": "later", "status": "manual", "environment": {"name": "eu"}},
    ]  # fmt: skip
    told = [{"key": key, "value": value} for key, value in variables.items()]
    about = {"id": 31, "ref": "v249", "sha": SHA, "status": status, "variables": told}
    return {
        "object_kind": "pipeline", "object_attributes": about, "builds": jobs,
        "project": {"path_with_namespace": "acme/trino"},
    }  # fmt: skip


def argocd(phase: str, health: str = "Healthy", **more: Any) -> dict[str, Any]:
    """Argo CD: what our notifications template makes."""
    return {
        "app": "argocd/trino-prod", "service": "", "environment": "prod", "phase": phase,
        "health": health, "revision": SHA, "target_revision": "main",
        "images": ["registry.example.com:5000/data/trino:v249"], "started_at": stamp(),
        "finished_at": "" if phase == "Running" else stamp(60), "migration": "",
        "url": "https://argocd.example.com/applications/trino-prod",
    } | more  # fmt: skip


def jenkins(phase: str, status: str | None = None, **parameters: str) -> dict[str, Any]:
    """Jenkins: a phase of a build."""
    build = {
        "number": 12, "phase": phase, "status": status, "timestamp": int(NOON.timestamp() * 1000),
        "duration": 60000 if status else 0, "full_url": "https://jenkins.example.com/job/x/12/",
        "parameters": parameters, "scm": {"commit": SHA, "branch": "main"},
    }  # fmt: skip
    return {"name": "deploy-trino", "build": build}


def cdevent(kind: str = "deployed", number: int = 1, **custom: Any) -> dict[str, Any]:
    """CDEvents: a service runs a version."""
    context = {
        "type": f"dev.cdevents.service.{kind}.0.3.0", "id": f"e-{number}", "source": "/ci",
        "timestamp": stamp(60),
    }  # fmt: skip
    content = {
        "environment": {"id": "production"},
        "artifactId": "pkg:oci/trino@sha256%3A0b31b1c02ff458ad?tag=v249",
    }
    subject = {"id": "service/trino", "content": content}
    return {"context": context, "subject": subject, "customData": custom}


def curl(**more: Any) -> dict[str, Any]:
    """The line anybody's pipeline can send."""
    return {"deploy": "trino", "version": "v249"} | more


def change(**details: Any) -> dict[str, Any]:
    """PagerDuty: a change, as its Events API v2 takes it."""
    about = {
        "summary": "Build success: trino v249 in production", "timestamp": stamp(60),
        "source": "acme-build-pipeline", "custom_details": {"build_number": "2"} | details,
    }  # fmt: skip
    links = [{"href": "https://acme.pagerduty.dev/build/2", "text": "View more details"}]
    return {"routing_key": "samplekeyhere", "payload": about, "links": links}


def at(seconds: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(seconds=seconds)
