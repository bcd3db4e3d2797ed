"""The API answers in the contract's shapes, to those who may read, once per key."""

import pytest

from domain.actor import Role, Scope
from tests.fakes.site import give_token
from tests.fakes.stores import SYSTEM
from tests.fakes.whole_site import whole_site

NO_99 = "There is no incident INC-99: see /incident list all."
INCIDENT = {
    "id", "title", "stage", "status", "phase", "resolution", "impact_started_at", "detected_at",
    "home_room", "call_url", "severity", "service", "declared_at", "acknowledged_at",
    "mitigated_at", "resolved_at", "commander", "responders", "labels", "alert_groups", "source",
    "correlation_id", "private",
}  # fmt: skip
ALERT = {
    "id", "fingerprint", "source", "status", "severity", "service", "name", "summary", "labels",
    "annotations", "starts_at", "ends_at", "count", "group", "incident", "verdict",
}  # fmt: skip
POSTMORTEM = {
    "incident", "status", "summary", "impact", "timeline", "contributing_factors", "detection",
    "resolution", "went_well", "went_wrong", "lucky", "action_items", "claims", "written_by",
}  # fmt: skip
DEPLOYMENT = {
    "id", "service", "environment", "version", "commit", "status", "started_at", "finished_at",
    "source", "url",
}  # fmt: skip


SHAPES = {
    "incidents/INC-1": INCIDENT,
    "alerts/ALR-1": ALERT,
    "postmortems/INC-1": POSTMORTEM,
    "incidents/INC-1/postmortem": POSTMORTEM,
    "deployments/DEP-1": DEPLOYMENT,
}
LISTS = (
    "incidents", "alerts", "alert-groups", "services", "deployments", "schedules", "policies",
    "users", "teams", "components", "postmortems", "action-items", "pages",
    "notifications/on-call/schedule", "notifications/escalation-policies",
)  # fmt: skip
REFUSED_LINES = {
    "/incident ack INC-99": "not_found",
    "/incident resovle INC-1": "invalid",
    "/incident note INC-1": "invalid",
    "gibberish": "invalid",
}
REFUSED_CALLS: tuple[tuple[str, str, dict[str, str], int], ...] = (
    ("bob", "incident/ack", {"incident": "INC-99"}, 404),
    ("dave", "incident/ack", {"incident": "INC-1"}, 403),
    ("bob", "incident/severity", {"incident": "INC-1", "severity": "purple"}, 422),
    ("bob", "incident/severity", {"incident": "INC-1", "colour": "purple"}, 422),
    ("alice", "incident/reopen", {"incident": "INC-1"}, 409),
    ("bob", "incident/explode", {}, 404),
)
WRONG_BODIES = {
    b"{": 400,
    b"[]": 422,
    b'{"line": 1}': 422,
    b"{}": 422,
    b'{"line": "x", "colour": "red"}': 422,
}


@pytest.fixture
async def site(store):
    return await whole_site(store)


@pytest.fixture
async def bob(site):
    async with site.client("bob") as client:
        yield client


@pytest.fixture
async def dave(site):
    async with site.client("dave") as client:
        yield client


async def test_everything_the_contract_names_is_there(dave):
    """More may be, less may not."""
    for path, shape in SHAPES.items():
        answer = await dave.get(f"/api/v1/{path}")
        assert (answer.status_code, shape - answer.json().keys()) == (200, set()), path


async def test_every_list_has_items_and_a_cursor(bob):
    """One shape for all of them."""
    for name in LISTS:
        answer = await bob.get(f"/api/v1/{name}")
        assert (answer.status_code, answer.json().keys()) == (200, {"items", "next"}), name
        assert answer.json()["items"], name


async def test_a_list_goes_on_at_its_cursor(bob):
    """Newest first, one at a time."""
    first = (await bob.get("/api/v1/incidents?limit=1")).json()
    rest = (await bob.get(f"/api/v1/incidents?limit=1&cursor={first['next']}")).json()
    assert [first["items"][0]["id"], rest["items"][0]["id"]] == ["INC-2", "INC-1"]
    assert rest["next"] is None


async def test_a_query_that_cannot_be_is_refused_by_its_field(dave):
    """Also one that nobody knows: a typo would otherwise show everything."""
    for query in ("limit=0", "limit=x", "status=no", "colour=red", "cursor=x"):
        answer = await dave.get(f"/api/v1/incidents?{query}")
        assert (answer.status_code, answer.json()["field"]) == (422, query.split("=")[0])


