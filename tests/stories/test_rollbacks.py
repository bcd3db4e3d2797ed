"""Rolling back: previewed, asked for once, and said as it went (rules.md 16, 31)."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from domain.actor import Actor
from domain.call import Call, Origin
from domain.deployer import Asked, Seen
from domain.errors import Permanent, Retry
from domain.rollback import Rollback
from storage.tables.ledger import jobs
from tests.fakes.conditions import MINUTE, TRINO
from tests.fakes.deployers import Pipeline
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin

SECOND = timedelta(seconds=1)
LONGER = "Still running, longer than usual"


async def approved(tocsin: Tocsin, line: str = "/rollback trino") -> None:
    """Bob asks, Alice agrees."""
    asked = await tocsin.say("bob", line)
    assert asked.approval, asked.text
    done = await tocsin.say("alice", f"/approval grant {asked.approval}")
    assert done.refused == "", done.text


async def rollback(tocsin: Tocsin, name: str = "DEP-14") -> Rollback:
    """The rollback as it stands."""
    async with tocsin.looking() as unit:
        return await unit.rollbacks.need(name)


async def status(tocsin: Tocsin, name: str) -> str:
    """What became of a deployment."""
    async with tocsin.looking() as unit:
        return (await unit.catalog.deployments.need(name)).status


async def said(tocsin: Tocsin, room: str = "incidents") -> str:
    """Everything that stands in a room."""
    return "\n".join(one.text for one in await tocsin.room(room))


async def test_the_end_is_told_with_whose_time_it_was(tocsin: Tocsin):
    """From the approval on: ours and the pipeline's apart; both deployments say what they are."""
    pipeline = Pipeline()
    tocsin.deploys_by(pipeline)
    asked = await tocsin.say("bob", "/rollback trino")
    tocsin.clock.move(minutes=2)
    await tocsin.say("alice", f"/approval grant {asked.approval}")
    assert [(one.key, one.version) for one in pipeline.orders] == [("DEP-14", "v247")]
    assert await status(tocsin, "DEP-14") == "success"
    assert await status(tocsin, "DEP-13") == "rolled_back"
    line = "Rolled back trino prod to v247: 0 s after approval (ours 0 s, Argo CD 1 m 38 s)."
    assert f"{line} Watching until 2026-11-21 12:12 UTC. DEP-14" in await said(tocsin)


async def test_a_no_of_the_pipeline_is_an_end(tocsin: Tocsin):
    """Nothing was done, and the next try is free."""
    tocsin.deploys_by(Pipeline(Permanent("v247 was deleted")))
    await approved(tocsin)
    assert (await status(tocsin, "DEP-14"), await status(tocsin, "DEP-13")) == (
        "failure", "success",
    )  # fmt: skip
    assert "trino prod was not rolled back, nothing was done: v247 was deleted." in await said(
        tocsin
    )
    assert (await tocsin.say("bob", "/rollback trino")).approval == "APR-2"


async def test_a_lost_answer_is_unknown_and_a_person_is_asked(tocsin: Tocsin):
    """The pipeline is not asked again, the target stays taken, until somebody has looked."""
    tocsin.forgiven.add("roll_back")
    pipeline = Pipeline(Retry("the line was cut"))
    tocsin.deploys_by(pipeline)
    await approved(tocsin)
    await tocsin.advance(60 * MINUTE)
    assert len(pipeline.orders) == 1
    assert (await rollback(tocsin)).state == "unknown"
    busy = await tocsin.say("carol", "/rollback trino")
    assert busy.text == "DEP-14 (v247) is under way on trino prod: wait."
    settled = await tocsin.press(
        "carol", "Nobody knows whether it was rolled back", "It was rolled"
    )
    assert settled.refused == ""
    assert (await status(tocsin, "DEP-14"), await status(tocsin, "DEP-13")) == (
        "success", "rolled_back",
    )  # fmt: skip
    twice = await tocsin.say("bob", "/rollback settle DEP-14 failed")
    assert twice.refused == "stale"


@pytest.mark.both
async def test_whoever_dies_in_between_leaves_it_unknown(tocsin: Tocsin):
    """Its lease runs out: nobody takes the job again, and nobody asks the pipeline again."""
    tocsin.forgiven.add("roll_back")
    pipeline = Pipeline()
    tocsin.deploys_by(pipeline)
    died = {"state": "running", "leased_until": tocsin.clock.now() - timedelta(days=365)}
    await asked_and_begun(tocsin)
    async with tocsin.parts.store.write(SYSTEM) as unit:
        lost = update(jobs).where(jobs.c.kind == "roll_back").values(**died)
        await unit.scope.connection.execute(lost)
    await tocsin.settle()
    assert pipeline.orders == []
    assert (await rollback(tocsin)).state == "unknown"
    assert "It was not" in "\n".join(
        label for one in await tocsin.room("incidents") for label in one.labels
    )


