"""Approvals over HTTP: in the contract's shape, for those who may read, and on the first page."""

import pytest

from bot.credentials import StoredCredentials
from domain.actor import Scope
from domain.guard import Approver, Guard
from storage.store import Store
from tests.fakes.site import Site, give_token
from tests.fakes.stores import SYSTEM
from tests.fakes.whole_site import whole_site

APPROVAL = {
    "id", "command", "plan", "plan_hash", "asked_by", "needs", "grants", "status", "expires_at",
}  # fmt: skip
HTML = {"Accept": "text/html"}


@pytest.fixture
async def site(store: Store) -> Site:
    """Bob's note on the public incident waits, and so does one on the private."""
    made = await whole_site(store)
    by = (Approver(kind="role", id="responder"),)
    async with store.write(SYSTEM) as unit:
        await unit.guards.put(Guard(id="notes", command="incident note", approvers=by))
    for incident, person in (("INC-1", "bob"), ("INC-2", "bob")):
        asked = await typed(made, person, f"/incident note {incident} words of {incident}")
        assert asked["approval"], asked
    return made


async def typed(site: Site, person: str, line: str) -> dict[str, object]:
    """What a line comes to over the API."""
    async with site.client(person) as client:
        answer = await client.post("/api/v1/commands", json={"line": line})
    found: dict[str, object] = answer.json()
    return found


async def test_a_held_call_says_so(site: Site) -> None:
    """It is not refused, names its approval, and asks for no other the second time."""
    again = await typed(site, "bob", "/incident note INC-1 words of INC-1")
    assert (again["refused"], again["reason"], again["approval"]) == (False, "", "APR-1")


async def test_approvals_have_the_contracts_shape(site: Site) -> None:
    """Alone and in the list, newest first, filtered by status."""
    async with site.client("carol") as client:
        one = (await client.get("/api/v1/approvals/APR-1")).json()
        listed = (await client.get("/api/v1/approvals?status=pending")).json()
        none = (await client.get("/api/v1/approvals?status=executed")).json()
    assert one.keys() >= APPROVAL
    assert (one["command"], one["asked_by"], one["needs"]) == ("incident note", "bob", 1)
    assert one["plan"] == '/incident note INC-1 "words of INC-1"'
    assert [row["id"] for row in listed["items"]] == ["APR-2", "APR-1"]
    assert none["items"] == []


@pytest.mark.parametrize("person", ["alice", "dave"])
async def test_a_private_incidents_approval_does_not_exist_for_others(
    site: Site, person: str
) -> None:
    """Neither alone nor in the list nor on the first page."""
    async with site.client(person) as client:
        assert (await client.get("/api/v1/approvals/APR-2")).status_code == 404
        listed = (await client.get("/api/v1/approvals")).json()
        page = (await client.get("/", headers=HTML)).text
    assert [row["id"] for row in listed["items"]] == ["APR-1"]
    assert "APR-2" not in page


async def test_a_member_reads_none(site: Site) -> None:
    """What waits for whom is for people who are linked (rule 1)."""
    async with site.client("erin") as client:
        assert (await client.get("/api/v1/approvals")).status_code == 403
        assert "APR-1" not in (await client.get("/", headers=HTML)).text


async def test_it_stands_on_the_first_page_until_it_is_decided(site: Site) -> None:
    """With what may be pressed by whoever reads."""
    async with site.client("alice", **HTML) as client:
        before = (await client.get("/")).text
        await typed(site, "alice", "/approval grant APR-1")
        after = (await client.get("/")).text
    assert "APR-1" in before
    assert "v1:approval.show:APR-1" in before
    assert "v1:approval.deny:APR-1" in before
    assert "APR-1" not in after
    async with site.client("dave", **HTML) as client:
        assert "v1:approval.deny" not in (await client.get("/")).text


async def test_a_token_without_the_scope_approves_nothing(site: Site) -> None:
    """Neither by line nor by call; `approve` is implied by no other scope (rule 13)."""
    every_other = [one for one in Scope if one is not Scope.APPROVE]
    await give_token(site.store, "alice", "weak", *every_other)
    refused = await typed(site, "weak", "/approval grant APR-1")
    assert (refused["refused"], refused["reason"]) == (True, "not_allowed")
    async with site.client("weak") as client:
        called = await client.post("/api/v1/commands/approval/grant", json={"approval": "APR-1"})
    assert called.status_code == 403


async def test_only_a_session_proves_a_login(site: Site) -> None:
    """Breaking glass asks when somebody logged in; a token never did (rules.md 4)."""
    credentials, now = StoredCredentials(site.store), site.store.clock.now()
    begun = await credentials.begin("bob")
    assert begun is not None
    session = await credentials.session(begun.secret)
    token = await credentials.token("bob")
    assert session is not None
    assert token is not None
    assert session.actor.logged_in_at == now
    assert token.actor is not None
    assert token.actor.logged_in_at is None
