"""Who gets in: nobody by default, and by cookie only what our own pages ask for."""

import re
from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from domain.actor import Scope
from storage.store import Store
from tests.fakes.site import Site, build_site, give_hooks_token, give_token
from tests.fakes.stores import SYSTEM
from tests.fakes.whole_site import whole_site
from web.app import Parts, application
from web.gate import Acting, Calling, comes_from_us
from web.tokens import Tokens

OPEN = {
    "/healthz",
    "/livez",
    "/readyz",
    "/login",
    "/a/{code}",
    "/ical/{name}",
    "/a/test/{code}",
    "/a/acknowledged/{codes}",
    "/a/acknowledged/test/{code}",
    "/static/{path:path}",
    "/slack/events",
    "/teams/messages",
    "/twilio/sms",
    "/twilio/status",
    "/twilio/voice/{codes}",
    "/twilio/voice/test/{code}",
}


NEEDED = {
    "/version",
    "/metrics",
    "/docs",
    "/openapi.json",
    "/logout",
    "/console/api/act-as",
    "/console/api/say",
    "/api/v1/commands",
    "/api/v1/live",
    "/api/v1/incidents/{key}",
}


def probes() -> APIRouter:
    """A page, and a change by form and by JSON."""
    router = APIRouter(prefix="/api/v1/probe")

    @router.get("")
    async def who(actor: Acting) -> str:
        return actor.by

    @router.post("")
    async def change(caller: Calling, body: dict[str, str]) -> dict[str, str]:
        return body | {"by": caller.actor.by}

    return router


@pytest.fixture
def site(company: Store) -> Site:
    """A site with probes behind it."""
    return build_site(company, routers=(probes(),))


@pytest.fixture
async def everything(store: Store) -> Site:
    """The demo with its API, chat and live stream."""
    return await whole_site(store, demo=True)


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    """Bob's browser: it has a session."""
    begun = await site.parts.credentials.begin("bob")
    assert begun is not None
    async with site.client(**{"Sec-Fetch-Site": "same-origin"}) as client:
        client.cookies.set("tocsin_session", begun.secret)
        client.headers["X-Tocsin-CSRF"] = begun.csrf
        yield client


def routes_of(parts: Parts) -> list[APIRoute]:
    """Every route of the application, those of included routers too."""

    def walk(routes: list[BaseRoute]) -> list[APIRoute]:
        found: list[APIRoute] = []
        for route in routes:
            inner = getattr(route, "routes", None) or getattr(
                getattr(route, "original_router", None), "routes", []
            )
            found += [route] if isinstance(route, APIRoute) else walk(list(inner))
        return found

    return walk(application(parts, Tokens(parts.credentials)).router.routes)


async def test_nothing_else_is_open(everything: Site) -> None:
    """Of all routes only the named ones answer without a token or session, by any method."""
    routes = routes_of(everything.parts)
    assert {route.path for route in routes} >= NEEDED
    async with everything.client() as client:
        for route in routes:
            path = re.sub(r"\{[^}]*\}", "x", route.path)
            for method in route.methods or ():
                client.cookies.clear()
                answer = await client.request(method, path)
                assert (answer.status_code == 401) == (route.path not in OPEN), (method, path)


async def test_what_does_not_exist_is_not_told(site: Site) -> None:
    """Without a credential an unknown address answers as any other does."""
    async with site.client() as client:
        assert (await client.get("/api/v1/none")).status_code == 401
        assert (await client.get("//healthz")).status_code == 401


@pytest.mark.parametrize("query", ["verbose", "verbose=1", "x=1&verbose"])
async def test_a_talkative_readiness_needs_a_token(site: Site, query: str) -> None:
    """Readiness is open, its details are not."""
    async with site.client() as client:
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get(f"/readyz?{query}")).status_code == 401


async def test_a_browser_is_sent_to_sign_in_and_back(site: Site) -> None:
    """A page asked for without a session leads to the login and returns afterwards."""
    async with site.client(Accept="text/html") as client:
        answer = await client.get("/incidents?status=open")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login?next=/incidents%3Fstatus%3Dopen"


async def test_a_token_acts_as_its_person(site: Site) -> None:
    """The actor comes from the credential; what a body claims changes nothing."""
    async with site.client("bob") as client:
        assert (await client.get("/api/v1/probe")).json() == "bob"
        told = await client.post("/api/v1/probe", json={"user": "alice", "by": "alice"})
    assert told.json() == {"user": "alice", "by": "bob"}


async def test_a_token_brings_only_its_scopes(site: Site) -> None:
    """Reading needs the scope for it."""
    await give_token(site.store, "bob", "writer", Scope.WRITE)
    async with site.client("writer") as client:
        assert (await client.get("/api/v1/probe")).status_code == 403
        assert (await client.post("/api/v1/probe", json={})).status_code == 200


async def test_a_sending_token_reads_nothing(site: Site) -> None:
    """A token of a source is write-only."""
    await give_hooks_token(site.store, "hooks")
    async with site.client("hooks") as client:
        assert (await client.get("/api/v1/probe")).status_code == 403
        assert (await client.get("/metrics")).status_code == 403


