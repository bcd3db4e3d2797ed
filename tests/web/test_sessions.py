"""Signing in and out: by password, and in the demo by a printed link or as somebody else."""

from dataclasses import dataclass, replace
from http.cookies import SimpleCookie

import httpx2
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from bot.passwords import hash_password, is_outdated, is_right
from storage.people import hashed
from storage.store import Store
from storage.tables.ledger import audit
from storage.tables.people import sessions
from tests.fakes.site import HOME, Site, build_site
from tests.fakes.stores import SYSTEM
from tests.fakes.whole_site import whole_site
from web.app import Terms, build
from web.ports import NewSession, Session, Token

PASSWORD = "correct horse battery"
FORM = {"name": "bob", "password": PASSWORD}
OURS = {"Origin": HOME}
PAGE = "/version"


@pytest.fixture(scope="session")
def hash_of_password() -> str:
    """The stored form of `PASSWORD`, made once because that takes a while."""
    return hash_password(PASSWORD)


@pytest.fixture
async def site(company: Store, hash_of_password: str) -> Site:
    """A site where bob has a password."""
    async with company.write(SYSTEM) as unit:
        bob = await unit.people.need("bob")
        await unit.people.save(bob.model_copy(update={"password_hash": hash_of_password}))
    return build_site(company)


def cookie_in(answer: httpx2.Response) -> SimpleCookie:
    return SimpleCookie(answer.headers.get("Set-Cookie", ""))


async def test_a_right_password_begins_a_session(site: Site) -> None:
    """After the form the browser is where it wanted to go, and known."""
    async with site.client(**OURS) as client:
        answer = await client.post("/login", data=FORM | {"next": "/incidents?status=open"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/incidents?status=open")
        assert (await client.get(PAGE)).status_code == 200


async def test_a_person_may_sign_in_by_e_mail(site: Site) -> None:
    """The e-mail address is a name too, in any case."""
    async with site.client(**OURS) as client:
        answer = await client.post("/login", data=FORM | {"name": " Bob@Example.com "})
    assert answer.status_code == 303


async def test_the_cookie_is_out_of_reach(site: Site) -> None:
    """No script reads it and no other site sends it with a form; only its hash is stored."""
    async with site.client(**OURS) as client:
        morsel = cookie_in(await client.post("/login", data=FORM))["tocsin_session"]
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "lax", "/")
    assert not morsel["secure"]
    async with site.store.read() as unit:
        kept = (await unit.scope.connection.execute(select(sessions.c.hash))).scalars().all()
    assert kept == [hashed(morsel.value)]


async def test_by_tls_the_cookie_belongs_to_this_host(site: Site) -> None:
    """Where the public address is https no neighbour can set or read the cookie."""
    secure = build_site(site.store, Terms("https://tocsin.example", "0.1.0"))
    async with secure.client(Origin="https://tocsin.example") as client:
        answer = await client.post("/login", data=FORM)
    morsel = cookie_in(answer)["__Host-tocsin"]
    assert morsel["secure"]
    assert not morsel["domain"]


@pytest.mark.parametrize(
    "change",
    [
        {"password": "wrong"},
        {"password": ""},
        {"password": PASSWORD * 200},
        {"name": "nobody"},
        {"name": "dave"},
        {"name": "%"},
        {"name": ""},
        {"name": "Bob Bob"},
    ],
)
async def test_a_wrong_login_says_the_same_for_all(site: Site, change: dict[str, str]) -> None:
    """Nobody learns whether the name, the password, or having one was the trouble."""
    async with site.client(**OURS) as client:
        answer = await client.post("/login", data=FORM | change)
    assert answer.status_code == 401
    assert "That name and password do not fit together." in answer.text
    assert not cookie_in(answer)


async def test_the_deactivated_cannot_sign_in(site: Site) -> None:
    """A right password is not enough for whoever has left."""
    async with site.store.write(SYSTEM) as unit:
        await unit.people.deactivate("bob")
    async with site.client(**OURS) as client:
        assert (await client.post("/login", data=FORM)).status_code == 401


async def test_tries_are_counted_by_address_and_name(site: Site) -> None:
    """After five tries one waits, even with the right password; others sign in meanwhile."""
    async with site.client(**OURS) as client:
        for _ in range(5):
            assert (await client.post("/login", data=FORM | {"name": "erin"})).status_code == 401
        answer = await client.post("/login", data=FORM | {"name": "ERIN"})
        assert (answer.status_code, int(answer.headers["Retry-After"]) > 5) == (429, True)
        assert (await client.post("/login", data=FORM)).status_code == 303


@dataclass(frozen=True)
class Nobody:
    """Credentials of an installation without people."""

    async def token(self, secret: str) -> Token | None:
        return None

    async def session(self, secret: str) -> Session | None:
        return None

    async def person(self, name: str, password: str) -> str | None:
        return None

    async def begin(self, user: str) -> NewSession | None:
        return None

    async def end(self, secret: str) -> None:
        return None


async def test_tries_are_counted_by_address(peopled: Site) -> None:
    """Many names from one address are as many tries."""
    app = build(replace(peopled.parts, credentials=Nobody()))
    async with replace(peopled, app=app).client(**OURS) as client:
        answers = [await client.post("/login", data={"name": f"n{n}"}) for n in range(31)]
    assert [one.status_code for one in answers] == [401] * 30 + [429]


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_no_other_site_signs_anybody_in(site: Site, headers: dict[str, str]) -> None:
    """A form on another page cannot make a browser somebody else's."""
    async with site.client(**headers) as client:
        answer = await client.post("/login", data=FORM)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/\n"]
)
async def test_nobody_is_sent_elsewhere(site: Site, target: str) -> None:
    """After signing in one stays here, whatever the form says."""
    async with site.client(**OURS) as client:
        answer = await client.post("/login", data=FORM | {"next": target})
    assert answer.headers["Location"] == "/"


