"""Probes tell the truth, and only what each may tell."""

import pytest

from tests.fakes.site import Site
from web.ports import Check


async def test_the_process_answers(peopled: Site) -> None:
    """Liveness depends on nothing but the process."""
    peopled.vitals.seconds = {"worker": 9999.0}
    peopled.vitals.found = (Check(name="database", ok=False),)
    async with peopled.client() as client:
        answer = await client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@pytest.mark.parametrize(
    ("ages", "status", "late"),
    [
        ({"worker": 0.5, "scheduler": 60.0}, 200, []),
        ({"worker": 0.5, "scheduler": 60.2}, 503, ["scheduler"]),
        ({"worker": 3600.0, "sealer": 61.0}, 503, ["sealer", "worker"]),
        ({}, 200, []),
    ],
)
async def test_a_duty_that_does_nothing_shows(
    peopled: Site, ages: dict[str, float], status: int, late: list[str]
) -> None:
    """Healthy means that every duty finished a cycle within the last minute."""
    peopled.vitals.seconds = ages
    async with peopled.client() as client:
        answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()["late"]) == (status, late)


async def test_readiness_is_one_word_for_strangers(peopled: Site) -> None:
    """Without a token one learns whether, with one why not."""
    peopled.vitals.found = (Check(name="database", ok=False, detail="no answer"),)
    async with peopled.client() as client:
        plain = await client.get("/readyz")
    async with peopled.client("dave") as client:
        verbose = await client.get("/readyz?verbose")
    assert (plain.status_code, plain.json()) == (503, {"status": "not ready", "checks": None})
    told = {"name": "database", "ok": False, "detail": "no answer"}
    assert (verbose.status_code, verbose.json()["checks"]) == (503, [told])


async def test_metrics_are_for_scrapers_with_a_token(peopled: Site) -> None:
    """Prometheus' text format, by bearer token."""
    async with peopled.client("dave") as client:
        answer = await client.get("/metrics")
    assert answer.text == "tocsin_up 1\n"
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")


async def test_the_version_is_told(peopled: Site) -> None:
    """Support asks for it first."""
    async with peopled.client("dave") as client:
        assert (await client.get("/version")).json() == {"version": "0.1.0"}
