"""Each change and each refusal is one row of the audit trail, and tampering is found (I7)."""

from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from domain.actor import Actor
from domain.call import Call, Origin
from storage.tables.ledger import audit, facts, texts
from tests.fakes.conditions import MINUTE, TRINO
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin


async def counted(tocsin: Tocsin) -> tuple[int, int, int]:
    """Facts, rows that are about a fact, and other rows."""
    async with tocsin.looking() as unit:
        queries = (
            select(func.count()).select_from(facts),
            select(func.count(func.distinct(audit.c.fact))).where(audit.c.fact.is_not(None)),
            select(func.count()).select_from(audit).where(audit.c.fact.is_(None)),
        )
        found = [(await unit.scope.connection.execute(one)).scalar_one() for one in queries]
    return found[0], found[1], found[2]


async def a_life(tocsin: Tocsin) -> None:
    """An incident from its alert to its postmortem."""
    await tocsin.fire(TRINO)
    await tocsin.advance(5 * MINUTE)
    await tocsin.press("carol", "INC-13", "Ack")
    await tocsin.say("carol", "/incident lead me INC-13", room="dm-carol")
    room = (await tocsin.incident()).home_room or ""
    await tocsin.say("carol", "/incident update looking next:30m", room=room)
    await tocsin.say("carol", "/incident resolve fixed it", room=room)
    await tocsin.say("carol", "/postmortem publish", room=room)


@pytest.mark.both
async def test_every_fact_has_exactly_one_row(tocsin: Tocsin):
    """In its own transaction; no row is about a fact that is not there."""
    await a_life(tocsin)
    stored, covered, refused = await counted(tocsin)
    assert stored == covered
    assert refused == 0
    rows = await tocsin.audited()
    assert {row.outcome for row in rows} == {"done"}
    assert {"carol", "tocsin"} <= {row.by for row in rows}


@pytest.mark.both
@pytest.mark.parametrize(
    ("user", "line", "kind"),
    [
        ("dave", "/incident ack INC-13", "not_allowed"),
        ("bob", "/incident cancel INC-13", "not_allowed"),
        ("bob", "/incident ack INC-99", "not_found"),
        ("alice", "/incident reopen INC-13", "stale"),
        ("alice", "/incident merge INC-13 into:INC-13", "invalid"),
    ],
)
async def test_every_refusal_is_one_row_and_changes_nothing(tocsin: Tocsin, user, line, kind):
    """By whom, what, and why not."""
    await tocsin.fire(TRINO)
    before, incident = await counted(tocsin), await tocsin.incident()
    answer = await tocsin.say(user, line)
    assert answer.refused == kind
    assert await counted(tocsin) == (before[0], before[1], before[2] + 1)
    last = (await tocsin.audited())[-1]
    assert (last.by, last.outcome, last.surface) == (user, kind, "console")
    assert line.startswith(f"/{last.action}")
    assert await tocsin.incident() == incident


async def test_a_guest_is_refused_by_name(tocsin: Tocsin):
    """An account that is linked to nobody stands in the trail as itself."""
    guest = Actor(user=None, name="mallory")
    call = Call(
        command="incident declare",
        args={"title": "x"},
        actor=guest,
        origin=Origin(surface="slack"),
    )
    reply = await tocsin.parts.dispatch(call)
    assert reply.refused == "not_allowed"
    last = (await tocsin.audited())[-1]
    assert (last.by, last.action, last.outcome) == (
        "account:mallory", "incident declare", "not_allowed",
    )  # fmt: skip


async def test_rows_are_chained_when_they_are_sealed(tocsin: Tocsin):
    """Sealing in parts or at once gives one chain without gaps."""
    await a_life(tocsin)
    key = tocsin.parts.core.keys.audit
    async with tocsin.parts.store.write(SYSTEM) as unit:
        assert await unit.audit.seal(key, limit=5) == 5
    verified = await tocsin.verify()
    rows = await tocsin.audited()
    assert (verified.problems, verified.unsealed) == ((), 0)
    assert sorted(row.position or 0 for row in rows) == list(range(1, len(rows) + 1))


async def test_rows_that_nobody_seals_are_found(tocsin: Tocsin):
    """Ten seconds is the longest that a row may wait."""
    await tocsin.fire(TRINO)
    key = tocsin.parts.core.keys.audit
    tocsin.clock.move(seconds=11)
    async with tocsin.looking() as unit:
        (problem,) = (await unit.audit.verify(key)).problems
    assert "waited over 10 s for the sealer" in problem


def _edit_row(rows: list[Any]) -> list[Any]:
    return [update(audit).where(audit.c.id == rows[2].id).values(by="nobody")]


def _edit_fact(rows: list[Any]) -> list[Any]:
    return [update(facts).where(facts.c.id == rows[2].fact).values(kind="note_added")]


def _edit_words(rows: list[Any]) -> list[Any]:
    return [update(texts).where(texts.c.text.is_not(None)).values(text="something else")]


def _delete_row(rows: list[Any]) -> list[Any]:
    return [delete(audit).where(audit.c.id == rows[2].id)]


def _delete_last_row(rows: list[Any]) -> list[Any]:
    return [delete(audit).where(audit.c.id == rows[-1].id)]


def _delete_fact(rows: list[Any]) -> list[Any]:
    return [delete(facts).where(facts.c.id == rows[2].fact)]


def _delete_words(rows: list[Any]) -> list[Any]:
    return [delete(texts)]


def _swap_rows(rows: list[Any]) -> list[Any]:
    one, two = rows[2], rows[3]
    return [
        update(audit).where(audit.c.id == one.id).values(position=10_000, mac="x"),
        update(audit).where(audit.c.id == two.id).values(position=one.position, mac=one.mac),
        update(audit).where(audit.c.id == one.id).values(position=two.position, mac=two.mac),
    ]


def _insert_row(rows: list[Any]) -> list[Any]:
    row = rows[2].model_dump() | {"id": "zzz", "fact": None, "position": rows[-1].position + 1}
    return [insert(audit).values(**row)]


def _insert_fact(rows: list[Any]) -> list[Any]:
    row = {
        "id": "zzz",
        "subject": "incident:INC-13",
        "at": rows[2].at,
        "kind": "note_added",
        "version": 1,
        "by": "alice",
        "payload": {},
    }
    return [insert(facts).values(**row)]


TAMPERINGS = (
    _edit_row, _edit_fact, _edit_words, _delete_row, _delete_last_row, _delete_fact,
    _delete_words, _swap_rows, _insert_row, _insert_fact,
)  # fmt: skip


@pytest.mark.both
async def test_tampering_is_found(tocsin: Tocsin):
    """Edited, deleted, swapped or inserted: each is seen, and undone it is whole again."""
    await tocsin.fire(TRINO)
    await tocsin.say("bob", "/incident note INC-13 looking", room="dm-bob")
    assert (await tocsin.verify()).problems == ()
    rows = sorted(await tocsin.audited(), key=lambda row: row.position or 0)
    missed = [made.__name__ for made in TAMPERINGS if not await _found(tocsin, made(rows))]
    assert missed == []


async def _found(tocsin: Tocsin, statements: list[Any]) -> bool:
    """Whether verification finds what these statements do; they are rolled back."""
    key = tocsin.parts.core.keys.audit

    class Undone(Exception):
        pass

    problems: tuple[str, ...] = ()
    try:
        async with tocsin.parts.store.write(SYSTEM) as unit:
            for statement in statements:
                await unit.scope.connection.execute(statement)
            problems = (await unit.audit.verify(key)).problems
            raise Undone
    except Undone:
        return problems != ()