async def test_signing_out_ends_the_session(site: Site) -> None:
    """The cookie is worth nothing afterwards, even for whoever kept a copy."""
    begun = await site.parts.credentials.begin("bob")
    assert begun is not None
    async with site.client(**OURS, **{"X-Tocsin-CSRF": begun.csrf}) as client:
        client.cookies.set("tocsin_session", begun.secret)
        assert (await client.post("/logout")).status_code == 303
        client.cookies.set("tocsin_session", begun.secret)
        assert (await client.get(PAGE)).status_code == 401


async def test_signing_in_again_makes_a_new_session(site: Site) -> None:
    """A secret that somebody planted or kept ends at the next login."""
    async with site.client(**OURS) as client:
        first = cookie_in(await client.post("/login", data=FORM))["tocsin_session"].value
        second = cookie_in(await client.post("/login", data=FORM))["tocsin_session"].value
    assert first != second
    assert await site.parts.credentials.session(first) is None
    assert await site.parts.credentials.session(second) is not None


async def test_a_login_is_audited(site: Site) -> None:
    """Who signed in stands in the audit trail."""
    async with site.client(**OURS) as client:
        await client.post("/login", data=FORM)
    async with site.store.read() as unit:
        query = select(audit.c.by, audit.c.subject).where(audit.c.action == "session_began")
        assert (await unit.scope.connection.execute(query)).all() == [("bob", "person:bob")]


async def test_an_old_hash_is_renewed(site: Site) -> None:
    """A password that was hashed with weaker parameters is hashed anew when it is used."""
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with site.store.write(SYSTEM) as unit:
        bob = await unit.people.need("bob")
        await unit.people.save(bob.model_copy(update={"password_hash": weak}))
    async with site.client(**OURS) as client:
        assert (await client.post("/login", data=FORM)).status_code == 303
    async with site.store.read() as unit:
        kept = (await unit.people.need("bob")).password_hash
    assert kept is not None
    assert not is_outdated(kept)
    assert is_right(PASSWORD, kept)


async def test_the_form_is_shown(site: Site) -> None:
    """The form keeps where one wanted to go, escaped."""
    async with site.client() as client:
        answer = await client.get("/login", params={"next": '/x"><script>'})
    assert answer.status_code == 200
    assert "<script>" not in answer.text


@pytest.fixture
async def demo(store: Store) -> Site:
    """The demo."""
    return await whole_site(store, demo=True)


async def test_the_demo_s_link_signs_in(demo: Site) -> None:
    """The link that the demo prints carries a token and begins a session of its person."""
    async with demo.client() as client:
        answer = await client.get("/login", params={"key": "alice", "next": "/chat"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/chat")
        assert (await client.get("/console/api/me")).json()["id"] == "alice"


async def test_a_browser_of_the_demo_needs_no_login(demo: Site) -> None:
    """Whoever opens the demo is alice at once, and stays who they are afterwards."""
    async with demo.client(Accept="text/html") as client:
        asked = await client.get("/chat?room=incidents")
        answer = await client.get(asked.headers["Location"])
        assert (answer.status_code, answer.headers["Location"]) == (303, "/chat?room=incidents")
        assert (await client.get("/console/api/me")).json()["id"] == "alice"


@pytest.mark.parametrize("key", ["wrong", "", "hooks-secret"])
async def test_other_links_do_not(demo: Site, key: str) -> None:
    """A wrong token, or one that belongs to no person, shows the form."""
    async with demo.client() as client:
        answer = await client.get("/login", params={"key": key})
    assert answer.status_code == 401
    assert not cookie_in(answer)


async def test_links_are_for_the_demo(peopled: Site) -> None:
    """In earnest no address carries a token that signs in."""
    async with peopled.client() as client:
        answer = await client.get("/login", params={"key": "alice"})
    assert (answer.status_code, bool(cookie_in(answer))) == (200, False)


async def test_in_the_demo_one_may_act_as_another(demo: Site) -> None:
    """The switch gives a session of the other person, and its form token."""
    async with demo.client("alice") as client:
        answer = await client.post("/console/api/act-as", json={"user": "carol"})
    secret = cookie_in(answer)["tocsin_session"].value
    async with demo.client(**OURS, **{"X-Tocsin-CSRF": answer.json()["csrf"]}) as client:
        client.cookies.set("tocsin_session", secret)
        assert (await client.get("/console/api/me")).json()["id"] == "carol"
        again = await client.post("/console/api/act-as", json={"user": "bob"})
        assert (again.status_code, again.json()["user"]) == (200, "bob")
    assert await demo.parts.credentials.session(secret) is None


async def test_nobody_acts_as_a_stranger(demo: Site) -> None:
    """Only known people can be acted as."""
    async with demo.client("alice") as client:
        answer = await client.post("/console/api/act-as", json={"user": "mallory"})
    assert (answer.status_code, answer.json()["field"]) == (404, "user")


async def test_acting_as_others_is_for_the_demo(peopled: Site) -> None:
    """In earnest there is no such address."""
    async with peopled.client("alice") as client:
        answer = await client.post("/console/api/act-as", json={"user": "bob"})
    assert answer.status_code == 404
