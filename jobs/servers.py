"""Testing a server: connected to, asked for nothing, and told how it went."""

from datetime import timedelta

from domain.errors import Permanent
from domain.message import sentence
from domain.run import StepOrder, StepOutcome
from domain.runbook import Action
from domain.server_jobs import TellServer, TestServer
from jobs.approvals import say
from jobs.drawing import Drawn
from jobs.personal import DirectMessage
from jobs.reaching import chats_of
from jobs.registry import Effect, Ports
from storage.unit import Unit

PATIENCE = timedelta(seconds=20)


async def load(unit: Unit, job: TestServer) -> StepOrder | None:
    """What is asked; None in safe mode."""
    if await unit.safe_mode.current():
        return None
    route = await unit.catalog.route_to(job.server)
    action = Action(command=("true",))
    return StepOrder(key=f"test:{job.server}", action=action, timeout=PATIENCE, route=route)


async def act(ports: Ports, order: StepOrder) -> StepOutcome:
    """Whether it lets us in, has the pinned key and runs something."""
    try:
        return await ports.performer("command").perform(order)
    except Permanent as refusal:
        return StepOutcome(ok=False, detail=str(refusal))


async def save(unit: Unit, job: TestServer, outcome: StepOutcome) -> None:
    """Owe the answer."""
    text = f"{job.server} answers: our key is let in, its host key is the pinned one."
    if not outcome.ok:
        text = f"{job.server} cannot be used: {outcome.detail}."
    test = unit.ids.new()
    told = TellServer(test=test, text=text, user=job.user, place=job.place)
    await unit.jobs.add(told, key=f"tell:{test}")


async def lost(unit: Unit, job: TestServer, error: str) -> None:
    """It went wrong in a way nobody expected."""
    await save(unit, job, StepOutcome(ok=False, detail=error))


async def load_tell(unit: Unit, job: TellServer) -> DirectMessage | Drawn:
    """The answer, in the room or to the person."""
    message, key = sentence(job.text), f"server:{job.test}"
    if job.place:
        return Drawn(place=job.place, message=message, key=key)
    platform = (await chats_of(unit, job.user))[0]
    return DirectMessage(platform=platform, user=job.user, message=message, key=key)


TEST_SERVER = Effect(TestServer, load, act, save, lost)
TELL_SERVER = Effect(TellServer, load_tell, say)
