"""Remedies: a runbook is run by itself where its author and an admin say so, until it fails."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.run import StepOutcome
from tests.fakes.conditions import MINUTE, condition
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin
from tests.stories.test_runbooks import declared
from tests.stories.test_runs import Outside, run_of

STUCK = condition("trino", "critical", "TrinoWorkerStuck", "A worker hangs")
ASK = """http: {url: "https://${host}.example.com/v1/info"}
```

```yaml step
name: Drain it
http: {method: POST, url: "https://${host}.example.com/drain"}
safety: reversible
undo: {http: {method: DELETE, url: "https://${host}.example.com/drain"}}"""
RULE = """automatic:
  match: alertname=TrinoWorkerStuck
  given: {host: trino-7}
  cool_down: 30m
  within: 10m
"""


async def ready(tocsin: Tocsin, folder: Path, step: str = ASK) -> Outside:
    """The runbook is there, and everything is turned on."""
    outside = Outside()
    tocsin.steps_by(outside)
    assert await declared(tocsin, folder, worker=step) == []
    page = folder / "worker.md"
    page.write_text(page.read_text().replace("service: trino\n", f"service: trino\n{RULE}"))
    assert await declared(tocsin, folder) == []
    tocsin.settled(automatic=True)
    return outside


async def fires(tocsin: Tocsin, healed: bool = True) -> list[str]:
    """A worker hangs, and in time is well again; what the newest incident's timeline says."""
    await tocsin.fire(STUCK)
    name = (await tocsin.open_incidents())[-1]
    await tocsin.advance(timedelta(seconds=15))
    if healed:
        await tocsin.heal(STUCK)
    await tocsin.advance(12 * MINUTE)
    return await tocsin.told(name)


@pytest.mark.both
async def test_a_runbook_that_is_run_by_itself(tocsin: Tocsin, tmp_path: Path):
    """Off until an admin says so. Then the room is told, it is looked after, and cools down."""
    outside = await ready(tocsin, tmp_path)
    assert (
        "It may run by itself where an alert fits"
        in (await tocsin.say("bob", "/runbook show worker")).text
    )
    tocsin.settled(automatic=False)
    assert not [one for one in await fires(tocsin) if "by itself" in one]
    assert outside.orders == []

    tocsin.settled(automatic=True)
    told = await fires(tocsin)
    assert "worker is run by itself as RUN-1 (reversible), as its author says" in told
    assert "RUN-1 of worker has helped: its alerts are quiet" in told
    assert outside.keys == ["RUN-1:1:1", "RUN-1:2:1"]
    run = await run_of(tocsin)
    assert (run.by, run.status, run.helped) == ("tocsin", "succeeded", True)
    rooms = [
        one.text for room in await tocsin.rooms("bob") for one in await tocsin.room(room, "bob")
    ]
    assert any("Running by itself" in one for one in rooms)

    (held,) = [one for one in await fires(tocsin) if "by itself" in one]
    assert held.startswith("worker was not run by itself: it ran as RUN-1, and cools down until")
    await tocsin.advance(60 * MINUTE)
    await tocsin.say("alice", "/safe-mode on the network is being moved")
    (held,) = [one for one in await fires(tocsin) if "by itself" in one]
    assert "afe mode" in held


async def test_it_stops_by_itself(tocsin: Tocsin, tmp_path: Path):
    """Where it goes wrong, or its alert fires on; somebody lets it again."""
    outside = await ready(tocsin, tmp_path)
    told = await fires(tocsin, healed=False)
    stopped = "RUN-1 did not help. worker is not run by itself any more: /runbook rearm worker"
    assert stopped in told
    await tocsin.heal(STUCK)
    await tocsin.advance(60 * MINUTE)
    (held,) = [one for one in await fires(tocsin) if "by itself" in one]
    assert "RUN-1 did not help, so it stopped: /runbook rearm worker" in held
    assert (await tocsin.say("bob", "/runbook rearm worker")).refused == "not_allowed"
    never = await tocsin.say("alice", "/runbook rearm minio-disk-full")
    assert "never runs by itself" in never.text
    again = await tocsin.say("alice", "/runbook rearm worker")
    assert again.text == "worker may run by itself again."

    outside.answers = [StepOutcome(ok=False, detail="answered 500")]
    told = await fires(tocsin)
    assert any(one.startswith("RUN-2 is failed. worker is not run by itself") for one in told)
    assert len(outside.orders) == 3


