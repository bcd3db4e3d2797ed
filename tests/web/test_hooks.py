"""Deliveries at the door: what is taken is on disk, what is not leaves nothing behind."""

import base64
import hashlib
import hmac
import json
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

from bot.intake import Intake
from domain.actor import Scope
from integrations.alerts.discovery import sources
from storage.alerts import raw
from storage.store import Store
from storage.tables.alerts import deliveries
from storage.tables.ledger import jobs
from tests.fakes.site import HOOKS, Site, build_site, give_hooks_token, give_token
from tests.fakes.stores import SYSTEM, opened
from web.app import Terms
from web.hooks import Hooks, HooksTerms
from web.problem import Problem
from web.tokens import BELIEVED_S, Tokens

URL = "/hooks/alertmanager"
ONE = {"labels": {"alertname": "DiskFull"}, "startsAt": "2026-11-21T11:59:00Z"}
BODY: dict[str, Any] = {"version": "4", "status": "firing", "alerts": [ONE]}
JSON = {"Content-Type": "application/json"}


async def stored(store: Store) -> tuple[int, int]:
    """How many deliveries there are, and how many jobs."""
    async with store.read() as unit:
        counts = [select(func.count()).select_from(table) for table in (deliveries, jobs)]
        found = [(await unit.scope.connection.execute(one)).scalar_one() for one in counts]
    return found[0], found[1]


async def test_a_delivery_is_on_disk_when_it_is_answered(hooked: Site) -> None:
    """202 gives one id for each alert; delivery and job are committed."""
    async with hooked.client(HOOKS) as client:
        answer = await client.post(URL, json=BODY | {"alerts": [ONE, ONE], "truncatedAlerts": 3})
    told = answer.json()
    assert (answer.status_code, told["accepted"], told["truncated"]) == (202, 2, 3)
    assert len(set(told["ids"])) == 2
    assert await stored(hooked.store) == (1, 1)


async def test_the_body_is_kept_as_it_came(hooked: Site) -> None:
    """The bytes can be read again."""
    sent = b' {"alerts": [] }\n'
    async with hooked.client(HOOKS) as client:
        await client.post(URL, content=sent, headers=JSON)
    async with hooked.store.read() as unit:
        row = (await unit.scope.connection.execute(select(deliveries))).mappings().one()
    assert raw(row["body"]) == sent


async def test_a_token_s_name_is_its_integration(hooked: Site) -> None:
    """Two Alertmanagers with tokens of their own do not share fingerprints."""
    await give_hooks_token(hooked.store, "europe", "alertmanager")
    for secret in ("europe", HOOKS):
        async with hooked.client(secret) as client:
            await client.post(URL, json=BODY)
    async with hooked.store.read() as unit:
        query = select(deliveries.c.integration).order_by(deliveries.c.id)
        named = (await unit.scope.connection.execute(query)).scalars().all()
    assert named == ["alertmanager/europe", f"alertmanager/{HOOKS}"]


async def test_an_unknown_shape_is_kept_raw(hooked: Site) -> None:
    """A valid body that nobody understands is accepted, and marked."""
    async with hooked.client(HOOKS) as client:
        answer = await client.post(URL, json={"hello": "world"})
    assert answer.status_code == 202
    assert (answer.json()["accepted"], answer.json()["understood"]) == (1, False)
    async with hooked.store.read() as unit:
        kept = select(deliveries.c.understood)
        assert (await unit.scope.connection.execute(kept)).scalar_one() is False


