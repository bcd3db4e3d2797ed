"""After a rollback: watched on the alert's own signal and by probes; kept, undone, or rung for."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from domain.deployer import Asked, Seen
from domain.errors import Permanent
from domain.probe import Probe
from domain.rollback import Rollback
from domain.run import StepOrder, StepOutcome
from tests.fakes.conditions import MINUTE, TRINO, condition
from tests.fakes.deployers import Pipeline
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

SECOND = timedelta(seconds=1)
WORKS = Asked(said="sync 4 is Running")
WELL = StepOutcome(ok=True, detail="answered 200", output='{"starting":false}')
DOWN = StepOutcome(ok=False, detail="answered 503")
INFO = Probe(url="https://trino.example.com/v1/info", text='"starting":false')
STAGING = Probe(url="https://trino.staging.example.com/v1/info", environment="staging")


@dataclass
class Service:
    """What answers the probes: as it is told, and it is remembered what was asked."""

    answer: StepOutcome | Exception = WELL
    asked: list[StepOrder] = field(default_factory=list)

    async def perform(self, order: StepOrder) -> StepOutcome:
        self.asked.append(order)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
async def service(tocsin: Tocsin) -> Service:
    """Trino with a probe of production and one of staging."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        trino = await unit.catalog.services.need("trino")
        await unit.catalog.services.put(trino.model_copy(update={"probes": (INFO, STAGING)}))
    made = Service()
    tocsin.steps_by(made)
    return made


async def rolled_back(tocsin: Tocsin, line: str = "/rollback trino") -> None:
    """Bob asks, Alice agrees; the pipeline goes on as the story says."""
    asked = await tocsin.say("bob", line)
    assert asked.approval, asked.text
    await tocsin.say("alice", f"/approval grant {asked.approval}")


async def rollback(tocsin: Tocsin, name: str = "DEP-14") -> Rollback:
    """The rollback as it stands."""
    async with tocsin.looking() as unit:
        return await unit.rollbacks.need(name)


async def said(tocsin: Tocsin, room: str = "alerts-data-platform") -> str:
    """Everything that stands where the incident lives."""
    return "\n".join(one.text for one in await tocsin.room(room))


