"""Requests made from the OpenAPI document, right and wrong: never a 5xx."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from tests.fakes.served import served
from tests.fakes.stores import opened
from tests.fakes.whole_site import whole_site

ALICE = {"Authorization": "Bearer alice"}
PATIENCE_S = 20
# one never ends, the other waits for everything that falls due meanwhile
ENDLESS = ("/api/v1/live", "/console/api/clock")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with everything, in a thread of its own."""
    path = tmp_path_factory.mktemp("fuzz") / "web.db"
    ready: Future[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(path, ready)))
    thread.start()
    port, loop, stop = ready.result(PATIENCE_S)
    yield f"http://127.0.0.1:{port}"
    loop.call_soon_threadsafe(stop.set)
    thread.join(PATIENCE_S)


@pytest.fixture(scope="module")
def document(address: str) -> Any:
    """The OpenAPI document that the server gives of itself."""
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json", headers=ALICE)
    return schema.exclude(path=list(ENDLESS))


async def _serve(path: Path, ready: Future[Any]) -> None:
    stop = asyncio.Event()
    async with opened(f"sqlite:///{path}") as store:
        site = await whole_site(store)
        async with served(site.app) as port:
            ready.set_result((port, asyncio.get_running_loop(), stop))
            await stop.wait()


@pytest.mark.timeout(300)
def test_no_request_breaks_anything(document: Any) -> None:
    """Whatever the document allows of each operation is answered."""
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) > 50
    for operation in operations:
        _ask(operation)


def _ask(operation: Any) -> None:
    @given(case=operation.as_strategy())
    @settings(max_examples=3, suppress_health_check=list(HealthCheck))
    def answered(case: Any) -> None:
        answer = case.call(headers=ALICE)
        assert answer.status_code < 500, (operation.label, answer.text)

    answered()