def basic(name: str, password: str) -> dict[str, str]:
    pair = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        (URL, {"Authorization": f"Bearer {HOOKS}"}),
        (URL, {"Authorization": f"bearer {HOOKS}"}),
        (URL, basic("alertmanager", HOOKS)),
        (URL, basic(HOOKS, "")),
        (f"{URL}/{HOOKS}", {}),
    ],
)
async def test_a_token_is_shown_in_many_ways(
    hooked: Site, url: str, headers: dict[str, str]
) -> None:
    """Bearer, Basic and the address itself carry the token."""
    async with hooked.client() as client:
        assert (await client.post(url, json=BODY, headers=headers)).status_code == 202


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Bearer {HOOKS[:-1]}"},
        {"Authorization": f"Token {HOOKS}"},
        {"Authorization": "Basic ***"},
        {"Authorization": "Basic /////w=="},
        {"Authorization": "Bearer \xff\xfe"},
        {"Authorization": "Bearer " + "9" * 5000},
        {"X-PagerDuty-Signature": "v1=00"},
    ],
)
@pytest.mark.parametrize("source", sorted(sources()))
async def test_nothing_is_taken_without_a_valid_token(
    hooked: Site, source: str, headers: dict[str, str]
) -> None:
    """Missing, wrong and broken credentials are 401 for every source, and leave no row."""
    raw_headers = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    async with hooked.client() as client:
        answer = await client.post(f"/hooks/{source}", json=BODY, headers=raw_headers)
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["WWW-Authenticate"]
    assert await stored(hooked.store) == (0, 0)


async def test_a_repeated_credential_counts_as_none(hooked: Site) -> None:
    """Two Authorization headers are refused: nobody could say which one counts."""
    twice = [("Authorization", f"Bearer {HOOKS}"), ("Authorization", "Bearer wrong")]
    async with hooked.client() as client:
        assert (await client.post(URL, json=BODY, headers=twice)).status_code == 401


async def test_a_token_sends_for_its_own_source(hooked: Site) -> None:
    """A token of one source is no token for another."""
    await give_hooks_token(hooked.store, "grafana-only", "grafana")
    async with hooked.client("grafana-only") as client:
        assert (await client.post(URL, json=BODY)).status_code == 401
        assert (await client.post("/hooks/grafana", json=BODY)).status_code == 202


async def test_a_person_s_token_is_no_source(peopled: Site) -> None:
    """Even a token with every right names no source, so it cannot send alerts."""
    async with peopled.client("alice") as client:
        assert (await client.post(URL, json=BODY)).status_code == 401


async def test_an_expired_token_is_refused(hooked: Site) -> None:
    """After its 90 days a token is worth nothing."""
    hooked.store.clock.move(days=91)  # type: ignore[attr-defined]
    async with hooked.client(HOOKS) as client:
        assert (await client.post(URL, json=BODY)).status_code == 401


async def test_a_revoked_token_is_refused_within_five_seconds(store: Store, hooked: Site) -> None:
    """A token seen a moment ago is believed for less than five seconds."""
    seconds = [100.0]
    tokens = Tokens(hooked.parts.credentials, lambda: seconds[0])
    token = await tokens.find(HOOKS)
    assert token is not None
    async with store.write(SYSTEM) as unit:
        await unit.people.revoke(token.id)
    assert await tokens.find(HOOKS) == token
    seconds[0] += BELIEVED_S
    assert BELIEVED_S < 5
    assert await tokens.find(HOOKS) is None


async def test_the_last_use_of_a_token_is_noted(hooked: Site) -> None:
    """Whoever looks at the tokens sees when each was last used."""
    async with hooked.client(HOOKS) as client:
        await client.post(URL, json=BODY)
    async with hooked.store.read() as unit:
        (token,) = await unit.people.tokens()
    assert token.last_used_at == hooked.store.clock.now()


async def refused(site: Site, **request: Any) -> httpx2.Response:
    """Send something that is not taken; nothing of it may be stored."""
    async with site.client(HOOKS) as client:
        answer = await client.request(**{"method": "POST", "url": URL} | request)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
    assert await stored(site.store) == (0, 0)
    return answer


