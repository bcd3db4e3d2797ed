"""Testing a server: connected to, asked what it is, and told how it went."""

from datetime import timedelta

from domain.base import Frozen
from domain.errors import Permanent
from domain.late_answer import LateAnswer
from domain.run import StepOrder, StepOutcome
from domain.runbook import Action
from domain.server import (
    LOOK,
    ServerTest,
    StrangeHostKey,
    booted_at,
    fingerprint,
    platform_of,
)
from domain.server_jobs import TestServer
from jobs.registry import Effect, Ports
from storage.unit import Unit

PATIENCE = timedelta(seconds=20)


class Tried(Frozen):
    """What came of a test; ``offered`` is the strange host key of ``server``."""

    outcome: StepOutcome
    server: str = ""
    offered: str = ""


async def load(unit: Unit, job: TestServer) -> StepOrder | None:
    """What is asked; None in safe mode."""
    if await unit.safe_mode.current():
        return None
    route = await unit.catalog.route_to(job.server)
    action = Action(command=LOOK)
    return StepOrder(key=f"test:{job.server}", action=action, timeout=PATIENCE, route=route)


async def act(ports: Ports, order: StepOrder) -> Tried:
    """Whether it lets us in, has the pinned key and runs something."""
    try:
        return Tried(outcome=await ports.performer("command").perform(order))
    except StrangeHostKey as strange:
        outcome = StepOutcome(ok=False, detail=str(strange))
        return Tried(outcome=outcome, server=strange.server, offered=strange.key)
    except Permanent as refusal:
        return Tried(outcome=StepOutcome(ok=False, detail=str(refusal)))


async def save(unit: Unit, job: TestServer, tried: Tried) -> None:
    """Remember it, and owe the answer."""
    outcome = tried.outcome
    found = ServerTest(
        id=job.server,
        at=unit.now,
        ok=bool(outcome.ok),
        detail=outcome.detail,
        platform=platform_of(outcome.output),
        booted_at=booted_at(outcome.output, unit.now),
    )
    await unit.catalog.server_tests.put(await _with_key(unit, found, tried))
    key, text = f"server:{unit.ids.new()}", _told(found, tried)
    told = LateAnswer(key=key, text=text, user=job.user, place=job.place)
    await unit.jobs.add(told, key=f"tell:{key}")


async def _with_key(unit: Unit, found: ServerTest, tried: Tried) -> ServerTest:
    """A strange key belongs to the server that showed it, which may stand on the way."""
    if not tried.offered or tried.server == found.id:
        return found.model_copy(update={"offered": tried.offered})
    between = {"id": tried.server, "offered": tried.offered, "platform": {}}
    await unit.catalog.server_tests.put(found.model_copy(update=between))
    return found


def _told(found: ServerTest, tried: Tried) -> str:
    if found.ok:
        what = ", ".join(found.platform.values())
        about = f" It is {what}." if what else ""
        return f"{found.id} answers: our key is let in, its host key is the pinned one.{about}"
    text = f"{found.id} cannot be used: {found.detail}."
    if not tried.offered:
        return text
    key = fingerprint(tried.offered)
    return (
        f"{text} It shows {key}. If that is the key of {tried.server}, as its owner says, an admin"
        f" pins it: /server pin {tried.server} {key}"
    )


async def lost(unit: Unit, job: TestServer, error: str) -> None:
    """It went wrong in a way nobody expected."""
    await save(unit, job, Tried(outcome=StepOutcome(ok=False, detail=error)))


TEST_SERVER = Effect(TestServer, load, act, save, lost)
