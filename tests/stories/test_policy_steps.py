"""Steps that apply to some incidents, and steps that take turns."""

import pytest

from domain.escalation import AlertRate, Condition, Step, Target
from domain.severity import Severity
from tests.fakes.conditions import KAFKA, MINUTE, TRINO, TRINO_DOWN, TRINO_SLOW, condition
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin
from tests.fakes.webhook_receiver import receiving

PATRONI = condition("patroni", "critical")
BOB, CAROL = (Target(kind="user", id=one) for one in ("bob", "carol"))
OPS, BRIDGE = Target(kind="channel", id="ops"), Target(kind="webhook", id="bridge")


async def rewrite(tocsin: Tocsin, *steps: Step) -> None:
    """The policy of the data platform has these steps from now on."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        policy = await unit.catalog.policies.need("data-platform")
        await unit.catalog.policies.put(policy.model_copy(update={"steps": steps}))


@pytest.mark.both
async def test_turns_are_taken_and_an_edit_changes_nothing_that_runs(tocsin: Tocsin):
    """Bob, Carol, Bob; what began goes on as it was frozen."""
    await rewrite(tocsin, Step(targets=(BOB, CAROL), round_robin=True), Step(targets=(BOB,)))
    rung = []
    for number, one in enumerate((TRINO, KAFKA, PATRONI), 13):
        await tocsin.fire(one)
        rung += [page.user for page in await tocsin.pages(f"INC-{number}")]
    assert rung == ["bob", "carol", "bob"]
    await rewrite(tocsin, Step(targets=(CAROL,)))
    await tocsin.advance(5 * MINUTE)
    assert [page.user for page in await tocsin.pages("INC-14")] == ["carol", "bob"]


async def test_a_step_for_the_worst_is_passed_over_and_said_so(tocsin: Tocsin):
    """What /whatif foresees is what happens."""
    worst = Condition(severity=Severity.SEV1)
    await rewrite(tocsin, Step(targets=(BOB,), when=worst), Step(targets=(CAROL,)))
    told = await tocsin.say("dave", "/whatif trino sev:2")
    assert "Left out: step 1: only for SEV1 and worse." in told.text
    await tocsin.fire(TRINO)
    assert [page.user for page in await tocsin.pages()] == ["carol"]


@pytest.mark.both
async def test_a_step_for_a_storm_counts_what_came_together(tocsin: Tocsin):
    """One alert rings Carol, three of one service within ten minutes Bob; frozen as it begins."""
    storm = Condition(alerts=AlertRate(at_least=3, within=10 * MINUTE))
    await rewrite(tocsin, Step(targets=(BOB,), when=storm, otherwise=(CAROL,)))
    await tocsin.fire(KAFKA)
    assert [page.user for page in await tocsin.pages()] == ["carol"]
    await tocsin.fire(TRINO, TRINO_SLOW, TRINO_DOWN)
    assert [page.user for page in await tocsin.pages("INC-14")] == ["bob"]
    told = await tocsin.say("dave", "/whatif kafka sev:2")
    assert "only with 3 alerts in 10 m, and there were 1" in told.text


@pytest.mark.both
async def test_a_channel_and_a_webhook_are_told_and_nobody_waits_for_them(tocsin: Tocsin):
    """The next step comes at once; whoever has the right answers from the channel, and its card
    says so; the same news is posted, signed, to whoever an admin has named."""
    first = Step(targets=(OPS, BRIDGE), delay=10 * MINUTE)
    await rewrite(tocsin, first, Step(targets=(BOB, OPS)), Step(targets=(CAROL,)))
    foreseen = await tocsin.say("dave", "/whatif trino sev:2")
    assert "channel ops" in foreseen.text
    async with receiving(tocsin) as bridge:
        bridge.secret = bridge.terms.told(bridge.address)
        bridge.answers = [503]
        tocsin.forgiven.add("tell_webhook")
        await tocsin.fire(TRINO)
        await tocsin.advance(MINUTE)
    assert [page.user for page in await tocsin.pages()] == ["bob"]
    (event,) = bridge.heard
    assert event["data"]["title"] == "SEV2 38 % of queries fail on trino prod · INC-13"
    assert event["data"]["answer"] == []
    (card,) = await tocsin.room("ops")
    assert "step 2 of 3" in card.text
    assert "Carol is paged at" in card.text
    refused = await tocsin.press("dave", card, "Ack")
    assert "needs the role responder" in refused.text
    await tocsin.press("carol", card, "Ack")
    await tocsin.settle()
    (card,) = await tocsin.room("ops")
    assert "Taken by Carol" in card.text
    assert card.labels == ()
    told = "\n".join(await tocsin.told())
    assert "only channels and webhooks are told there" in told
    assert "step 1 of 3 tells webhook bridge" in told


async def test_what_is_private_or_not_there_is_told_to_nobody(tocsin: Tocsin):
    """Neither its name nor that there is one (rules.md 2); the timeline says what was not done."""
    elsewhere = Target(kind="channel", id="teams/ops")
    await rewrite(tocsin, Step(targets=(BOB, OPS, BRIDGE, elsewhere)))
    await tocsin.say("alice", "/incident declare zanzibar leaked sev:1 service:trino private:yes")
    assert "ops" not in await tocsin.rooms("alice")
    told = "\n".join(await tocsin.told())
    assert "channel ops was not told: a private incident is shown to its members only" in told
    await tocsin.fire(TRINO)
    told = "\n".join(await tocsin.told("INC-14"))
    assert "webhook bridge was not told: webhook is not set up" in told
    assert "channel teams/ops was not told: its chat is not set up here" in told
    assert "tells channel teams/ops" not in told
    assert {page.user for page in await tocsin.pages("INC-14")} == {"bob"}
