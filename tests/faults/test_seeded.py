"""The tests can fail: each fault that was put in on purpose is seen by the invariant it breaks."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.invariants import broken
from tests.faults.rig import SOUND, Fault, rigged
from tests.faults.rooms import Rooms
from tests.faults.seeded import SEEDED, Forgets, Seeded


@pytest.mark.parametrize("one", SEEDED, ids=lambda one: one.name)
async def test_a_seeded_fault_is_seen(one: Seeded, seeded: Path, tmp_path: Path) -> None:
    """The same script breaks the invariant with the fault in place, and none without it."""
    assert await complaints(one, one.fault, seeded, tmp_path) != []
    assert await complaints(one, without(one.fault), seeded, tmp_path) == []


async def complaints(one: Seeded, fault: Fault, seeded: Path, home: Path) -> list[str]:
    """What the invariant says of the fault, and all of them where there is none."""
    async with rigged(seeded, home, fault) as rig:
        await one.script(rig)
        seen = rig.evidence()
        return broken(seen, one.seen_by) if fault is one.fault else broken(seen) + await rig.seal()


def without(fault: Fault) -> Fault:
    """Every part sound; a chat that is only difficult stays so."""
    difficult = Rooms if fault.rooms is Forgets else fault.rooms
    return replace(SOUND, rooms=difficult)
