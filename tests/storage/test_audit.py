"""The audit trail: whole when nothing was touched, broken wherever anything was."""

import pytest
from sqlalchemy import delete, insert, select, update

from domain.incident_facts import NoteAdded
from storage.chain import GENESIS, key_id, mac_of
from storage.store import Store
from storage.tables.ledger import audit, facts, texts
from tests.fakes.stores import SYSTEM, clock_of

KEY, NEW_KEY = b"k" * 32, b"n" * 32
SUBJECT = "incident:INC-1"


async def add_notes(store: Store, *notes: str) -> None:
    for note in notes:
        async with store.write(SYSTEM) as unit:
            await unit.facts.add(SUBJECT, NoteAdded(), note)


async def seal(store: Store, key: bytes = KEY) -> int:
    async with store.write(SYSTEM) as unit:
        return await unit.audit.seal(key)


async def problems(store: Store, *keys: bytes) -> tuple[str, ...]:
    async with store.read() as unit:
        return (await unit.audit.verify(*(keys or (KEY,)))).problems


async def run(store: Store, statement) -> None:
    async with store.write(SYSTEM) as unit:
        await unit.scope.connection.execute(statement)


async def test_a_sealed_trail_is_whole(store: Store) -> None:
    """Every fact has one row, every row one link."""
    await add_notes(store, "one", "two", "three")
    assert await seal(store) == 3
    async with store.read() as unit:
        found = await unit.audit.verify(KEY)
    assert (found.rows, found.unsealed, found.problems) == (3, 0, ())
    assert found.head != GENESIS


async def test_sealing_goes_on_where_it_stopped(store: Store) -> None:
    """A sealer with little time does the oldest rows first; the next one goes on from there."""
    await add_notes(store, "one", "two", "three")
    async with store.write(SYSTEM) as unit:
        assert await unit.audit.seal(KEY, limit=2) == 2
        assert await unit.audit.waits()
    assert await seal(store) == 1
    assert await seal(store) == 0
    async with store.read() as unit:
        assert not await unit.audit.waits()
    assert await problems(store) == ()


async def test_words_can_be_redacted_without_breaking_the_chain(store: Store) -> None:
    """The chain covers the salted hash of the words, never the words."""
    await add_notes(store, "call Bob on 555-0100")
    await seal(store)
    async with store.write(SYSTEM) as unit:
        (entry,) = await unit.facts.of(SUBJECT)
        await unit.facts.redact(SUBJECT, entry.id, "a phone number")
    await seal(store)
    assert await problems(store) == ()


@pytest.mark.parametrize(
    "tampering",
    [
        update(audit).where(audit.c.position == 2).values(by="mallory"),
        update(audit).where(audit.c.position == 2).values(outcome="invalid"),
        update(audit).where(audit.c.position == 2).values(mac="0" * 64),
        update(audit).where(audit.c.position == 3).values(position=30),
        delete(audit).where(audit.c.position == 2),
        update(facts).values(by="mallory"),
        update(facts).values(payload={"forged": True}),
        update(texts).values(hash="0" * 64),
        delete(facts),
    ],
    ids=[
        "person", "outcome", "link", "place", "row gone", "fact's person", "fact's fields",
        "words' hash", "facts gone",
    ],
)  # fmt: skip
async def test_tampering_is_found(store: Store, tampering) -> None:
    """Whatever is changed or removed in the database, `verify` says so."""
    await add_notes(store, "one", "two", "three")
    await seal(store)
    await run(store, tampering)
    assert await problems(store)


async def test_a_row_slipped_in_with_a_forged_link_is_found(store: Store) -> None:
    """Without the key nobody can make a link that fits."""
    await add_notes(store, "one")
    await seal(store)
    async with store.write(SYSTEM) as unit:
        (row,) = (await unit.scope.connection.execute(select(audit))).mappings()
        forged = mac_of(b"x" * 32, 2, row["mac"], row["digest"])
        slipped = {**row, "id": unit.ids.new(), "fact": None, "position": 2, "mac": forged}
        await unit.scope.connection.execute(insert(audit).values(**slipped))
    assert await problems(store)


async def test_another_key_verifies_nothing(store: Store) -> None:
    """A chain rewritten by somebody without the key does not pass."""
    await add_notes(store, "one", "two")
    await seal(store, b"another key of somebody else")
    (problem,) = await problems(store)
    assert problem.startswith("2 rows were sealed by key")
    assert "TOCSIN_SECRET_KEY_PREVIOUS" in problem


async def test_a_new_key_goes_on_where_the_old_one_stopped(store: Store) -> None:
    """What the old one sealed verifies as long as it is named; each row says by which key."""
    await add_notes(store, "one", "two")
    await seal(store)
    await add_notes(store, "three")
    await seal(store, NEW_KEY)
    assert await problems(store, NEW_KEY, KEY) == ()
    (problem,) = await problems(store, NEW_KEY)
    assert key_id(KEY) in problem
    async with store.read() as unit:
        found = await unit.audit.sealed()
    assert [(one.key, one.rows) for one in found] == [(key_id(KEY), 2), (key_id(NEW_KEY), 1)]


async def test_a_key_that_was_replaced_seals_nothing_more(store: Store) -> None:
    """Whoever has the old key cannot add to the trail; going back to it is another matter."""
    for key, note in ((KEY, "one"), (NEW_KEY, "two"), (KEY, "three"), (NEW_KEY, "four")):
        await add_notes(store, note)
        await seal(store, key)
    (problem,) = await problems(store, NEW_KEY, KEY)
    assert problem.endswith(f"was sealed by key {key_id(KEY)}, long replaced")


async def test_an_installation_may_go_back_to_its_old_key(store: Store) -> None:
    """The key in use is never a replaced one."""
    for key, note in ((KEY, "one"), (NEW_KEY, "two"), (KEY, "three")):
        await add_notes(store, note)
        await seal(store, key)
    assert await problems(store, KEY, NEW_KEY) == ()


async def test_rows_from_before_keys_had_names_verify_with_any_key(store: Store) -> None:
    """They were sealed by a version that did not write it down."""
    await add_notes(store, "one")
    await seal(store)
    await run(store, update(audit).values(key=None))
    assert await problems(store, NEW_KEY, KEY) == ()
    assert "chain breaks" in (await problems(store, NEW_KEY))[0]


async def test_a_fact_without_its_row_is_found(store: Store) -> None:
    """A state change that left no trace in the trail is a hole."""
    await add_notes(store, "one")
    await run(store, delete(audit))
    assert "has no audit row" in (await problems(store))[0]


async def test_rows_that_wait_too_long_for_the_sealer_are_found(store: Store) -> None:
    """Ten seconds without a sealer is a fault, one second is not."""
    await add_notes(store, "one")
    clock_of(store).move(seconds=1)
    assert await problems(store) == ()
    clock_of(store).move(seconds=10)
    assert "waited over 10 s" in (await problems(store))[0]


async def test_a_refusal_leaves_a_row_of_its_own(store: Store) -> None:
    """What was refused changed nothing, and stands in the trail."""
    async with store.write(SYSTEM) as unit:
        await unit.audit.add("incident resolve", SUBJECT, "not_allowed", {})
    await seal(store)
    assert await problems(store) == ()