async def asked_and_begun(tocsin: Tocsin) -> None:
    """Approved and written down; the pipeline's job is there and nobody has taken it."""
    asked = await tocsin.say("bob", "/rollback trino")
    alice = await tocsin.actor("alice")
    await tocsin.parts.dispatch(call_of(alice, "approval grant", approval=str(asked.approval)))
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.rollbacks.begin(await unit.rollbacks.need("DEP-14"), 0)
        begun = update(jobs).where(jobs.c.kind == "begin_rollback").values(state="done")
        await unit.scope.connection.execute(begun)


@pytest.mark.both
async def test_a_target_is_rolled_back_by_one_at_a_time(tocsin: Tocsin):
    """Two approvals for one target: the second finds it under way, and is void."""
    first = await tocsin.say("bob", "/rollback trino")
    second = await tocsin.say("carol", "/rollback trino")
    alice = await tocsin.actor("alice")
    for name, refusal in ((first.approval, ""), (second.approval, "stale")):
        reply = await tocsin.parts.dispatch(call_of(alice, "approval grant", approval=str(name)))
        assert reply.refused == refusal
    tocsin.deploys_by(Pipeline())
    await tocsin.settle()
    assert "APR-2 expired: DEP-14 (v247) is under way on trino prod: wait" in await audit(tocsin)


@pytest.mark.parametrize("off", [True, False])
async def test_what_was_agreed_to_is_not_handed_over_hours_later(tocsin: Tocsin, off: bool):
    """Nor over what somebody deployed since, nor where execution was turned off: nothing is asked,
    and somebody is rung."""
    pipeline = Pipeline()
    tocsin.deploys_by(pipeline)
    asked = await tocsin.say("bob", "/rollback trino")
    alice = await tocsin.actor("alice")
    await tocsin.parts.dispatch(call_of(alice, "approval grant", approval=str(asked.approval)))
    if off:
        tocsin.settled(execution=False)
    else:
        tocsin.clock.move(hours=6)
        async with tocsin.parts.store.write(SYSTEM) as unit:
            before = await unit.catalog.deployments.need("DEP-13")
            newer = {"id": "DEP-99", "number": 99, "version": "v249"}
            at = {"started_at": tocsin.clock.now(), "finished_at": tocsin.clock.now()}
            await unit.catalog.deployments.add(before.model_copy(update=newer | at))
    await tocsin.settle()
    assert pipeline.orders == []
    assert await status(tocsin, "DEP-14") == "failure"
    why = "execution is off" if off else "it was released 360 min ago"
    assert f"trino prod was not rolled back, nothing was done: {why}" in await said(tocsin)
    (name,) = await tocsin.open_incidents()
    assert (await tocsin.incident(name)).title == "Trino prod was not rolled back to v247"
    assert [one.user for one in await tocsin.pages(name)] == ["bob"]


@pytest.mark.parametrize("what", ["airflow", "trino env:staging"])
async def test_what_is_undone_is_of_the_same_service_and_environment(tocsin: Tocsin, what: str):
    """Or the incident and the watching of another rollback would be mixed up with it."""
    tocsin.deploys_by(Pipeline())
    await approved(tocsin)
    refused = await tocsin.say("bob", f"/rollback {what} undoes:DEP-14")
    assert refused.text == "DEP-14 is of trino prod: name that one's own."


def call_of(actor: Actor, command: str, **args: str) -> Call:
    """A call over the API, whose jobs are not carried out yet."""
    return Call(command=command, args=args, actor=actor, origin=Origin(surface="api"))


async def audit(tocsin: Tocsin) -> str:
    """Why the second approval ended."""
    async with tocsin.looking() as unit:
        found = await unit.approvals.need("APR-2")
    return f"{found.id} {found.status}: {found.reason}"


async def test_while_it_works_its_card_moves_and_longer_than_usual_is_no_failure(tocsin: Tocsin):
    """Every five seconds; past two minutes, where nothing is known of the target, it says so."""
    works = Seen(asked=Asked(said="sync 4 is Running", url="https://argocd.example.com/trino"))
    pipeline = Pipeline(looks=[works, Retry("Argo CD: ReadTimeout"), works])
    tocsin.deploys_by(pipeline)
    await approved(tocsin)
    seen = []
    for _ in range(4):
        await tocsin.advance(5 * SECOND)
        seen.append(await card(tocsin, "⏳"))
    assert len(set(seen)) == 4
    assert "v248 → v247: sync 4 is Running. see it there" in seen[-1]
    assert "DEP-14 · by Bob, agreed to by APR-1 · 20 s, at most 2 m 0 s usually" in seen[-1]
    busy = await tocsin.say("carol", "/rollback trino")
    assert busy.text == "DEP-14 (v247) is under way on trino prod: wait."
    await tocsin.advance(2 * MINUTE)
    assert LONGER in await card(tocsin, "⏳")
    pipeline.looks = [Seen(asked=works.asked, took=138 * SECOND)]
    await tocsin.advance(2 * SECOND)
    assert "Rolled back trino prod to v247: 2 m 22 s after approval (ours 4 s" in await said(tocsin)
    assert "v248 → v247: it went well." in await card(tocsin, "Rollback · trino prod")
    assert len(pipeline.orders) == 1