@pytest.mark.both
async def test_from_the_approval_to_what_the_alert_says_in_under_two_minutes(
    tocsin: Tocsin, service: Service
):
    """1 m 41 s by the story's clock, with whose time that was; the alert has ended and the probe
    is well before two minutes are over, and it is watched until the window is."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "You are on call", "Ack")
    pipeline = Pipeline(looks=[Seen(asked=WORKS)])
    tocsin.deploys_by(pipeline)
    await rolled_back(tocsin)
    approved = tocsin.clock.now()
    await tocsin.advance(98 * SECOND)
    pipeline.looks = [Seen(asked=WORKS, took=98 * SECOND)]
    await tocsin.advance(2 * SECOND)
    first = "Rolled back trino prod to v247: 1 m 40 s after approval (ours 2 s, Argo CD 1 m 38 s)."
    until = "watching until 2026-11-21 12:11 UTC. DEP-14"
    assert f"{first} Alerts 1 → 1, probes 1 of 1 good, {until}" in await said(tocsin)
    await tocsin.heal(TRINO)
    await tocsin.advance(15 * SECOND)
    assert tocsin.clock.now() - approved < 2 * MINUTE
    assert f"{first} Alerts 1 → 0, probes 1 of 1 good, {until}" in await said(tocsin)
    assert {one.action.http.url for one in service.asked if one.action.http} == {INFO.url}

    await tocsin.advance(10 * MINUTE)
    told = await said(tocsin)
    assert "watched until 2026-11-21 12:11 UTC: it is well. Nobody said keep: v247 stays." in told
    assert (await tocsin.press("bob", "✅ Rolled back", "Keep")).text == (
        "trino prod stays at v247 (DEP-14)."
    )
    assert "kept by Bob at 2026-11-21 12:11 UTC. DEP-14" in await said(tocsin)
    again = await tocsin.say("carol", "/rollback keep DEP-14")
    assert again.text == ("DEP-14 is kept, and nothing is left to decide: see /deploy list.")
    lines = [one for one in await tocsin.told() if one.startswith("trino prod after")]
    assert lines == [
        "trino prod after the rollback to v247: good alerts 1 → 0, probes 1 of 1 good",
        "trino prod after the rollback to v247: kept alerts 1 → 0, probes 1 of 1 good",
    ]
    rung = [one.user for one in await tocsin.pages() if "approve" not in one.why]
    assert rung == ["bob"], "nobody was rung for what is well"


async def test_what_has_not_helped_rings_and_is_taken_back_by_two_people(
    tocsin: Tocsin, service: Service
):
    """The probe fails three times in a row: a message, a page, and *Undo* asks for the version
    that was taken away, bound to a plan that says so."""
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "You are on call", "Ack")
    tocsin.deploys_by(Pipeline())
    service.answer = DOWN
    await rolled_back(tocsin)
    assert "⚠" not in await said(tocsin)
    await tocsin.advance(30 * SECOND)
    why = f"it is not well: {INFO.url}: answered 503."
    assert f"Bob: trino prod runs v247, and {why}" in await said(tocsin)
    assert f"Alerts 1 → 1, probes 0 of 1 good, {why}" in await said(tocsin)
    ringing = [one for one in await tocsin.pages() if one.state == "sent"]
    assert [one.user for one in ringing] == ["bob"]
    done = next(one for one in await tocsin.room("alerts-data-platform") if "✅" in one.text[:2])
    assert done.labels == (), "what is decided now stands on the newest card"

    undo = await tocsin.press("carol", "⚠ Not well after the rollback", "Undo")
    assert undo.approval == "APR-2"
    assert "to   v248 (DEP-13" in undo.text
    assert "This takes back the rollback DEP-14." in undo.text
    assert (await tocsin.say("carol", "/approval grant APR-2")).refused == "not_allowed"
    service.answer = WELL
    await tocsin.say("alice", "/approval grant APR-2")
    assert "taken back by DEP-15. DEP-14" in await said(tocsin)
    assert "Rolled back trino prod to v248" in await said(tocsin)
    late = await tocsin.say("bob", "/rollback trino to:v248 undoes:DEP-14")
    assert late.text == "Since DEP-14 v248 (DEP-15) runs there: type /rollback and look."


async def test_an_alert_that_begins_since_makes_an_incident_where_there_is_none(tocsin: Tocsin):
    """Whoever asked for the rollback is rung first, then the service's policy."""
    tocsin.deploys_by(Pipeline())
    await rolled_back(tocsin)
    assert "Watching until" in await said(tocsin, "incidents")
    await tocsin.advance(MINUTE)
    await tocsin.fire(condition("trino", "info", "TrinoQueriesSlow"))
    await tocsin.advance(15 * SECOND)
    told = "Alerts 0 → 1, it is not well: TrinoQueriesSlow began to fire since."
    assert told in await said(tocsin, "incidents")
    (name,) = await tocsin.open_incidents()
    incident = await tocsin.incident(name)
    assert (incident.title, incident.service, incident.source) == (
        "Trino prod is not well after the rollback to v247", "trino", "tocsin",
    )  # fmt: skip
    assert [one.user for one in await tocsin.pages(name)] == ["bob"]
    kept = await tocsin.press("bob", "⚠ Not well after the rollback", "Keep")
    assert kept.refused == ""
    await tocsin.advance(5 * MINUTE)
    assert "kept by Bob" in await said(tocsin, "incidents")


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        (Permanent("v247 was deleted"), "trino prod was not rolled back to v247"),
        (ValueError("?"), "nobody knows whether trino prod was rolled back to v247"),
    ],
)
async def test_a_rollback_that_fails_rings_for_its_incident(
    tocsin: Tocsin, trouble: Exception, cause: str
):
    """Whoever asked may have turned to something else while it was approved."""
    tocsin.forgiven.add("roll_back")
    await tocsin.fire(TRINO)
    await tocsin.press("bob", "You are on call", "Ack")
    tocsin.deploys_by(Pipeline(trouble))
    await rolled_back(tocsin)
    ringing = [one for one in await tocsin.pages() if one.state == "sent"]
    assert [one.user for one in ringing] == ["bob"]
    assert f"started: {cause}" in "\n".join(await tocsin.told())


async def test_without_a_window_nothing_is_watched(tocsin: Tocsin):
    """`deploys.watch_minutes: 0`; it can be taken back all the same."""
    tocsin.settled(rollback_watch=timedelta())
    tocsin.deploys_by(Pipeline())
    await rolled_back(tocsin)
    assert (await rollback(tocsin)).verification is None
    done = next(one for one in await tocsin.room("incidents") if "✅ Rolled" in one.text)
    assert done.labels == ("Undo…",)
    assert (await tocsin.say("bob", "/rollback keep DEP-14")).refused == "stale"
