"""Runs: shown, agreed to, done step by step at most once, and decided on by people."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from domain.errors import Permanent, Retry
from domain.run import Run, StepOrder, StepOutcome
from domain.run_output import Attempt
from storage.tables.ledger import jobs
from tests.fakes.conditions import MINUTE
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Answer, Tocsin
from tests.stories.test_runbooks import declared

TRINO, MINIO = "/runbook run trino-coordinator-5xx", "/runbook run minio-disk-full"
WELL = StepOutcome(ok=True, exit_code=0, output="ok")


@dataclass
class Outside:
    """Answers as it is told, one after the other and then well; remembers every order."""

    answers: list[StepOutcome | Exception] = field(default_factory=list)
    orders: list[StepOrder] = field(default_factory=list)

    async def perform(self, order: StepOrder) -> StepOutcome:
        self.orders.append(order)
        answer = self.answers.pop(0) if self.answers else WELL
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def keys(self) -> list[str]:
        """What was asked for, in order."""
        return [one.key for one in self.orders]


@pytest.fixture
def outside(tocsin: Tocsin) -> Outside:
    """All that is outside."""
    made = Outside()
    tocsin.steps_by(made)
    return made


async def run_of(tocsin: Tocsin, name: str = "RUN-1") -> Run:
    """The run as it stands."""
    async with tocsin.looking() as unit:
        return await unit.runs.need(name)


async def states(tocsin: Tocsin, name: str = "RUN-1") -> list[str]:
    """What became of each step, then of the run."""
    run = await run_of(tocsin, name)
    return [*(one.status for one in run.steps), run.status]


async def approved(tocsin: Tocsin, line: str = TRINO) -> None:
    """Bob asks, Alice agrees."""
    asked = await tocsin.say("bob", line)
    assert asked.approval, asked.text
    done = await tocsin.say("alice", f"/approval grant {asked.approval}")
    assert done.refused == "", done.text


async def begun(tocsin: Tocsin, line: str = MINIO) -> Answer:
    """Bob looks at the plan and presses the button."""
    shown = await tocsin.say("bob", line)
    assert shown.refused == "confirm", shown.text
    return await tocsin.press("bob", shown, "Run ")


@pytest.mark.both
async def test_a_run_from_the_plan_to_its_end(tocsin: Tocsin, outside: Outside):
    """Reading needs no approval: the plan, a button, one card that is edited, a person's word."""
    rehearsed = await tocsin.say("bob", f"{MINIO} bucket=logs --dry-run")
    assert "say: Old versions in logs are being expired." in rehearsed.text
    assert outside.orders == []
    await begun(tocsin, f"{MINIO} bucket=logs")
    assert outside.keys == ["RUN-1:1:1"]
    assert await states(tocsin) == ["succeeded", "succeeded", "asks", "running"]
    said = [one.text for one in await tocsin.room("incidents")]
    assert "Old versions in logs are being expired." in said
    pressed = await tocsin.press("bob", "Running · MinIO", "Done")
    assert pressed.refused == ""
    assert await states(tocsin) == ["succeeded"] * 4
    (card,) = [one for one in await tocsin.room("incidents") if "RUN-1 ·" in one.text]
    assert card.edited
    assert card.thread is None
    assert card.text.startswith("✅ Done · MinIO disk filling up")
    told = [row.action for row in await tocsin.audited() if row.subject == "run:RUN-1"]
    assert told.count("run_step_begun") == 3
    assert told.count("run_step_ended") == 2
    assert {"run_started", "run_moved", "run_ended"} <= set(told)


@pytest.mark.both
async def test_what_changes_something_waits_for_somebody_else(tocsin: Tocsin, outside: Outside):
    """Bound to its plan; a runbook that is edited meanwhile is not run (S19)."""
    asked = await tocsin.say("bob", TRINO)
    assert 'run ["systemctl", "restart", "trino"]' in asked.text
    own = await tocsin.say("bob", f"/approval grant {asked.approval}")
    assert own.refused == "not_allowed"
    async with tocsin.parts.store.write(SYSTEM) as unit:
        book = await unit.catalog.runbooks.need("trino-coordinator-5xx")
        await unit.catalog.runbooks.save(book.model_copy(update={"body": "other words"}))
    void = await tocsin.say("alice", f"/approval grant {asked.approval}")
    assert "what it would do has changed since" in void.text
    assert outside.orders == []
    await approved(tocsin)
    assert outside.keys == [f"RUN-1:{step}" for step in ("1:1", "2:1", "3:1", "3:1:check", "4:1")]
    assert (await run_of(tocsin)).approval == "APR-2"