async def card(tocsin: Tocsin, beginning: str) -> str:
    """The newest message that begins so."""
    found = [one.text for one in await tocsin.room("incidents") if one.text.startswith(beginning)]
    return found[-1]


async def test_unguarded_it_still_shows_the_preview_first(tocsin: Tocsin):
    """Outside the guard nothing happens before somebody has looked and pressed."""
    pipeline = Pipeline()
    tocsin.deploys_by(pipeline)
    await tocsin.say("alice", "/approval unguard rollback-start-environment-prod")
    shown = await tocsin.say("bob", "/rollback trino")
    assert shown.refused == "confirm"
    assert "from v248 (DEP-13" in shown.text
    assert pipeline.orders == []
    assert (await tocsin.press("bob", shown, "Roll back trino")).refused == ""
    assert len(pipeline.orders) == 1
    late = await tocsin.press("bob", shown, "Roll back trino")
    assert (late.refused, len(pipeline.orders)) == ("stale", 1)


async def test_undo_goes_back_to_what_was_taken_away(tocsin: Tocsin):
    """The button of the last line asks for the version that was rolled back."""
    tocsin.deploys_by(Pipeline())
    await approved(tocsin)
    asked = await tocsin.press("bob", "✅ Rolled back", "Undo")
    assert asked.approval == "APR-2"
    assert "to   v248 (DEP-13" in asked.text


async def test_without_execution_it_says_so(tocsin: Tocsin):
    """Nothing is carried out on day one: a sentence, and no approval (rules.md 31)."""
    tocsin.settled(execution=False)
    refused = await tocsin.say("bob", "/rollback trino")
    assert refused.refused
    assert refused.text.startswith("Nothing is carried out here: execution is off")
    assert (await tocsin.say("alice", "/approval list all")).data == []


async def test_what_there_is_to_go_back_to(tocsin: Tocsin):
    """A named version, an unknown one, an unknown service, nothing before."""
    assert "to   v246 (DEP-6" in (await tocsin.say("bob", "/rollback trino to:v246")).text
    for line, told in {
        "/rollback trino to:v1": "There is no version v1 of trino in prod to go back to",
        "/rollback airflow": "There is no good version before v2.10.4 of airflow in prod",
        "/rollback trino env:moon": "Nothing is known to run of trino in moon",
        "/rollback nothing": "There is no service nothing",
    }.items():
        answer = await tocsin.say("bob", line)
        assert (answer.refused, answer.text[: len(told)]) == ("not_found", told)


async def test_the_button_comes_forward_beside_evidence_only(tocsin: Tocsin):
    """Same service, deployed at most 30 min before: among the first; else folded (rules.md 16)."""
    await tocsin.fire(TRINO)
    card = next(one for one in await tocsin.room("alerts-data-platform") if "INC-13" in one.text)
    assert card.labels.index("Roll back…") > card.labels.index("Update…")
    changed = tocsin.clock.now() - 6 * MINUTE
    await deployed_at(tocsin, changed)
    await tocsin.say("bob", "/incident note INC-13 look")
    await tocsin.say("bob", "/incident impact INC-13 queries fail")
    card = next(one for one in await tocsin.room("alerts-data-platform") if "INC-13" in one.text)
    assert card.labels.index("Roll back v248…") < card.labels.index("Page…")
    await tocsin.press("bob", "You are on call", "Ack")
    page = next(one for one in await tocsin.dm("bob") if "Yours, Bob" in one.text)
    assert page.labels[:2] == ("Take lead & open room", "Roll back v248…")
    assert (await tocsin.press("bob", page, "Roll back v248")).approval == "APR-1"


async def deployed_at(tocsin: Tocsin, ended: datetime) -> None:
    """v248 came to its end then."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        found = await unit.catalog.deployments.need("DEP-13")
        await unit.catalog.deployments.save(found.model_copy(update={"finished_at": ended}))


async def test_deployments_are_listed(tocsin: Tocsin):
    """Newest first, of one service."""
    listed = await tocsin.say("dave", "/deploy list trino")
    assert [one["version"] for one in listed.data] == ["v248", "v247", "v246"]