async def test_what_the_caller_holds_already_is_not_sent_again(dave):
    """The tag changes with the thing."""
    for path in ("/api/v1/incidents", "/api/v1/incidents/INC-1"):
        tag = (await dave.get(path)).headers["etag"]
        same = await dave.get(path, headers={"If-None-Match": f'"other", {tag}'})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
        other = await dave.get(path, headers={"If-None-Match": '"other"'})
        assert other.status_code == 200


async def test_the_timeline_is_oldest_first(dave):
    """Each entry with its sentence and who did it."""
    items = (await dave.get("/api/v1/incidents/INC-1/timeline")).json()["items"]
    assert items[0]["text"] == "SEV2 declared by Bob: Trino queries failing"
    assert (items[0]["kind"], items[0]["by"], items[0]["by_name"]) == (
        "incident_declared",
        "bob",
        "Bob",
    )


async def test_what_is_not_there_is_not_found(dave):
    """With a sentence, as a problem."""
    answer = await dave.get("/api/v1/incidents/INC-99")
    assert (answer.status_code, answer.json()["detail"]) == (404, NO_99)


async def test_a_guest_reads_nothing(site, store):
    """Without any role there is no list at all (rule 1)."""
    async with store.write(SYSTEM) as unit:
        await unit.people.unbind("erin", Role.MEMBER)
    async with site.client("erin") as erin:
        for name in ("incidents", "users", "commands", "incidents/INC-1/timeline"):
            assert (await erin.get(f"/api/v1/{name}")).status_code == 403, name


async def test_the_audit_trail_is_for_admins(site, dave):
    """Commanders and viewers are refused, an admin reads it."""
    assert (await dave.get("/api/v1/audit")).status_code == 403
    async with site.client("alice") as alice:
        rows = (await alice.get("/api/v1/audit?action=note_added")).json()["items"]
    assert [row["subject"] for row in rows] == ["incident:INC-1"]


async def test_a_token_that_may_not_read_reads_nothing(site, store):
    """GET needs the scope read."""
    await give_token(store, "bob", "pager", Scope.PAGE)
    async with site.client("pager") as client:
        assert (await client.get("/api/v1/incidents")).status_code == 403


async def test_a_line_does_what_chat_does(bob):
    """The answer holds the message, its words and the data."""
    answer = await bob.post("/api/v1/commands", json={"line": "/incident ack INC-1"})
    told = answer.json()
    assert (answer.status_code, told["refused"], told["private"]) == (200, False, True)
    assert told["text"] == told["reply"]["text"]
    shown = (await bob.get("/api/v1/incidents/INC-1")).json()
    assert (shown["status"], shown["acknowledged_at"]) == ("acknowledged", "2026-11-21T12:00:00Z")


async def test_a_refused_line_says_why_and_what_to_type(bob):
    """As chat does: the answer arrives, and nothing was done."""
    for line, reason in REFUSED_LINES.items():
        answer = await bob.post("/api/v1/commands", json={"line": line})
        told = answer.json()
        assert (answer.status_code, told["refused"], told["reason"]) == (200, True, reason), line
        assert told["text"]


async def test_a_viewer_may_not_do_what_responders_do(dave):
    """The gate is the same on every surface."""
    told = (await dave.post("/api/v1/commands", json={"line": "/incident ack INC-1"})).json()
    assert (told["refused"], told["reason"]) == (True, "not_allowed")


async def test_help_is_answered_and_not_refused(dave):
    """Nothing went wrong."""
    told = (await dave.post("/api/v1/commands", json={"line": "/help"})).json()
    assert (told["refused"], "incident" in told["text"]) == (False, True)


async def test_a_dry_run_answers_and_changes_nothing(bob):
    """Everything is done, and undone."""
    body = {"line": "/incident ack INC-1"}
    told = (await bob.post("/api/v1/commands?dry_run=true", json=body)).json()
    assert told["refused"] is False
    assert (await bob.get("/api/v1/incidents/INC-1")).json()["status"] == "triggered"


async def test_the_same_key_does_it_once(bob):
    """A repeat gets the first answer; other arguments under the key are refused."""
    key = {"Idempotency-Key": "k1"}
    body = {"line": "/incident note INC-1 written once"}
    first = (await bob.post("/api/v1/commands", json=body, headers=key)).json()
    again = (await bob.post("/api/v1/commands", json=body, headers=key)).json()
    other = {"line": "/incident note INC-1 something else"}
    refused = (await bob.post("/api/v1/commands", json=other, headers=key)).json()
    told = (await bob.get("/api/v1/incidents/INC-1/timeline")).json()["items"]
    assert (first, refused["reason"]) == (again, "invalid")
    assert sum("written once" in entry["text"] for entry in told) == 1


