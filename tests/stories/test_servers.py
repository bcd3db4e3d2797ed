"""Servers: tested, pinned by a person, and told what they are."""

from pathlib import Path

import pytest

from bot.doctor import CHECKS
from domain.errors import Permanent
from domain.finding import Finding
from domain.run import StepOutcome
from domain.server import Server, StrangeHostKey, fingerprint
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin
from tests.stories.test_runbooks import declared
from tests.stories.test_runs import SERVERS, Outside

KEY, OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHD=", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHE="
SAID = "Linux 6.1.0-18-amd64 x86_64\n3600.25 7000.11\nPRETTY_NAME='Debian GNU/Linux 12'\n"
SHOWN = "it answered with a host key that is not pinned"


@pytest.fixture
def outside(tocsin: Tocsin) -> Outside:
    """All that is outside."""
    made = Outside()
    tocsin.steps_by(made)
    return made


async def doctor(tocsin: Tocsin) -> list[str]:
    """What it says of servers."""
    found: list[Finding] = []
    async with tocsin.looking() as unit:
        for check in CHECKS:
            found += [one async for one in check(unit)]
    return [f"{one.level}: {one.text}" for one in found if one.area == "servers"]


async def answer(tocsin: Tocsin) -> str:
    """The last thing that was said in the room."""
    return (await tocsin.room("incidents"))[-1].text


@pytest.mark.both
async def test_a_server_is_pinned_by_a_person(tocsin: Tocsin, outside: Outside, tmp_path: Path):
    """Unpinned, nothing runs on it; a test shows its key, an admin compares and pins it; another
    key later is named by the doctor."""
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await unit.catalog.servers.put(Server(id="db-3", host="10.0.0.3", user="ops"))
    step = 'command: [systemctl, restart, x]\nserver: "${host}"'
    assert await declared(tocsin, tmp_path, worker=step.replace("${host}", "db-3")) == []
    refused = await tocsin.say("bob", "/runbook run worker host=trino-1")
    assert refused.text == "db-3 has no pinned host key: try /server test db-3 first."
    assert "no host key" in (await tocsin.say("dave", "/server list")).text
    assert await doctor(tocsin) == ["warning: db-3 has no pinned host key: nothing runs on it"]
    early = await tocsin.say("alice", f"/server pin db-3 {fingerprint(KEY)}")
    assert early.text.startswith(f"db-3 has not shown {fingerprint(KEY)}: type /server test db-3")
    outside.answers = [StrangeHostKey(SHOWN, "db-3", KEY)]
    await tocsin.say("bob", "/server test db-3")
    assert f"/server pin db-3 {fingerprint(KEY)}" in await answer(tocsin)
    assert (
        await tocsin.say("bob", f"/server pin db-3 {fingerprint(KEY)}")
    ).refused == "not_allowed"
    pinned = await tocsin.say("alice", f"/server pin db-3 {fingerprint(KEY)}")
    assert pinned.data == {"id": "db-3", "host_keys": [KEY]}
    assert await doctor(tocsin) == ["ok: 1 with pinned host keys"]
    outside.answers = [StrangeHostKey(SHOWN, "db-3", OTHER)]
    await tocsin.say("bob", "/server test db-3")
    assert (await doctor(tocsin))[0].startswith("failure: db-3 showed another host key on")
    assert "other host key" in (await tocsin.say("dave", "/server list")).text


async def test_servers_are_listed_shown_and_tried(tocsin: Tocsin, outside: Outside, tmp_path: Path):
    """What came of a try is said where it was asked for, and shown from then on."""
    (tmp_path / "servers.yaml").write_text(SERVERS)
    assert await declared(tocsin, tmp_path) == []
    assert (await tocsin.say("dave", "/server list workers")).data == ["trino-7"]
    assert "ops@10.0.0.7:22" in (await tocsin.say("dave", "/server show trino-7")).text
    outside.answers = [
        Permanent(SHOWN),
        StepOutcome(ok=True, exit_code=0, output=SAID),
        StrangeHostKey(SHOWN, "door", KEY),
    ]
    await tocsin.say("bob", "/server test trino-7")
    assert await answer(tocsin) == f"trino-7 cannot be used: {SHOWN}."
    assert "failed" in (await tocsin.say("dave", "/server list workers")).text
    await tocsin.say("bob", "/server test trino-7")
    assert await answer(tocsin) == (
        "trino-7 answers: our key is let in, its host key is the pinned one."
        " It is Debian GNU/Linux 12, 6.1.0-18-amd64, x86_64."
    )
    shown = await tocsin.say("dave", "/server show trino-7")
    for told in ("Debian GNU/Linux 12", "Up since", "from servers.yaml", "answered"):
        assert told in shown.text
    assert shown.data["test"]["platform"]["arch"] == "x86_64"
    await tocsin.say("bob", "/server test trino-7")
    assert [one[:46] for one in await doctor(tocsin)] == [
        "failure: door showed another host key on 2026-"
    ]
    managed = await tocsin.say("alice", f"/server pin door {KEY}")
    assert managed.text == "door is managed by servers.yaml: add the key to host_keys there."
