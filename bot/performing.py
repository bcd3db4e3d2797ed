"""What steps of runs are done with: simulated in the demo, elsewhere within what admins allow."""

import asyncio
from dataclasses import dataclass

from bot.configuration import Settings
from domain.run import Performer, StepOrder, StepOutcome
from domain.runbook import ActionKind
from integrations.infra.http import HttpSteps, WaitSteps
from integrations.infra.local import LocalSteps
from integrations.infra.simulated import SimulatedSteps, SimulatedWait
from integrations.infra.sql import SqlSteps
from integrations.infra.ssh import Kept, SshSteps


@dataclass(frozen=True)
class CommandSteps:
    """Here where a step names no server, there where it does."""

    local: LocalSteps
    ssh: SshSteps

    async def perform(self, order: StepOrder) -> StepOutcome:
        """Run it once."""
        return await (self.ssh if order.route else self.local).perform(order)


def performers(settings: Settings, kept: Kept, *, demo: bool) -> dict[ActionKind, Performer]:
    """An adapter for each kind of step that does something outside."""
    if demo:
        steps = SimulatedSteps(asyncio.sleep)
        acting: dict[ActionKind, Performer] = {"http": steps, "command": steps, "sql": steps}
        return acting | {"wait": SimulatedWait(asyncio.sleep)}
    http = HttpSteps(settings.runbooks.hosts)
    commands = CommandSteps(
        LocalSteps(settings.runbooks.programs), SshSteps(settings.runbooks.ssh_key, kept)
    )
    sql = SqlSteps(settings.runbooks.databases)
    return {"http": http, "wait": WaitSteps(http), "command": commands, "sql": sql}