async def test_an_unknown_source_is_not_found(hooked: Site) -> None:
    """404 names the sources there are."""
    answer = await refused(hooked, url="/hooks/nagios", json=BODY)
    assert answer.status_code == 404
    assert "alertmanager" in answer.json()["detail"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
async def test_deliveries_are_posted(hooked: Site, method: str) -> None:
    """Another method is 405 and says which one to use."""
    async with hooked.client(HOOKS) as client:
        answer = await client.request(method, URL)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"alerts": [}',
        b"alerts=1",
        b"\xff\xfe{}",
        b'{"alerts": NaN}',
        b'{"alerts": Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 1, "a": 2}',
        b"[" * 33 + b"]" * 33,
        b"[" * 200_000 + b"]" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a": "\x00"}',
        json.dumps(BODY).encode()[:-1],
    ],
)
async def test_what_is_not_json_is_a_bad_request(hooked: Site, body: bytes) -> None:
    """Broken, ambiguous, infinite and bottomless bodies are 400."""
    answer = await refused(hooked, content=body, headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("The body is not JSON: ")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"alerts": "none"}, "alerts"),
        ({"alerts": [7]}, "alerts[0]"),
        ({"alerts": [{}]}, "alerts[0].labels"),
        ({"alerts": [ONE, ONE | {"labels": {"a": 1}}]}, "alerts[1].labels.a"),
        ({"alerts": [ONE | {"startsAt": "soon"}]}, "alerts[0].startsAt"),
        ({"alerts": [ONE | {"status": "burning"}]}, "alerts[0].status"),
    ],
)
async def test_a_wrong_shape_names_the_field(
    hooked: Site, change: dict[str, Any], field: str
) -> None:
    """422 says where; nothing of a body is taken when a part of it is wrong."""
    answer = await refused(hooked, json=BODY | change)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/xml"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_other_content_is_unsupported(hooked: Site, headers: dict[str, str]) -> None:
    """Only JSON in plain UTF-8 is read."""
    answer = await refused(hooked, content=json.dumps(BODY), headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize("url", ["/hooks/alertmanager", "/hooks/pagerduty"])
async def test_who_sends_is_asked_before_what_is_sent(store: Store, url: str) -> None:
    """Without a token or a right signature the answer is 401, whatever the content type."""
    terms = Terms("http://127.0.0.1", "0.1.0", signing={"pagerduty": ("new",)})
    xml = {"Content-Type": "application/xml"}
    async with build_site(store, terms).client() as client:
        assert (await client.post(url, content=b"<x/>", headers=xml)).status_code == 401


@pytest.mark.parametrize(
    "kind",
    ["", "application/json", 'Application/JSON; charset="UTF-8"', "application/cloudevents+json",
     "text/plain; charset=utf-8"],
)  # fmt: skip
async def test_json_comes_under_many_names(hooked: Site, kind: str) -> None:
    """Senders name JSON in their own ways, or not at all."""
    headers = {"Content-Type": kind} if kind else {}
    async with hooked.client(HOOKS) as client:
        sent = json.dumps(BODY).encode()
        assert (await client.post(URL, content=sent, headers=headers)).status_code == 202


async def test_a_large_body_is_taken_whole(hooked: Site) -> None:
    """Just under 1 MiB is taken, and read beside the other requests."""
    many = [ONE | {"labels": {"alertname": f"A{n}"}} for n in range(9000)]
    async with hooked.client(HOOKS) as client:
        answer = await client.post(URL, json=BODY | {"alerts": many})
    assert answer.json()["accepted"] == 9000


async def test_a_huge_body_is_too_large(hooked: Site) -> None:
    """Over 1 MiB is 413 by its announced size, before it is read."""
    answer = await refused(hooked, content=b" " * (1024 * 1024 + 1), headers=JSON)
    assert answer.status_code == 413


async def test_a_body_of_unknown_size_is_counted(hooked: Site) -> None:
    """A chunked body is 413 as soon as it passes 1 MiB."""

    async def endless() -> Any:
        for _ in range(20):
            yield b" " * 65536

    answer = await refused(hooked, content=endless(), headers=JSON)
    assert answer.status_code == 413


def signed(secret: str, body: bytes) -> dict[str, str]:
    mac = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return JSON | {"X-PagerDuty-Signature": f"v1={mac}"}


PAGERDUTY = json.dumps(
    {"event": {"event_type": "incident.triggered", "data": {"type": "incident", "id": "P1",
     "status": "triggered", "title": "Disk"}}}
).encode()  # fmt: skip


@pytest.mark.parametrize(
    ("secret", "body", "status"),
    [
        ("new", PAGERDUTY, 202),
        ("old", PAGERDUTY, 202),
        ("wrong", PAGERDUTY, 401),
        ("new", PAGERDUTY + b" ", 401),
    ],
)
async def test_a_sender_s_signature_is_proof(
    store: Store, secret: str, body: bytes, status: int
) -> None:
    """A body signed with the current or the previous secret is taken, any other is not."""
    terms = Terms("http://127.0.0.1", "0.1.0", signing={"pagerduty": ("new", "old")})
    async with build_site(store, terms).client() as client:
        headers = signed(secret, PAGERDUTY)
        answer = await client.post("/hooks/pagerduty", content=body, headers=headers)
    assert answer.status_code == status
    assert await stored(store) == ((1, 1) if status == 202 else (0, 0))


async def test_what_is_signed_must_be_json_too(store: Store) -> None:
    """The signature is right, the content type is not."""
    terms = Terms("http://127.0.0.1", "0.1.0", signing={"pagerduty": ("new",)})
    async with build_site(store, terms).client() as client:
        headers = signed("new", PAGERDUTY) | {"Content-Type": "application/xml"}
        answer = await client.post("/hooks/pagerduty", content=PAGERDUTY, headers=headers)
    assert answer.status_code == 415


async def test_a_full_queue_sends_away(store: Store) -> None:
    """503 with Retry-After where nothing more may wait."""
    full = build_site(store, intake=Intake(store, room=0))
    answer = await refused(full, json=BODY)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


async def test_bodies_together_are_bounded(hooked: Site) -> None:
    """503 where the bodies being taken in would hold more memory than is set aside."""
    terms = HooksTerms(sources=sources(), secrets={}, most_held=100)
    hooks = Hooks(terms, Tokens(hooked.parts.credentials), hooked.intake, hooked.store.clock)
    problem = await problem_of(hooks, json.dumps(BODY).encode() * 2)
    assert (problem.status_code, hooks.held) == (503, 0)


async def test_a_token_has_its_pace(hooked: Site) -> None:
    """429 with Retry-After for a token that sends faster than it may."""
    terms = HooksTerms(sources=sources(), secrets={}, per_second=0.25)
    hooks = Hooks(terms, Tokens(hooked.parts.credentials), hooked.intake, hooked.store.clock)
    problem = await problem_of(hooks, json.dumps(BODY).encode())
    assert problem.status_code == 429
    assert problem.headers is not None
    assert problem.headers["Retry-After"] == "2"


async def problem_of(hooks: Hooks, body: bytes) -> Problem:
    """What the endpoint raises for a body of alerts."""
    headers = [(b"authorization", b"Bearer " + HOOKS.encode())]
    scope = {"type": "http", "method": "POST", "path": URL, "headers": headers, "state": {}}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    with pytest.raises(Problem) as raised:
        await hooks(scope, receive, send)
    return raised.value


async def test_scopes_other_than_events_do_not_send(store: Store) -> None:
    """A token of a source must have the scope for events."""
    await give_token(store, "nobody", "reader", Scope.READ)
    async with build_site(store).client("reader") as client:
        assert (await client.post(URL, json=BODY)).status_code == 401


async def test_the_answer_is_counted_by_its_route(hooked: Site) -> None:
    """Metrics know source and status, never a token in the address."""
    async with hooked.client() as client:
        await client.post(f"{URL}/{HOOKS}", json=BODY)
        await client.post(f"{URL}/wrong", json=BODY)
    assert hooked.vitals.seen == [("/hooks/alertmanager", 202), ("/hooks/alertmanager", 401)]


@pytest.mark.postgres
@pytest.mark.parametrize("odd", ["\\u0000", "\\ud800", "\\ud83d\\ude00", "\\uffff", "'; --"])
async def test_postgresql_takes_what_sqlite_takes(postgres_url: str, odd: str) -> None:
    """NUL and half surrogates, which PostgreSQL cannot store, cost no alert."""
    body = f'{{"alerts": [{{"labels": {{"alertname": "{odd}", "{odd}": "x"}}}}]}}'
    async with opened(postgres_url) as store:
        await give_hooks_token(store)
        async with build_site(store).client(HOOKS) as client:
            answer = await client.post(URL, content=body.encode(), headers=JSON)
        assert answer.status_code == 202
        assert await stored(store) == (1, 1)
