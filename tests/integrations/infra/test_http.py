"""Steps that ask by HTTP: once, of whom an admin allows, and never further than that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from domain.egress import is_public, may_reach
from domain.errors import Permanent
from domain.run import StepOrder
from domain.runbook import Action, HttpRequest
from integrations.infra.http import MOST_BYTES, HttpSteps
from integrations.trusting import trusted
from tests.fakes.mail_server import certified

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BIG = b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"\xff" * 300_000
AWAY = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
BROKEN = b"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno"


@dataclass
class Server:
    """Answers every connection with ``answer``, nothing at all where it is empty."""

    answer: bytes
    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    busy: list[Any] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.busy.append(asyncio.current_task())
        self.heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(self.answer)
        with suppress(OSError):
            if not self.answer:
                await reader.read()
            writer.close()
            await writer.wait_closed()


@asynccontextmanager
async def serving(answer: bytes) -> AsyncIterator[Server]:
    """A server on loopback."""
    made = Server(answer)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made
        await asyncio.gather(*made.busy)


def order(url: str, seconds: int = 30, **more: object) -> StepOrder:
    """An order to ask ``url``."""
    request = HttpRequest.model_validate({"url": url, **more})
    return StepOrder(key="k", action=Action(http=request), timeout=timedelta(seconds=seconds))


async def here(_host: str, _port: int) -> tuple[str, ...]:
    """Every name is this machine."""
    return ("127.0.0.1",)


STEPS = HttpSteps(hosts=("trino.internal",), resolve=here)


async def test_a_request_goes_out_once_as_it_stands():
    """To the address that was looked at, by the name that was written."""
    async with serving(OK) as server:
        url = f"http://trino.internal:{server.port}/a?b=c"
        done = await STEPS.perform(order(url, method="PUT", send={"a": [1]}, headers={"X-A": "b"}))
    assert (done.ok, done.detail, done.output) == (True, "answered 200", "ok")
    (heard,) = server.heard
    assert heard.startswith(b"PUT /a?b=c HTTP/1.1\r\n")
    assert f"Host: trino.internal:{server.port}\r\n".encode() in heard
    assert b"X-A: b\r\n" in heard


@pytest.mark.parametrize(
    ("answer", "expect", "ok", "told"),
    [
        (BROKEN, (), False, "answered 500"),
        (BROKEN, (500,), True, "answered 500"),
        (AWAY, (), False, "answered 302"),
        (BIG, (), True, "answered 200"),
    ],
)
async def test_what_each_answer_means(answer: bytes, expect: tuple[int, ...], ok: bool, told: str):
    """No redirect is followed; of a long answer only the beginning is read, whatever it is."""
    async with serving(answer) as server:
        done = await STEPS.perform(order(f"http://trino.internal:{server.port}/", expect=expect))
    assert (done.ok, done.detail) == (ok, told)
    assert len(done.output) <= MOST_BYTES


@pytest.mark.parametrize(("method", "ok"), [("GET", False), ("POST", None)])
async def test_of_an_answer_that_never_comes(method: str, ok: bool | None):
    """Whoever looked knows that nothing has changed; whoever changed does not."""
    async with serving(b"") as server:
        url = f"http://trino.internal:{server.port}/"
        done = await STEPS.perform(order(url, seconds=1, method=method))
    assert (done.ok, done.detail) == (ok, "no answer in time")


async def test_nobody_there_means_nothing_was_done():
    """As does a host without an address."""
    async with serving(OK) as server:
        port = server.port
    with pytest.raises(Permanent, match="not connected"):
        await STEPS.perform(order(f"http://trino.internal:{port}/"))

    async def nowhere(_host: str, _port: int) -> tuple[str, ...]:
        raise OSError("no such name")

    with pytest.raises(Permanent, match="has no address"):
        await HttpSteps(hosts=(), resolve=nowhere).perform(order("http://x.example/"))


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://127.1/",
        "http://2130706433/",
        "http://evil.trino.internal/",
        "http://trino.internal.evil.example/",
    ],
)
async def test_a_network_of_ones_own_is_closed(url: str):
    """Unless an admin has named exactly that host; nothing is sent (S8)."""
    with pytest.raises(Permanent, match="an admin names it"):
        await STEPS.perform(order(url))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1",
        "2001:0:0:0:0:0:80ff:fffe", "fe80::1%eth0", "nonsense", "",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str):
    """Also those that wrap another one."""
    assert not is_public(address)
    assert may_reach("db.internal", address, ("*.internal",))
    assert not may_reach("db.example", address, ("*.internal",))


def test_addresses_that_are():
    """Both kinds."""
    assert is_public("8.8.8.8")
    assert is_public("2606:4700::1111")


def test_certificates_of_ones_own_count(tmp_path, monkeypatch):
    """As for everything else that goes out."""
    _, mine = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(mine))
    trusted.cache_clear()
    try:
        assert [one["serialNumber"] for one in trusted().get_ca_certs()] == ["07"]
    finally:
        trusted.cache_clear()
