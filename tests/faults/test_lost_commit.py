"""PostgreSQL is cut off in the middle of a commit: nobody knows, and trying again is harmless."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from domain.errors import Retry
from tests.fakes.postgres import Postgres
from tests.fakes.proxy import Mode, Proxy, ResetAfterUp, ResetBeforeUp, proxied
from tests.faults.evidence import HISTORY, Evidence, Witness
from tests.faults.invariants import broken
from tests.faults.ledger import Accepted
from tests.faults.story import Teller, telling

pytestmark = pytest.mark.postgres
CUT = pytest.mark.parametrize("cut", [ResetBeforeUp, ResetAfterUp], ids=["request", "answer"])


@pytest.fixture
def copied_url(postgres_server: Postgres, server_url: str):
    """A seeded database that only this test uses."""
    with postgres_server.database(server_url) as url:
        yield url


@pytest.fixture
async def far(copied_url: str, tmp_path: Path) -> AsyncIterator[tuple[Teller, Proxy]]:
    """A Tocsin whose database stands behind a proxy."""
    real = make_url(copied_url)
    async with proxied(real.port or 5432) as proxy:
        url = real.set(port=proxy.listening).render_as_string(hide_password=False)
        async with telling(url, tmp_path, lambda _parts, chat: chat) as teller:
            await teller.begin()
            yield teller, proxy


def look(url: str, teller: Teller) -> Evidence:
    """What the database holds, asked without the proxy."""
    witness = Witness(url)
    try:
        return witness.evidence(teller.ledger, teller.clock.at, up=True)
    finally:
        witness.close()


@CUT
async def test_a_command_is_done_once(cut, far, copied_url):
    """The answer was lost; the same call again has the same answer and changes nothing more."""
    teller, proxy = far
    await teller.is_delivered()
    call = await teller.made("bob", "incident ack")
    proxy.mode = cut(b"COMMIT")
    with pytest.raises(DBAPIError):
        await teller.parts.dispatch(call)
    proxy.mode = Mode()
    replies = [await teller.parts.dispatch(call) for _ in range(2)]
    await teller.parts.worker.drain()

    assert replies[0] == replies[1]
    assert replies[0].refused == ""
    seen = look(copied_url, teller)
    assert [fact.by for fact in seen.facts_of("incident_acknowledged")][HISTORY:] == ["bob"]
    assert broken(seen) == []


@CUT
async def test_a_delivery_is_taken_in_again(cut, far, copied_url):
    """No 2xx was given, so the sender comes again; there is one alert and one incident."""
    teller, proxy = far
    proxy.mode = cut(b"COMMIT")
    with pytest.raises(Retry):
        await teller.is_delivered()
    assert not any(teller.ledger.of(Accepted))
    proxy.mode = Mode()
    await teller.is_delivered()

    seen = look(copied_url, teller)
    assert (len(seen.alerts), len(seen.incidents), len(seen.pages)) == (1, 1, 1)
    assert broken(seen) == []


@CUT
async def test_a_ring_is_not_doubled(cut, far, copied_url):
    """The message was sent, and its record was cut off: it is not sent twice."""
    teller, proxy = far
    proxy.mode = mode = cut(b"COMMIT", armed_by=b"INSERT INTO rings")
    await teller.is_delivered()
    proxy.mode = Mode()
    assert mode.cuts == 1
    await teller.is_time(timedelta(seconds=20))

    seen = look(copied_url, teller)
    assert [post.room for post in seen.posts if post.page] == ["dm-bob"]
    assert [ring.result for ring in seen.rings] == ["sent"]
    assert broken(seen) == []
