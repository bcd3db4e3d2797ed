"""One door: repeats, rehearsals and doubtful writes (rule 23; architecture idea 1)."""

import asyncio

import pytest
from sqlalchemy import func, select

from domain.call import Call, Origin, Reply
from domain.message import buttons, form_of
from storage.tables import metadata
from storage.tables.ledger import jobs
from tests.fakes.conditions import KAFKA, TRINO
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin


async def call(tocsin: Tocsin, command: str, user: str = "alice", **more) -> Call:
    """A call over the API."""
    args = more.pop("args", {})
    actor = await tocsin.actor(user)
    return Call(command=command, args=args, actor=actor, origin=Origin(surface="api"), **more)


async def sizes(tocsin: Tocsin) -> dict[str, int]:
    """How many rows every table has."""
    async with tocsin.looking() as unit:
        run = unit.scope.connection.execute
        return {
            table.name: (await run(select(func.count()).select_from(table))).scalar_one()
            for table in metadata.sorted_tables
        }


@pytest.mark.both
async def test_a_repeat_gives_the_first_reply_and_does_nothing(tocsin: Tocsin):
    """Same key, same arguments: one incident, one answer."""
    made = await call(tocsin, "incident declare", args={"title": "checkout down"}, key="k1")
    first = await tocsin.parts.dispatch(made)
    await tocsin.settle()
    before = await sizes(tocsin)
    again = await tocsin.parts.dispatch(made)
    assert again == first
    assert await sizes(tocsin) == before


async def test_a_key_with_other_arguments_is_refused(tocsin: Tocsin):
    """It was a mistake of the caller, and is told so."""
    await tocsin.parts.dispatch(
        await call(tocsin, "incident declare", args={"title": "checkout down"}, key="k1")
    )
    other = await tocsin.parts.dispatch(
        await call(tocsin, "incident declare", args={"title": "search down"}, key="k1")
    )
    assert other.refused == "invalid"
    assert await tocsin.open_incidents() == ["INC-13"]


async def test_a_key_belongs_to_whoever_used_it(tocsin: Tocsin):
    """Another person's equal key is another key."""
    for user in ("alice", "bob"):
        made = await call(tocsin, "incident declare", user, args={"title": "down"}, key="k1")
        assert (await tocsin.parts.dispatch(made)).refused == ""
    assert await tocsin.open_incidents() == ["INC-13", "INC-14"]


async def test_repeats_at_the_same_moment_are_one(tocsin: Tocsin):
    """Five copies of one call, together: one incident, five equal answers."""
    made = await call(tocsin, "incident declare", args={"title": "checkout down"}, key="k1")
    replies = await asyncio.gather(*(tocsin.parts.dispatch(made) for _ in range(5)))
    assert {reply.model_dump_json() for reply in replies} == {replies[0].model_dump_json()}
    assert await tocsin.open_incidents() == ["INC-13"]


async def test_a_dry_run_answers_and_changes_nothing(tocsin: Tocsin):
    """The reply is the real one; no row, no number, no job is left of it."""
    before = await sizes(tocsin)
    args = {"title": "checkout down"}
    rehearsed = await tocsin.parts.dispatch(
        await call(tocsin, "incident declare", args=args, dry_run=True)
    )
    await tocsin.settle()
    assert rehearsed.data == {"id": "INC-13"}
    assert await sizes(tocsin) == before
    real = await tocsin.parts.dispatch(await call(tocsin, "incident declare", args=args))
    assert real.data == {"id": "INC-13"}


async def test_a_typed_dry_run_says_so_and_changes_nothing(tocsin: Tocsin):
    """At the end of a line it is no word of a title; what is shown cannot be pressed."""
    answer = await tocsin.say("bob", "/incident declare trino slow sev:3 --dry-run")
    assert answer.text.startswith("Dry run, nothing was changed:")
    assert "trino slow" in answer.text
    assert buttons(answer.message) == ()
    assert await tocsin.open_incidents() == []
    asked = await tocsin.say("bob", "/incident declare --dry-run")
    assert form_of(asked.message)


