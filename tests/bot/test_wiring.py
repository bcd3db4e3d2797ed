"""Who is handed what."""

from pathlib import Path

import httpx2
import pytest

from bot.advisor import NoAdvisor, RecordedAdvisor
from bot.clock import OffsetClock
from bot.demo.seed import seed
from bot.site import build_site, listeners
from bot.wiring import (
    Parts,
    build,
    installation,
    offset_clock,
    program_version,
    system_clock,
    system_ids,
)
from storage.migrations import migrate
from tests.fakes.site import HOME, give_token
from tests.fakes.tocsin import SECRET_KEY, settings


def parts_of(tmp_path: Path, *, demo: bool = False, **told: str) -> Parts:
    """The parts over a migrated file."""
    url = f"sqlite:///{tmp_path / 'tocsin.db'}"
    migrate(url)
    clock = offset_clock() if demo else system_clock()
    return build(settings(url, tmp_path, **told), clock, system_ids(clock), demo=demo)


async def test_without_a_key_the_rules_answer_alone(tmp_path: Path) -> None:
    """With one, every call to the model is kept, and no secret of ours may leave."""
    async with parts_of(tmp_path) as parts:
        assert isinstance(parts.worker.ports.advisor, NoAdvisor)
    async with parts_of(tmp_path, anthropic_api_key="sk-canary") as parts:
        advisor = parts.worker.ports.advisor
        assert isinstance(advisor, RecordedAdvisor)
        assert {"sk-canary", SECRET_KEY} <= set(advisor.secrets())


def test_settings_become_what_decisions_depend_on(tmp_path: Path) -> None:
    """In the demo a model may be used for everything, otherwise for what is listed."""
    told = settings("sqlite:///x.db", tmp_path, default_policy="dp", public_url="http://h/")
    real, demo = installation(told), installation(told, demo=True)
    assert (real.default_policy, real.public_url, real.demo) == ("dp", "http://h", False)
    assert {"ask", "cause"} <= demo.model_purposes
    assert not {"ask", "cause"} & real.model_purposes


async def test_every_part_of_a_unit_shares_one_clock(tmp_path: Path) -> None:
    """The ids, the store and the web tell the same time."""
    async with parts_of(tmp_path, demo=True) as parts:
        assert isinstance(parts.store.clock, OffsetClock)
        before = parts.store.ids.new()
        parts.store.clock.forward(parts.store.clock.now().replace(year=2090))
        assert parts.store.ids.new() > before
        assert parts.store.clock.now().year == 2090


@pytest.mark.parametrize(("demo", "status"), [(True, 200), (False, 404)])
async def test_the_clock_can_be_moved_in_the_demo_only(
    tmp_path: Path, demo: bool, status: int
) -> None:
    """Elsewhere there is no such route (rules.md 10), whoever asks."""
    async with parts_of(tmp_path, demo=demo) as parts:
        await seed(parts.store)
        await give_token(parts.store, "alice", "secret")
        transport = httpx2.ASGITransport(app=build_site(parts))
        async with httpx2.AsyncClient(transport=transport, base_url=HOME) as client:
            bearer = {"Authorization": "Bearer secret"}
            said = {"advance": "PT5M"}
            answer = await client.post("/console/api/clock", json=said, headers=bearer)
    assert answer.status_code == status


async def test_a_process_answers_at_one_address_or_two(tmp_path: Path) -> None:
    """The second is for hooks and acknowledge links alone."""
    async with parts_of(tmp_path, port="81") as parts:
        assert [(one.host, one.port) for one in listeners(parts)] == [("127.0.0.1", 81)]
    async with parts_of(tmp_path, ack_addr="127.0.0.1:82") as parts:
        assert [one.port for one in listeners(parts)] == [8000, 82]


async def test_ids_are_made_of_the_machines_randomness(tmp_path: Path) -> None:
    """Two sources of one instant do not make the same ids or secrets."""
    clock = system_clock()
    one, two = system_ids(clock), system_ids(clock)
    assert one.new() != two.new()
    assert one.secret() != two.secret()
    assert len(one.secret()) >= 43
    assert program_version()
