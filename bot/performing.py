"""What steps of runs are done with: simulated in the demo, elsewhere within what admins allow."""

import asyncio

from bot.configuration import Settings
from domain.run import Performer
from domain.runbook import ActionKind
from integrations.infra.http import HttpSteps, WaitSteps
from integrations.infra.local import LocalSteps
from integrations.infra.simulated import SimulatedSteps, SimulatedWait


def performers(settings: Settings, *, demo: bool) -> dict[ActionKind, Performer]:
    """An adapter for each kind of step that does something outside."""
    if demo:
        steps = SimulatedSteps(asyncio.sleep)
        return {"http": steps, "command": steps, "wait": SimulatedWait(asyncio.sleep)}
    http = HttpSteps(settings.runbooks.hosts)
    local = LocalSteps(settings.runbooks.programs)
    return {"http": http, "wait": WaitSteps(http), "command": local}