async def test_a_command_takes_its_arguments_as_json(bob):
    """The reply is the same as for a line."""
    body = {"incident": "INC-1", "severity": "SEV1"}
    told = (await bob.post("/api/v1/commands/incident/severity", json=body)).json()
    assert told["refused"] is False
    assert (await bob.get("/api/v1/incidents/INC-1")).json()["severity"] == "SEV1"


async def test_a_refused_typed_call_is_a_problem(site):
    """Programs look at the status first."""
    for who, command, body, status in REFUSED_CALLS:
        async with site.client(who) as client:
            answer = await client.post(f"/api/v1/commands/{command}", json=body)
        assert answer.status_code == status, command
        assert answer.headers["content-type"] == "application/problem+json"


async def test_the_field_of_a_refused_argument_is_named(bob):
    """And what to type instead."""
    body = {"incident": "INC-1", "severity": "purple"}
    told = (await bob.post("/api/v1/commands/incident/severity", json=body)).json()
    assert told["field"] == "severity"
    assert "SEV" in told["detail"]


async def test_the_commands_are_listed_for_palettes(dave):
    """With what they take, and whether the caller may use them."""
    items = {one["name"]: one for one in (await dave.get("/api/v1/commands")).json()["items"]}
    declare = items["incident declare"]
    assert (declare["allowed"], items["incident resolve"]["allowed"]) == (True, False)
    assert "new" in declare["synonyms"]
    assert declare["examples"][0].startswith("/incident declare")
    assert next((arg["name"], arg["required"]) for arg in declare["args"]) == ("title", True)


async def test_a_draft_is_asked_for_and_read(bob):
    """Asking answers at once; the draft is written by a job."""
    asked = await bob.post("/api/v1/incidents/INC-1/postmortem")
    assert (asked.status_code, asked.json()["refused"]) == (202, False)
    assert (await bob.get("/api/v1/incidents/INC-1/postmortem")).json()["written_by"] == "rules"
    for path in ("/api/v1/incidents/INC-1/postmortem.md", "/incidents/INC-1/postmortem.md"):
        file = await bob.get(path)
        assert file.headers["content-type"] == "text/markdown; charset=utf-8"
        assert 'filename="INC-1-postmortem.md"' in file.headers["content-disposition"]
        assert file.text.startswith("# Postmortem INC-1: ")


async def test_somebody_is_paged_over_http(site, bob):
    """The same command as in chat."""
    body = {"incident": "INC-1", "target": "@carol"}
    answer = await bob.post("/api/v1/notifications/on-call/escalate", json=body)
    assert (answer.status_code, answer.json()["refused"]) == (200, False)
    async with site.client("carol") as carol:
        pages = (await carol.get("/api/v1/pages")).json()["items"]
    assert [page["incident"] for page in pages] == ["INC-1"]


async def test_runbooks_are_read_taken_over_and_run(bob, dave):
    """What a run would do is answered first; nothing is off limits that is not in chat."""
    path = "/api/v1/automation/runbooks"
    found = (await dave.get(f"{path}/look")).json()
    assert found["source"]["url"] == "https://example.com/look.md"
    assert found["steps"][0]["told"] == 'run ["uptime", "${host}"]'
    assert [one["id"] for one in (await dave.get(path)).json()["items"]] == ["look"]
    page = {"url": "https://example.com/disk.md", "service": "trino"}
    taken = await bob.post(path, json=page)
    assert (taken.status_code, taken.json()["data"]) == (202, [page["url"]])
    assert (await dave.post(path, json=page)).status_code == 403
    assert (await bob.post(path, json={"url": "file:///etc/passwd"})).status_code == 422
    odd = {"values": {"host": 'a" b="c'}}
    refused = await bob.post(f"{path}/look/run", params={"dry_run": True}, json=odd)
    assert refused.status_code == 422
    assert "host" in refused.json()["detail"]
    assert (await bob.post(f"{path}/none/run", json={})).status_code == 404


async def test_a_body_of_the_wrong_shape_is_refused(bob):
    """Never a 500."""
    headers = {"Content-Type": "application/json"}
    for body, status in WRONG_BODIES.items():
        answer = await bob.post("/api/v1/commands", content=body, headers=headers)
        assert answer.status_code == status, body


async def test_the_interface_describes_itself(dave):
    """OpenAPI 3.1 names every command with its arguments, and every resource."""
    told = (await dave.get("/openapi.json")).json()
    assert told["openapi"].startswith("3.1")
    declare = told["paths"]["/api/v1/commands/incident/declare"]["post"]
    schema = declare["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["title"]
    assert "/api/v1/incidents/{key}/timeline" in told["paths"]
