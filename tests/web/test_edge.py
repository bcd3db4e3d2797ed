"""What every answer carries, and how every error looks."""

import gzip
import json
from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import StreamingResponse
from structlog.testing import capture_logs

from domain.errors import Invalid, NotAllowed, NotFound, Refused, Retry, Stale
from storage.store import Store
from tests.fakes.served import served
from tests.fakes.site import HOME, Site, build_site
from web.app import Terms

SECRET = "the secret of the database"
RAISED: dict[str, Exception] = {
    "invalid": Invalid("sev must be 1 to 5.", field="sev"),
    "missing": NotFound("There is no incident INC-9."),
    "forbidden": NotAllowed("Only a commander may."),
    "stale": Stale("It has moved on."),
    "refused": Refused("Not like that."),
    "busy": Retry("The database is busy."),
    "crash": RuntimeError(SECRET),
}


class Wanted(BaseModel):
    count: int


def probes() -> APIRouter:
    """Routes that do what the tests need."""
    router = APIRouter(prefix="/api/v1/probe")

    @router.get("/raise/{what}")
    async def fail(what: str) -> None:
        raise RAISED[what]

    @router.post("/typed")
    async def typed(wanted: Wanted) -> int:
        return wanted.count

    @router.get("/broken")
    async def broken() -> StreamingResponse:
        async def part() -> AsyncIterator[bytes]:
            yield b"half"
            raise RuntimeError(SECRET)

        return StreamingResponse(part())

    @router.get("/long")
    async def long() -> str:
        return "x" * 5000

    return router


@pytest.fixture
def site(company: Store) -> Site:
    """A site with probes behind it."""
    return build_site(company, routers=(probes(),))


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ("invalid", 422),
        ("missing", 404),
        ("forbidden", 403),
        ("stale", 409),
        ("refused", 422),
        ("busy", 503),
        ("crash", 500),
    ],
)
async def test_an_error_is_a_problem(site: Site, what: str, status: int) -> None:
    """Each kind of error has its status, and the shape of RFC 9457 with the request's id."""
    async with site.client("alice") as client:
        answer = await client.get(f"/api/v1/probe/raise/{what}")
    told = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, told["status"], told["type"]) == (status, status, "about:blank")
    assert told["request_id"] == answer.headers["X-Request-Id"]
    assert told["title"]
    assert told.get("field") == ("sev" if what == "invalid" else None)
    assert ("Retry-After" in answer.headers) == (what == "busy")


async def test_a_fault_of_ours_tells_nothing(site: Site) -> None:
    """500 says nothing of the inside; the log has it under the same request."""
    with capture_logs() as logs:
        async with site.client("alice") as client:
            answer = await client.get("/api/v1/probe/raise/crash")
    assert SECRET not in answer.text
    assert [one["event"] for one in logs] == ["request failed", "request"]
    assert logs[1]["request_id"] == answer.json()["request_id"]


async def test_a_fault_in_the_middle_of_an_answer_is_survived(site: Site) -> None:
    """An answer that breaks after it began is cut off and logged; the next one is whole."""
    headers = {"Authorization": "Bearer alice"}
    with capture_logs() as logs:
        async with served(site.app) as port:
            home = f"http://127.0.0.1:{port}"
            async with httpx2.AsyncClient(base_url=home, headers=headers) as client:
                with pytest.raises(httpx2.RemoteProtocolError):
                    await client.get("/api/v1/probe/broken")
                assert (await client.get("/livez")).status_code == 200
    assert logs[0]["event"] == "request failed"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b'{"count": "many"}', 422, "count"),
        (b"{}", 422, "count"),
        (b"{", 400, None),
        (b"\xff", 400, None),
        (b'{"count": ' + b"[" * 5000 + b"]" * 5000 + b"}", 400, None),
        (b'{"count": "\\u0000"}', 400, None),
        (b" " * (1024 * 1024 + 1), 413, None),
    ],
)
async def test_bodies_are_looked_at(
    site: Site, body: bytes, status: int, field: str | None
) -> None:
    """Broken, bottomless, huge and wrongly shaped bodies of the API are refused by name."""
    async with site.client("alice", **{"Content-Type": "application/json"}) as client:
        answer = await client.post("/api/v1/probe/typed", content=body)
    assert (answer.status_code, answer.json().get("field")) == (status, field)


async def test_a_written_escape_is_no_nul(site: Site) -> None:
    """Somebody may write about the characters backslash, u, 0000."""
    async with site.client("alice") as client:
        answer = await client.post("/api/v1/probe/typed", json={"count": "\\u0000"})
    assert answer.status_code == 422