@pytest.mark.parametrize(
    "said", ["Bearer wrong", "Bearer", "Basic Ym9iOmJvYg==", "Digest x", "bob", "Bearer \xe9"]
)
async def test_a_bad_token_is_not_saved_by_a_cookie(browser: httpx2.AsyncClient, said: str) -> None:
    """Whoever shows a token is judged by it; Basic is for senders only."""
    headers = {b"Authorization": said.encode("latin-1")}
    answer = await browser.get("/api/v1/probe", headers=headers)
    assert answer.status_code == 401


async def test_the_deactivated_are_out_at_once(site: Site, browser: httpx2.AsyncClient) -> None:
    """Deactivation ends sessions and tokens."""
    async with site.store.write(SYSTEM) as unit:
        await unit.people.deactivate("bob")
    assert (await browser.get("/api/v1/probe")).status_code == 401
    async with site.client("bob") as client:
        assert (await client.get("/api/v1/probe")).status_code == 401


async def test_a_session_ends(site: Site, browser: httpx2.AsyncClient) -> None:
    """After two weeks one signs in again."""
    assert (await browser.get("/api/v1/probe")).json() == "bob"
    site.store.clock.move(days=15)  # type: ignore[attr-defined]
    assert (await browser.get("/api/v1/probe")).status_code == 401


async def test_our_own_page_may_change_things(browser: httpx2.AsyncClient) -> None:
    """With the form token and from our own pages a cookie is enough."""
    answer = await browser.post("/api/v1/probe", json={"a": "b"})
    assert answer.json() == {"a": "b", "by": "bob"}


@pytest.mark.parametrize("token", ["", "wrong", "\xe9"])
async def test_a_change_needs_the_form_token(browser: httpx2.AsyncClient, token: str) -> None:
    """A missing or wrong form token is refused, wherever the request comes from."""
    headers = {b"X-Tocsin-CSRF": token.encode("latin-1")}
    del browser.headers["X-Tocsin-CSRF"]
    assert (await browser.post("/api/v1/probe", json={}, headers=headers)).status_code == 403


async def test_another_session_s_form_token_is_none(
    site: Site, browser: httpx2.AsyncClient
) -> None:
    """The form token belongs to one session."""
    other = await site.parts.credentials.begin("bob")
    assert other is not None
    headers = {"X-Tocsin-CSRF": other.csrf}
    assert (await browser.post("/api/v1/probe", json={}, headers=headers)).status_code == 403


FOREIGN: list[dict[str, str]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "http://127.0.0.1:9000"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://127.0.0.1:8000.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": ""},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_no_other_site_changes_anything(everything: Site, headers: dict[str, str]) -> None:
    """Every changing route refuses a cookie that another site uses, even with the form token."""
    begun = await everything.parts.credentials.begin("alice")
    assert begun is not None
    routes = [one for one in routes_of(everything.parts) if one.path not in OPEN]
    changing = [one for one in routes if "POST" in (one.methods or ())]
    assert len(changing) > 5
    async with everything.client(**headers, **{"X-Tocsin-CSRF": begun.csrf}) as client:
        client.cookies.set("tocsin_session", begun.secret)
        for route in changing:
            path = re.sub(r"\{[^}]*\}", "x", route.path)
            answer = await client.post(path, json={})
            assert (answer.status_code, path) == (403, path)


async def test_routes_change_by_post_alone(everything: Site) -> None:
    """No route takes another changing method, so the test above sees them all."""
    methods = {method for route in routes_of(everything.parts) for method in route.methods or ()}
    assert methods == {"GET", "HEAD", "POST"}


async def test_a_form_carries_its_token_itself(browser: httpx2.AsyncClient) -> None:
    """Without script the hidden field stands for the header; the body still arrives whole."""
    csrf = browser.headers.pop("X-Tocsin-CSRF")
    answer = await browser.post("/logout", data={"csrf": "wrong"})
    assert answer.status_code == 403
    answer = await browser.post("/logout", data={"csrf": csrf})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")


async def test_other_forms_do_not_carry_it(browser: httpx2.AsyncClient) -> None:
    """A token hidden in a multipart or plain body is not looked for."""
    csrf = browser.headers.pop("X-Tocsin-CSRF")
    answer = await browser.post("/logout", files={"csrf": (None, csrf)})
    assert answer.status_code == 403
    answer = await browser.post(
        "/logout", content=f"csrf={csrf}", headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 403


async def test_tokens_need_no_form_token(site: Site) -> None:
    """Other sites cannot make a browser send a bearer token."""
    async with site.client("bob", Origin="https://evil.example") as client:
        assert (await client.post("/api/v1/probe", json={})).status_code == 200


@pytest.mark.parametrize(
    ("headers", "reads", "changes"),
    [
        ({}, True, False),
        ({"origin": "https://tocsin.example"}, True, True),
        ({"origin": "http://inside:8000", "host": "inside:8000"}, True, True),
        ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, False, False),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, True, True),
        ({"origin": "null"}, False, False),
        ({"sec-fetch-site": "none"}, True, True),
        ({"sec-fetch-site": "cross-site"}, True, False),
    ],
)
def test_where_a_request_comes_from(headers: dict[str, str], reads: bool, changes: bool) -> None:
    """Links from elsewhere may read; only what is known to be ours may change."""
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "headers": raw}
    ours = "https://tocsin.example"
    assert comes_from_us(scope, ours, must_say=False) is reads
    assert comes_from_us(scope, ours, must_say=True) is changes