async def test_two_runs_on_one_target_are_not_at_once(tocsin: Tocsin, outside: Outside):
    """The second is refused until the first is over."""
    await begun(tocsin)
    second = await tocsin.press("bob", await tocsin.say("bob", f"{MINIO} bucket=logs"), "Run ")
    assert second.text.startswith("RUN-1 (minio-disk-full) is running on minio prod: wait for it")
    await tocsin.say("carol", "/runbook stop RUN-1")
    assert (await tocsin.press("bob", await tocsin.say("bob", MINIO), "Run ")).refused == ""
    assert await states(tocsin) == ["succeeded", "succeeded", "skipped", "failed"]


async def test_a_target_is_free_once_what_was_at_work_has_ended(tocsin: Tocsin, outside: Outside):
    """Stopping ends nothing that is being done at that moment."""
    await begun(tocsin)
    async with tocsin.parts.store.write(SYSTEM) as unit:
        at_work = (await unit.runs.need("RUN-1")).having(2, status="running", attempt=1)
        await unit.runs.save(at_work)
    await tocsin.say("carol", "/runbook stop RUN-1")
    second = await tocsin.press("bob", await tocsin.say("bob", MINIO), "Run ")
    assert second.text.startswith("RUN-1 was stopped and ends its step on minio prod: wait for it")
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.runs.end_step(Attempt(run="RUN-1", step=2, attempt=1), WELL)
    assert (await tocsin.press("bob", await tocsin.say("bob", MINIO), "Run ")).refused == ""


async def test_a_failure_stops_and_a_person_decides(tocsin: Tocsin, outside: Outside):
    """Again, without it, or back: what was done is undone, the last first."""
    outside.answers = [WELL, WELL, StepOutcome(ok=False, detail="ended with 1", output="no unit")]
    await approved(tocsin)
    assert await states(tocsin) == [
        "succeeded",
        "succeeded",
        "failed",
        "waiting",
        "waiting",
        "failed",
    ]
    card = (await tocsin.room("incidents"))[-1]
    assert "no unit" in card.text
    assert card.labels == ("Do it again", "Skip it", "Undo…", "Stop")
    outside.answers = [Permanent("no such host")]
    await tocsin.press("bob", "Failed · Trino", "Do it again")
    assert outside.keys[-1] == "RUN-1:3:2"
    undone = await tocsin.press("bob", "Failed · Trino", "Undo")
    assert undone.text == "RUN-1 goes back: 1 step, the last first."
    assert outside.keys[-1] == "RUN-1:2:2"
    assert outside.orders[-1].action.http
    assert outside.orders[-1].action.http.send == "ACTIVE"
    assert await states(tocsin) == ["succeeded", "undone", "failed", "waiting", "waiting", "undone"]


@pytest.mark.both
async def test_whoever_dies_in_a_step_leaves_it_unknown(tocsin: Tocsin, outside: Outside):
    """Its lease runs out: nobody does the step again until a person says so."""
    tocsin.forgiven.add("carry_out_step")
    outside.answers = [WELL, WELL, Retry("the line was cut")]
    await approved(tocsin)
    assert (await states(tocsin))[2:] == ["unknown", "waiting", "waiting", "unknown"]
    await tocsin.advance(60 * MINUTE)
    assert outside.keys.count("RUN-1:3:1") == 1
    decided = await tocsin.press("carol", "Nobody knows how a step ended", "It was done")
    assert decided.refused == "", decided.text
    assert (await states(tocsin))[2] == "succeeded"
    assert (await tocsin.say("carol", "/runbook resume RUN-1 again")).refused == "stale"


@pytest.mark.both
async def test_a_lost_lease_is_never_claimed_again(tocsin: Tocsin, outside: Outside):
    """As after kill -9 between the intent and its end."""
    tocsin.forgiven.add("carry_out_step")
    died = {"state": "running", "leased_until": tocsin.clock.now() - timedelta(days=365)}
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.settings.put("nothing", "x")
    outside.answers = [StepOutcome(held="safe mode")]
    await begun(tocsin)
    assert (await run_of(tocsin)).status == "paused"
    async with tocsin.parts.store.write(SYSTEM) as unit:
        run = await unit.runs.need("RUN-1")
        await unit.runs.begin(run.being("running"), 1)
        lost = update(jobs).where(jobs.c.kind == "carry_out_step", jobs.c.state == "pending")
        await unit.scope.connection.execute(lost.values(**died))
    await tocsin.settle()
    assert outside.keys == ["RUN-1:1:1"]
    assert (await states(tocsin))[0] == "unknown"


async def test_waiting_looks_again_until_its_time_is_over(tocsin: Tocsin, outside: Outside):
    """Every five seconds, for five minutes."""
    not_yet = StepOutcome(ok=False, detail="answered 503")
    outside.answers = [WELL, WELL, WELL, WELL, not_yet, not_yet]
    await approved(tocsin)
    assert (await states(tocsin))[3] == "running"
    await tocsin.advance(timedelta(seconds=10))
    assert (await states(tocsin))[3:] == ["succeeded", "asks", "running"]
    await tocsin.say("bob", "/runbook approve RUN-1")
    outside.answers = [*([WELL] * 4), *([not_yet] * 99)]
    await approved(tocsin)
    await tocsin.advance(6 * MINUTE)
    assert (await run_of(tocsin, "RUN-2")).steps[3].detail == (
        "it did not hold in time: answered 503"
    )