async def test_a_caller_that_goes_away_does_not_stop_what_it_began(tocsin: Tocsin):
    """Cancelled while it waits: the command is carried out whole."""
    made = await call(tocsin, "incident declare", args={"title": "checkout down"})
    asking: asyncio.Task[Reply] = asyncio.create_task(tocsin.parts.dispatch(made))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await tocsin.parts.dispatch(await call(tocsin, "incident note", args={"text": "x"}))
    await tocsin.settle()
    assert await tocsin.open_incidents() == ["INC-13"]
    assert [page.user for page in await tocsin.pages()] == ["alice"]


async def test_a_write_that_may_mean_several_asks_with_what_was_typed(tocsin: Tocsin):
    """One button for each open incident; pressing it is the call, arguments and all (rule 23)."""
    await tocsin.fire(TRINO)
    await tocsin.fire(KAFKA)
    asked = await tocsin.say("bob", "/incident update rolling back status:fixing next:10m")
    assert asked.refused == "confirm"
    assert asked.text.splitlines()[0] == "Update which? Press one, or type its id, like INC-14."
    answer = await tocsin.press("bob", asked, "Update INC-13")
    assert answer.data == {"id": "INC-13", "phase": "fixing"}
    assert "Update by Bob (fixing): rolling back" in await tocsin.told("INC-13")
    assert not any("rolling back" in one for one in await tocsin.told("INC-14"))


async def test_even_one_open_incident_is_not_guessed(tocsin: Tocsin):
    """It is named and asked, never assumed."""
    await tocsin.fire(TRINO)
    asked = await tocsin.say("bob", "/incident resolve restarted it")
    assert asked.refused == "confirm"
    assert (await tocsin.incident()).status == "triggered"
    await tocsin.press("bob", asked, "Resolve INC-13")
    assert (await tocsin.incident()).resolution == "fixed"


async def test_a_kept_button_asks_for_rights_when_it_is_pressed(tocsin: Tocsin):
    """It holds arguments, not permission: dave's is refused, and so is a stale one."""
    await tocsin.fire(TRINO)
    asked = await tocsin.say("dave", "/incident update all good")
    assert asked.refused == "not_allowed"
    mine = await tocsin.say("bob", "/incident resolve restarted it")
    await tocsin.say("alice", "/incident resolve INC-13 did it")
    late = await tocsin.press("bob", mine, "Resolve INC-13")
    assert late.refused == "stale"


async def test_an_unknown_command_is_a_sentence(tocsin: Tocsin):
    """Also over the API, where nothing was parsed."""
    reply = await tocsin.parts.dispatch(await call(tocsin, "incident explode"))
    assert reply.refused == "not_found"


async def test_wrong_arguments_name_the_field_and_do_nothing(tocsin: Tocsin):
    """What to type instead, and the form with what was given."""
    before = await sizes(tocsin)
    made = await call(
        tocsin, "incident declare", args={"title": "x", "severity": "very", "bogus": 1}
    )
    reply = await tocsin.parts.dispatch(made)
    assert (reply.refused, reply.field) == ("invalid", "severity")
    assert await sizes(tocsin) == before


async def test_a_job_of_a_kind_from_tomorrow_is_left_alone(tocsin: Tocsin):
    """A newer version's job waits for a process that knows it; ours goes on working."""
    row = {
        "id": "0", "kind": "from_tomorrow", "version": 1, "payload": {}, "lane": "page",
        "priority": 0, "due": tocsin.clock.now(), "state": "pending", "attempts": 0, "fence": 0,
        "created_at": tocsin.clock.now(),
    }  # fmt: skip
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.scope.connection.execute(jobs.insert().values(**row))
    await tocsin.fire(TRINO)
    assert [page.user for page in await tocsin.pages()] == ["bob"]
