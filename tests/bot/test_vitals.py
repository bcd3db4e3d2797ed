"""What probes are told: the database, the duties, the queue."""

import time
from datetime import timedelta

from sqlalchemy import text

from bot.metrics import Metrics
from bot.pulses import Pulses
from bot.vitals import ProcessVitals
from domain.incident_jobs import ShowIncident
from storage.store import Store
from tests.fakes.stores import SYSTEM


def vitals(store: Store, **ages_s: float) -> ProcessVitals:
    pulses = Pulses(time.monotonic)
    for duty, age in ages_s.items():
        pulses.finished(duty, ago_s=age)
    return ProcessVitals(store, pulses, Metrics("1"))


async def checked(one: ProcessVitals) -> dict[str, bool]:
    return {check.name: check.ok for check in await one.checks()}


async def test_a_process_that_works_is_ready(store: Store) -> None:
    """Database, queue and duties are as they should be."""
    found = await checked(vitals(store, worker=1.0))
    assert found == {"database": True, "queue": True, "duties": True}


async def test_a_duty_that_is_late_makes_it_unready_and_old(store: Store) -> None:
    """The check names it; its age is told to the probe."""
    one = vitals(store, worker=1.0, sealer=61.0)
    checks = {check.name: check for check in await one.checks()}
    assert not checks["duties"].ok
    assert "sealer" in checks["duties"].detail
    assert one.ages()["sealer"] > 60


async def test_jobs_that_nobody_does_make_it_unready(store: Store) -> None:
    """A minute late is too late."""
    async with store.write(SYSTEM) as unit:
        due = unit.now - timedelta(minutes=2)
        await unit.jobs.add(ShowIncident(incident="INC-1"), due=due)
    assert not (await checked(vitals(store)))["queue"]


async def test_a_database_that_does_not_answer_makes_it_unready(store: Store) -> None:
    """The probe gets an answer all the same, without the database's own words."""
    one = vitals(store)
    async with store.write(SYSTEM) as unit:
        await unit.scope.connection.execute(text("DROP TABLE jobs"))
    (database, _duties) = await one.checks()
    assert not database.ok
    assert database.detail in ("OperationalError", "ProgrammingError")


async def test_requests_and_ages_are_among_the_metrics(store: Store) -> None:
    """What is counted can be scraped."""
    one = vitals(store, worker=1.0)
    one.answered("/healthz", 200, 0.01)
    told = one.metrics().decode()
    assert 'tocsin_duty_age_seconds{duty="worker"}' in told
    assert 'route="/healthz",status="200"' in told