async def test_what_is_only_moved_or_comes_back_has_not_helped(tocsin: Tocsin, tmp_path: Path):
    """The alert is asked, not the incident: it fires on in another, or anew in a new one."""
    await ready(tocsin, tmp_path)
    other = await tocsin.say("alice", "/incident declare workers are slow sev:3 service:kafka")
    await tocsin.fire(STUCK)
    await tocsin.advance(MINUTE)
    name = (await run_of(tocsin)).incident
    into = other.data["id"]
    merged = await tocsin.say("alice", f"/incident merge {name} into:{into}")
    assert merged.refused in ("", "confirm"), merged.text
    if merged.refused:
        await tocsin.press("alice", merged, "Merge")
    assert (await tocsin.incident(name or "")).merged_into == into
    await tocsin.advance(12 * MINUTE)
    assert any(one.startswith("RUN-1 did not help") for one in await tocsin.told(into))

    await tocsin.heal(STUCK)
    await tocsin.say("alice", "/runbook rearm worker")
    await tocsin.say("alice", f"/incident resolve {into} the worker is well")
    await tocsin.advance(60 * MINUTE)
    await tocsin.fire(STUCK)
    await tocsin.advance(MINUTE)
    await tocsin.heal(STUCK)
    await tocsin.advance(7 * MINUTE)
    healed = (await run_of(tocsin, "RUN-2")).incident
    assert not (await tocsin.incident(healed or "")).open
    await tocsin.fire(STUCK)
    await tocsin.advance(MINUTE)
    await tocsin.heal(STUCK)
    await tocsin.advance(6 * MINUTE)
    assert (await run_of(tocsin, "RUN-2")).helped is False


@pytest.mark.both
async def test_what_is_no_matter_any_more_is_not_run(tocsin: Tocsin, tmp_path: Path):
    """Its alert is quiet before its turn comes; and an old failure holds it over many runs."""
    outside = await ready(tocsin, tmp_path)
    await tocsin.fire(STUCK)
    await tocsin.heal(STUCK)
    await tocsin.advance(MINUTE)
    (held,) = [one for one in await tocsin.told() if "by itself" in one]
    assert held == "worker was not run by itself: its alerts are quiet by now"
    assert outside.orders == []

    await tocsin.advance(10 * MINUTE)
    assert "RUN-1 did not help" in "".join(await fires(tocsin, healed=False))
    async with tocsin.parts.store.write(SYSTEM) as unit:
        run = await unit.runs.need("RUN-1")
        asked = {"automatic": None, "helped": None, "by": "bob"}
        for number in range(2, 203):
            new = {"id": f"RUN-{number}", "number": number}
            await unit.runs.add(run.model_copy(update=asked | new))
        assert [one.id for one in await unit.runs.remedies("worker")] == ["RUN-1"]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("command: [restart]", "its most dangerous step is disruptive, so a person runs it"),
        ('http: {url: "https://${host}.example.com/"}\nwhen: {host: x}', "Nothing would be done"),
    ],
)
async def test_what_a_person_has_to_run(tocsin: Tocsin, tmp_path: Path, step: str, told: str):
    """What disturbs, and what does not fit; the page goes out all the same."""
    outside = await ready(tocsin, tmp_path, step)
    (held,) = [one for one in await fires(tocsin) if "by itself" in one]
    assert told in held
    assert outside.orders == []
    assert await tocsin.pages()