async def test_a_nul_across_two_parts_is_seen(site: Site) -> None:
    """Cutting an escape in two hides nothing."""

    async def parts() -> AsyncIterator[bytes]:
        for part in (b'{"count": "\\u0', b'000"}'):
            yield part

    async with site.client("alice", **{"Content-Type": "application/json"}) as client:
        answer = await client.post("/api/v1/probe/typed", content=parts())
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/a/%00", "/login?next=%00", "/static/%00"])
async def test_an_address_has_no_nul(site: Site, path: str) -> None:
    """No database takes a NUL, so none comes in by an address."""
    async with site.client() as client:
        assert (await client.get(path)).status_code == 400


@pytest.mark.parametrize("path", ["/livez", "/login", "/a/wrong", "/hooks/none", "/api/v1/none"])
async def test_every_answer_carries_the_headers(site: Site, path: str) -> None:
    """Nothing inline, no frames, no sniffing, no referrer; nothing is kept by default."""
    async with site.client() as client:
        headers = (await client.get(path)).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Tocsin-Now"] == "2026-11-21T12:00:00+00:00"
    assert "Strict-Transport-Security" not in headers


async def test_tls_is_kept_to(store: Store) -> None:
    """Where the public address is https browsers are told to stay with it."""
    terms = Terms("https://tocsin.example", "0.1.0")
    async with build_site(store, terms).client() as client:
        headers = (await client.get("/livez")).headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_a_browser_gets_a_page(site: Site) -> None:
    """A person sees what happened and what to do, with the request's id."""
    async with site.client("alice", Accept="text/html") as client:
        answer = await client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["X-Request-Id"] in answer.text
    assert "There is nothing at this address." in answer.text


async def test_programs_get_json_whatever_they_accept(site: Site) -> None:
    """The API answers with problems even where a browser's Accept header asks for pages."""
    async with site.client("alice", Accept="text/html") as client:
        answer = await client.get("/api/v1/nowhere")
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_request_ids_differ(site: Site) -> None:
    """Each request has an id of its own, and none that the sender chose."""
    async with site.client(**{"X-Request-Id": "mine"}) as client:
        seen = {(await client.get("/livez")).headers["X-Request-Id"] for _ in range(3)}
    assert len(seen) == 3
    assert "mine" not in seen


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("[::1", 421),
        ("", 421),
    ],
)
async def test_the_demo_answers_to_loopback_names_only(
    store: Store, host: str, status: int
) -> None:
    """A name that was bound anew to 127.0.0.1 does not reach the demo."""
    site = build_site(store, Terms(HOME, "0.1.0", demo=True))
    async with site.client(Host=host) as client:
        assert (await client.get("/livez")).status_code == status
        assert (await client.post("/hooks/alertmanager")).status_code == (
            401 if status == 200 else 421
        )


async def test_logs_hold_no_secret(site: Site) -> None:
    """Tokens and codes in addresses are masked."""
    with capture_logs() as logs:
        async with site.client() as client:
            await client.post("/hooks/alertmanager/s3cret")
            await client.get("/a/s3cret")
            await client.get("/login?key=s3cret")
    assert [one["path"] for one in logs] == ["/hooks/alertmanager/***", "/a/***", "/login"]
    assert "s3cret" not in json.dumps(logs)


async def test_what_is_unremarkable_is_not_logged(site: Site) -> None:
    """Probes and the like leave no line; what fails does."""
    with capture_logs() as logs:
        async with site.client() as client:
            await client.get("/livez")
            await client.get("/static/none.css")
    assert [one["path"] for one in logs] == ["/static/none.css"]


async def test_routes_are_counted_by_their_pattern(site: Site) -> None:
    """Metrics get patterns: no id, no code, and nothing for what does not exist."""
    async with site.client("alice") as client:
        for path in ("/a/code", "/api/v1/probe/raise/stale", "/api/v1/none"):
            await client.get(path)
    assert site.vitals.seen == [
        ("/a/{code}", 404),
        ("/api/v1/probe/raise/{what}", 409),
        ("", 404),
    ]


async def test_long_answers_are_compressed(site: Site) -> None:
    """Whoever accepts gzip gets it."""
    async with site.client("alice", **{"Accept-Encoding": "gzip"}) as client:
        request = client.build_request("GET", "/api/v1/probe/long")
        answer = await client.send(request, stream=True)
        packed = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(packed) < 200 < len(gzip.decompress(packed))