async def test_pausing_and_safe_mode_hold_what_comes_next(tocsin: Tocsin, outside: Outside):
    """Nothing new is begun; somebody lets it go on."""
    await begun(tocsin)
    await tocsin.press("bob", "Running · MinIO", "Pause")
    await tocsin.say("bob", "/runbook approve RUN-1")
    assert await states(tocsin) == ["succeeded", "succeeded", "succeeded", "paused"]
    await tocsin.say("alice", "/safe-mode on the network is being moved")
    assert "stops in safe mode" in (await tocsin.say("bob", "/runbook resume RUN-1")).text
    assert "stops in safe mode" in (await tocsin.say("bob", TRINO)).text


async def test_retries_are_for_failures_only(tocsin: Tocsin, outside: Outside, tmp_path: Path):
    """A failure is tried again as often as its author says; output is kept short and clean."""
    step = 'command: [check, "${host}"]\nsafety: read\nretries: 1'
    assert await declared(tocsin, tmp_path, worker=step) == []
    secret = "password=hunter2hunter2"
    failed = StepOutcome(ok=False, exit_code=7, output="x" * 5000 + secret)
    outside.answers = [failed, failed]
    await begun(tocsin, "/runbook run worker host=trino-7")
    step_one = (await run_of(tocsin)).steps[0]
    assert (step_one.status, step_one.attempt, step_one.exit_code) == ("failed", 2, 7)
    assert "hunter2" not in step_one.output_tail
    assert len(step_one.output_tail) < 2100
    denied = await tocsin.say("dave", "/runbook resume RUN-1 again")
    assert denied.refused == "not_allowed"


async def test_a_run_of_a_private_incident_does_not_exist_for_others(
    tocsin: Tocsin, outside: Outside
):
    """Neither in the list, nor by its name."""
    await tocsin.say("bob", "/incident declare keys leaked private")
    shown = await tocsin.say("bob", f"{MINIO} inc:INC-13")
    await tocsin.press("bob", shown, "Run ")
    assert "RUN-1" in (await tocsin.say("bob", "/runbook status")).text
    assert (await tocsin.say("carol", "/runbook status")).text == "No run is open."
    for line in ("/runbook status RUN-1", "/runbook stop RUN-1"):
        assert (await tocsin.say("carol", line)).refused == "not_found"
    assert all("RUN-1" not in one.text for one in await tocsin.room("incidents", "carol"))
    beside = await tocsin.press("carol", await tocsin.say("carol", MINIO), "Run ")
    assert beside.text == "Another run works on minio prod: wait for it."


async def test_nothing_is_carried_out_until_an_admin_says_whose(tocsin: Tocsin, outside: Outside):
    """Rule 31: off on day one."""
    tocsin.settled(execution=False)
    off = await tocsin.say("bob", MINIO)
    assert off.text.startswith("Nothing is carried out here for data-platform: an admin turns it")
    tocsin.settled(execution_teams=frozenset({"data-platform"}))
    assert (await tocsin.say("bob", MINIO)).refused == "confirm"


SERVERS = """
servers:
  - id: trino-7
    host: 10.0.0.7
    user: ops
    jump: door
    groups: [workers]
    host_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHA]
  - id: door
    host: door.example.com
    user: ops
    host_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHB]
"""


async def test_a_command_on_a_server_is_bound_to_its_keys(
    tocsin: Tocsin, outside: Outside, tmp_path: Path
):
    """The plan names the way and the keys; another key, and what was agreed to is void."""
    (tmp_path / "servers.yaml").write_text(SERVERS)
    step = 'command: [systemctl, restart, trino]\nserver: "${host}"'
    assert await declared(tocsin, tmp_path, worker=step) == []
    asked = await tocsin.say("bob", "/runbook run worker host=trino-7")
    way = "on trino-7 (ops@10.0.0.7:22) over door (ops@door.example.com:22): run ["
    assert way in asked.text
    assert "Server trino-7 has to answer with SHA256:" in asked.text
    none = await tocsin.say("bob", "/runbook run worker host=trino-8")
    assert none.text == "There is no server trino-8 to run on: see /server list."
    (tmp_path / "servers.yaml").write_text(SERVERS.replace("IHA]", "IHC]"))
    assert await declared(tocsin, tmp_path, worker=step) == []
    void = await tocsin.say("alice", f"/approval grant {asked.approval}")
    assert "what it would do has changed since" in void.text
    await approved(tocsin, "/runbook run worker host=trino-7")
    assert [one.id for one in outside.orders[0].route] == ["door", "trino-7"]
