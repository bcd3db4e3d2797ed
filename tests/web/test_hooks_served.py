"""The hooks behind a real server: broken connections, large bodies, many senders."""

import asyncio
import json
from collections import Counter

import httpx2
from sqlalchemy import func, select

from bot.intake import Intake
from integrations.alerts.discovery import sources
from storage.store import Store
from storage.tables.alerts import deliveries
from tests.fakes.served import served
from tests.fakes.site import HOOKS, Site, build_site
from web.app import Doors
from web.edge import Edge, EdgeTerms
from web.hooks import Hooks, HooksTerms
from web.tokens import Tokens

URL = "/hooks/alertmanager"
BODY = json.dumps({"alerts": [{"labels": {"alertname": "DiskFull"}}]}).encode()
HEAD = (
    f"POST {URL} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {HOOKS}\r\n"
    "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
)


async def rows(store: Store) -> int:
    async with store.read() as unit:
        query = select(func.count()).select_from(deliveries)
        return int((await unit.scope.connection.execute(query)).scalar_one())


def client(port: int) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {HOOKS}", "Content-Type": "application/json"}
    return httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers)


async def test_many_senders_at_once(hooked: Site) -> None:
    """Two hundred deliveries over many connections: every 202 is a row."""
    async with served(hooked.app) as port, client(port) as sender:
        answers = await asyncio.gather(*(sender.post(URL, content=BODY) for _ in range(200)))
    assert Counter(answer.status_code for answer in answers) == {202: 200}
    assert await rows(hooked.store) == 200


async def test_a_body_that_is_cut_off_is_nothing(hooked: Site) -> None:
    """A sender that goes away in the middle leaves nothing; the next one is served."""
    async with served(hooked.app) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write((HEAD % len(BODY)).encode() + BODY[:-5])
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        async with client(port) as sender:
            assert (await sender.post(URL, content=BODY)).status_code == 202
    assert await rows(hooked.store) == 1


async def test_a_body_that_does_not_come_is_given_up(hooked: Site) -> None:
    """408 for a sender that announces a body and never sends it."""
    terms = HooksTerms(sources=sources(), secrets={}, slowest_s=0.05)
    parts = hooked.parts
    hooks = Hooks(terms, Tokens(parts.credentials), hooked.intake, parts.clock)
    edge = Edge(Doors(hooks, hooks), EdgeTerms(), parts.clock, parts.ids, parts.vitals)
    async with served(edge) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write((HEAD % len(BODY)).encode() + BODY[:1])
        await writer.drain()
        assert b" 408 " in await reader.readline()
        writer.close()
        await writer.wait_closed()
    assert (await rows(hooked.store), hooks.held) == (0, 0)


async def test_a_huge_body_can_read_its_refusal(hooked: Site) -> None:
    """413 reaches a sender that is still sending; the connection goes on to be of use."""
    async with served(hooked.app) as port, client(port) as sender:
        answer = await sender.post(URL, content=b" " * (5 * 1024 * 1024))
        assert answer.status_code == 413
        assert (await sender.post(URL, content=BODY)).status_code == 202


async def test_overload_refuses_and_loses_nothing(store: Store) -> None:
    """More than there is room for: only 202 and 503 with Retry-After, and all that was accepted
    is stored; health is answered meanwhile."""
    site = build_site(store, intake=Intake(store, room=5))
    async with served(site.app) as port, client(port) as sender:
        burst = [sender.post(URL, content=BODY) for _ in range(300)]
        *answers, health = await asyncio.gather(*burst, sender.get("/healthz"))
    counted = Counter(answer.status_code for answer in answers)
    assert set(counted) == {202, 503}
    assert all("Retry-After" in one.headers for one in answers if one.status_code == 503)
    assert await rows(store) == counted[202]
    assert health.status_code == 200


async def test_malformed_requests_do_not_reach_us(hooked: Site) -> None:
    """What is no HTTP is answered 400 by the server and leaves nothing."""
    async with served(hooked.app) as port:
        for sent in (b"POST\r\n\r\n", b"\x00\x01\x02\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            assert b" 400 " in await reader.readline()
            writer.close()
            await writer.wait_closed()
    assert await rows(hooked.store) == 0
