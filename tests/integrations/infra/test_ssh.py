"""Steps over a real sshd: pinned keys, every word as it is, bounded, and honest about its end."""

import asyncio
import json
import platform
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import asyncssh
import pytest

from domain.errors import Permanent
from domain.run import StepOrder
from domain.runbook import Action
from domain.server import LOOK, Server, StrangeHostKey, platform_of
from integrations.infra.ssh import LATE, LOST, MOST_BYTES, SshSteps
from tests.fakes.sshd import Sshd, missing, sshd

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())
HOSTILE = Path(__file__).parents[4] / "shared" / "data" / "hostile" / "hostile_strings.jsonl"
THERE = HOSTILE.exists()
MANY = 90
SOME = 10


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Sshd]:
    """A server to run on."""
    async with sshd(tmp_path) as running:
        yield running


def order(*command: str, route: tuple[Server, ...], seconds: int = 30) -> StepOrder:
    """An order to run ``command`` at the end of ``route``."""
    action = Action(command=command)
    return StepOrder(key="k", action=action, timeout=timedelta(seconds=seconds), route=route)


async def test_how_a_command_ends(there: Sshd):
    """With its number and what it said, both streams in one; also over another server."""
    steps, here = SshSteps(there.key), there.server()
    done = await steps.perform(order("sh", "-c", "echo a; echo b >&2; exit 3", route=(here,)))
    assert (done.ok, done.exit_code, done.detail) == (False, 3, "ended with 3")
    assert sorted(done.output.split()) == ["a", "b"]
    over = (here, there.server("behind", jump="here"))
    assert (await steps.perform(order("true", route=over))).ok
    gone = await steps.perform(order("sh", "-c", "kill -9 $$", route=(here,)))
    assert (gone.ok, gone.detail) == (False, "ended by KILL")


async def test_every_word_arrives_as_it_is(there: Sshd):
    """Byte for byte through the login shell of the other side (S6)."""
    values = [
        "",
        " ",
        "a b",
        "$(id)",
        "`id`",
        "; rm -rf /",
        "'\"\\",
        "--",
        "*",
        "~",
        "ü\u202e",
        "#",
    ]
    if THERE:
        lines = HOSTILE.read_text(encoding="utf-8").splitlines()
        values += [json.loads(line)["s"] for line in lines[::SOME]]
    values = [one for one in values if "\0" not in one]
    steps, route = SshSteps(there.key), (there.server(),)
    for first in range(0, len(values), MANY):
        given = values[first : first + MANY]
        done = await steps.perform(order("printf", "%s\\0", *given, route=route))
        assert done.output.split("\0")[:-1] == given


async def test_output_without_end_and_no_text(there: Sshd):
    """Its end is kept, as text."""
    noise = "head -c 30000000 /dev/zero | tr '\\0' '\\377'; echo end"
    done = await SshSteps(there.key).perform(order("sh", "-c", noise, route=(there.server(),)))
    assert done.ok
    assert len(done.output) <= MOST_BYTES
    assert done.output.endswith("end\n")


async def test_what_hangs_is_unknown(there: Sshd):
    """The line is cut; whether it still runs there, nobody knows."""
    hang = order("sh", "-c", "echo on; sleep 60", route=(there.server(),), seconds=2)
    done = await SshSteps(there.key).perform(hang)
    assert (done.ok, done.detail, done.output) == (None, LATE, "on\n")


async def test_a_line_that_is_cut_is_unknown(there: Sshd):
    """The session is ended from the other side while it runs."""
    cut = order("sh", "-c", "echo on; kill -9 $PPID; sleep 60", route=(there.server(),))
    done = await SshSteps(there.key).perform(cut)
    assert (done.ok, done.detail) == (None, LOST)


async def test_nothing_is_done_where_it_is_not_the_one(there: Sshd, tmp_path: Path):
    """A host key that is not pinned, a key that is not let in, nobody there, no key of ours."""
    other = asyncssh.generate_private_key("ssh-ed25519")
    made = tmp_path / "made"
    strange = there.server(host_keys=(other.export_public_key().decode().strip(),))
    with pytest.raises(Permanent, match="host key that is not pinned"):
        await SshSteps(there.key).perform(order("touch", str(made), route=(strange,)))
    (tmp_path / "other").touch(mode=0o600)
    other.write_private_key(str(tmp_path / "other"))
    with pytest.raises(Permanent, match="did not let our key in"):
        await SshSteps(tmp_path / "other").perform(
            order("touch", str(made), route=(there.server(),))
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = there.server(port=free.getsockname()[1])
    with pytest.raises(Permanent, match="nothing listens there"):
        await SshSteps(there.key).perform(order("true", route=(nobody,)))
    with pytest.raises(Permanent, match="there is no key"):
        await SshSteps(None).perform(order("true", route=(there.server(),)))
    assert not made.exists()


async def test_a_strange_host_key_is_shown_and_nothing_is_asked(there: Sshd):
    """Of a server that is not pinned yet, or over one; what it says of itself is understood."""
    bare = there.server(host_keys=())
    over = (there.server(), there.server("behind", jump="here", host_keys=()))
    for route in ((bare,), over):
        with pytest.raises(StrangeHostKey, match="its host key is not pinned") as strange:
            await SshSteps(there.key).perform(order("true", route=route))
        assert there.server().is_known_by(strange.value.key)
        assert strange.value.server == route[-1].id
    said = await SshSteps(there.key).perform(order(*LOOK, route=(there.server(),)))
    assert said.ok
    assert platform_of(said.output)["kernel"] == platform.release()


async def test_a_kept_key_lets_us_in_also_by_its_certificate(there: Sshd):
    """Without a file; a server that names none takes the file."""
    mine = asyncssh.read_private_key(there.key)
    signed = mine.generate_user_certificate(mine, "ops", principals=[there.server().user])
    kept = {"bare": None, "signed": signed.export_certificate().decode()}

    async def find(name: str) -> tuple[bytes, str | None]:
        return there.key.read_bytes(), kept[name]

    for name in kept:
        route = (there.server(key=name),)
        done = await SshSteps(None, find).perform(order("true", route=route))
        assert done.ok, done.detail
    with pytest.raises(Permanent, match="no key gone is kept here"):
        await SshSteps(there.key).perform(order("true", route=(there.server(key="gone"),)))


async def test_a_host_that_says_nothing(there: Sshd):
    """It is given so long and no longer."""
    busy: list[asyncio.Task[None] | None] = []

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        busy.append(asyncio.current_task())
        with suppress(OSError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        route = (there.server(port=server.sockets[0].getsockname()[1]),)
        with pytest.raises(Permanent, match="was not reached"):
            await SshSteps(there.key, connect_s=1).perform(order("true", route=route))
        await asyncio.gather(*(one for one in busy if one))
