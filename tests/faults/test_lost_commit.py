"""The connection to PostgreSQL breaks around a commit: nobody knows, and trying again is harmless."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from bot.wiring import Parts, build, system_ids
from domain.call import Call, Origin, Reply
from domain.errors import Retry
from tests.fakes.postgres import Postgres
from tests.fakes.proxy import Mode, Proxy, ResetAfterUp, ResetBeforeUp, proxied
from tests.fakes.stores import SYSTEM, StillClock
from tests.fakes.tocsin import settings
from tests.faults.crash import LONG_AGO, Ground, outlive
from tests.faults.evidence import Evidence, Witness
from tests.faults.invariants import broken
from tests.faults.ledger import Accepted, Ledger
from tests.faults.world import HEARD, world
from web.ports import Arrived

pytestmark = pytest.mark.postgres
COMMIT = b"COMMIT"
LOST = pytest.mark.parametrize("lost", [ResetBeforeUp(COMMIT), ResetAfterUp(COMMIT)], ids=["request", "answer"])


@dataclass
class Far:
    """A Tocsin whose database stands behind a proxy."""

    parts: Parts
    proxy: Proxy
    clock: StillClock
    url: str
    ledger: Ledger

    async def accept(self) -> None:
        """A delivery arrives."""
        signal = world()[0].turn(self.clock.at)
        arrived = Arrived(source=signal.source, integration=HEARD, received_at=self.clock.at)

    async def ack(self) -> Reply:
        """Bob takes the incident; however often he tries, it is one call."""
        async with self.parts.store.read() as unit:
            actor = await unit.people.actor("bob")
        assert actor
        origin = Origin(surface="console")
        args = {"incident": "INC-13"}
        return await self.parts.dispatch(
            Call(command="incident ack", args=args, actor=actor, origin=origin, key="once")
        )

    def evidence(self) -> Evidence:
        """What the database holds, asked without the proxy."""
        witness = Witness(self.url)
        try:
            return witness.evidence(self.ledger, self.clock.at, up=True)
        finally:
            witness.close()
