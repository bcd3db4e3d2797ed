"""Runs of many: steps begun together, a group of servers batch by batch with a gate between."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from domain.run import StepOrder, StepOutcome
from tests.fakes.tocsin import SECRET_KEY, Tocsin
from tests.stories.test_runbooks import declared
from tests.stories.test_runs import WELL, approved, run_of, states

WORKERS = ("trino-7", "trino-8", "trino-9")
SERVERS = "servers:\n" + "".join(
    f"  - {{id: {name}, host: 10.0.0.{number}, user: ops, groups: [workers],"
    " host_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHA]}\n"
    for number, name in enumerate(WORKERS, 7)
)
ROLLING = """for_each: workers
batch: 2
gate: {wait: {url: "https://trino.example.com/v1/cluster", every: 5s}, timeout: 1m}
command: [systemctl, restart, trino]
undo: {command: [systemctl, start, trino]}
"""
SIX = "parallel:\n" + "".join(
    f"  - {{name: Look {number}, command: [look, '{number}'], safety: read}}\n"
    for number in range(1, 7)
)
NO = StepOutcome(ok=False, detail="ended with 1")


@dataclass
class Hosts:
    """Answers by server, or by what is run; whoever is patient answers when the run has failed."""

    tocsin: Tocsin
    wrong: dict[str, StepOutcome] = field(default_factory=dict)
    orders: list[StepOrder] = field(default_factory=list)

    async def perform(self, order: StepOrder) -> StepOutcome:
        self.orders.append(order)
        command = order.action.command or ("gate",)
        about = order.route[-1].id if order.route else command[-1]
        if about in self.wrong:
            return self.wrong.pop(about)
        failed = "others wait" not in self.wrong
        while not failed:
            failed = (await run_of(self.tocsin)).status == "failed"
        return WELL

    def keys(self) -> list[str]:
        return sorted(one.key for one in self.orders)


@pytest.mark.both
async def test_a_group_of_servers_goes_batch_by_batch(tocsin: Tocsin, tmp_path: Path):
    """The plan names each server and each call; one that fails keeps the next batch from being
    begun, and a person decides. Back it goes one by one."""
    hosts = Hosts(tocsin, {"trino-8": NO})
    tocsin.steps_by(hosts)
    (tmp_path / "servers.yaml").write_text(SERVERS)
    assert await declared(tocsin, tmp_path, rolling=ROLLING) == []
    plan = (await tocsin.say("bob", "/runbook show rolling host=trino-1")).text
    assert "Touches 3 servers: trino-7, trino-8, trino-9" in plan
    assert "1 to 2 at the same time:\n1. Restart on trino-7 (disruptive" in plan
    assert 'on trino-8 (ops@10.0.0.8:22): run ["systemctl", "restart", "trino"]' in plan
    assert "3. Restart: holds after batch 1 of 2 (read, at most 1 m)\n   wait until https" in plan

    await approved(tocsin, "/runbook run rolling host=trino-1")
    assert await states(tocsin) == [
        "succeeded", "failed", "waiting", "waiting", "waiting", "failed",
    ]  # fmt: skip
    card = (await tocsin.room("incidents"))[-1]
    assert "Failed: step 2, Restart on trino-8 (beside it: 1 succeeded)." in card.text
    await tocsin.press("bob", "Failed · Restart", "Do it again")
    assert await states(tocsin) == ["succeeded"] * 6
    assert hosts.keys() == [
        "RUN-1:1:1", "RUN-1:2:1", "RUN-1:2:2", "RUN-1:3:1", "RUN-1:4:1", "RUN-1:5:1",
    ]  # fmt: skip
    assert [one.action.kind for one in hosts.orders].count("http") == 2

    hosts.orders.clear()
    await tocsin.press("bob", "Done · Restart", "Undo")
    assert [one.route[-1].id for one in hosts.orders] == ["trino-9", "trino-8", "trino-7"]
    assert (await run_of(tocsin)).status == "undone"


async def test_a_gate_that_does_not_hold_stops_the_run(tocsin: Tocsin, tmp_path: Path):
    """The next batch is not begun; a person goes on from there, and nothing is done twice."""
    hosts = Hosts(tocsin)
    tocsin.steps_by(hosts)
    (tmp_path / "servers.yaml").write_text(SERVERS)
    gate = 'gate: {http: {url: "https://trino.example.com/v1/cluster"}}'
    step = ROLLING.replace(ROLLING.splitlines()[2], gate)
    assert await declared(tocsin, tmp_path, rolling=step) == []
    hosts.wrong = {"gate": StepOutcome(ok=False, detail="answered 503")}
    await approved(tocsin, "/runbook run rolling host=trino-1")
    assert await states(tocsin) == [
        "succeeded", "succeeded", "failed", "waiting", "waiting", "failed",
    ]  # fmt: skip
    twice = await tocsin.say("bob", "/runbook resume RUN-1 from 1")
    assert twice.text.startswith("Step 1 was done, and was agreed to once: start a run of its own")
    assert (await tocsin.say("bob", "/runbook resume RUN-1 from")).text.startswith("Say which step")
    await tocsin.say("bob", "/runbook resume RUN-1 from 4")
    assert await states(tocsin) == [
        "succeeded", "succeeded", "skipped", "succeeded", "succeeded", "succeeded",
    ]  # fmt: skip


async def test_one_that_fails_stops_what_has_not_begun(tocsin: Tocsin, tmp_path: Path):
    """Six are begun together and four at a time are done: the last two are never asked for."""
    hosts = Hosts(tocsin, {"1": NO, "others wait": WELL})
    tocsin.steps_by(hosts)
    assert await declared(tocsin, tmp_path, six=SIX) == []
    shown = await tocsin.say("bob", "/runbook run six host=trino-1")
    await tocsin.press("bob", shown, "Run ")
    assert await states(tocsin) == ["failed", *["succeeded"] * 3, *["waiting"] * 2, "failed"]
    assert len(hosts.orders) == 4
    told = (await run_of(tocsin)).detail
    beside = "2 succeeded, 3 succeeded, 4 succeeded, 5 not begun, 6 not begun"
    assert told == f"step 1, Look 1 (beside it: {beside})"
    hosts.wrong.clear()
    await tocsin.say("bob", "/runbook resume RUN-1 skip 1")
    assert await states(tocsin) == ["skipped", *["succeeded"] * 6]


@dataclass
class Talking:
    """Says something, and ends once the run's card has said it too."""

    tocsin: Tocsin
    seen: str = ""

    async def perform(self, order: StepOrder) -> StepOutcome:
        order.heard(
            b"\xff\xfe first line\npassword=hunter2hunter2\ntoken=" + SECRET_KEY[:9].encode()
        )
        while not (await run_of(self.tocsin)).steps[0].output_tail:
            pass
        self.seen = (await run_of(self.tocsin)).steps[0].output_tail
        said = "x\n" * 9000 + f"{SECRET_KEY}\nthe end"
        return StepOutcome(ok=False, detail=f"ended near {SECRET_KEY}", output=said)


async def test_what_a_step_says_is_read_while_it_is_done(tocsin: Tocsin, tmp_path: Path):
    """By whole lines, redacted; at its end the last of it is kept, and no secret of ours."""
    talking = Talking(tocsin)
    tocsin.steps_by(talking)
    assert await declared(tocsin, tmp_path, talk="command: [a, b]\nsafety: read") == []
    shown = await tocsin.say("bob", "/runbook run talk host=trino-1")
    await tocsin.press("bob", shown, "Run ")
    assert talking.seen.startswith("\ufffd\ufffd first line\npassword=[")
    assert "hunter2" not in talking.seen
    assert "token" not in talking.seen
    card = (await tocsin.room("incidents"))[-1].text
    assert "lines before]" in card
    assert "the end" in card
    step = (await run_of(tocsin)).steps[0]
    assert len(step.output_tail) <= 2000
    assert SECRET_KEY not in step.output_tail + step.detail
