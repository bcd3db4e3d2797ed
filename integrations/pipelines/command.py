"""A program of yours that brings a version back, here or on a server; no shell is involved."""

from dataclasses import dataclass

from domain.deployer import Asked, RollbackOrder, Seen
from domain.errors import Permanent
from domain.plain import one_line
from domain.ports import Clock
from domain.redaction import redact
from domain.run import Performer, StepOrder
from domain.runbook import Action

MOST_SAID = 200


@dataclass(frozen=True)
class CommandPipeline:
    """`domain.deployer.Deployer` by what carries out the commands of runbooks, within the same
    rules. The program has ended once it was asked: there is nothing to look at."""

    performer: Performer
    clock: Clock
    name: str = "the command"

    async def ask(self, order: RollbackOrder) -> Seen:
        """Run it, once. An end that is no success may have done half."""
        began = self.clock.now()
        outcome = await self.performer.perform(
            StepOrder(
                key=order.key,
                action=Action(command=order.argv),
                timeout=order.timeout,
                route=order.route,
            )
        )
        last = one_line(redact(outcome.output).text, MOST_SAID)
        asked = Asked(complete=True, said=last)
        if not outcome.ok:
            told = ": ".join(filter(None, (outcome.detail or "it went wrong", last)))
            return Seen(asked=asked, lost=told)
        return Seen(asked=asked, took=self.clock.now() - began)

    async def look(self, order: RollbackOrder, asked: Asked) -> Seen:
        """It has ended already."""
        raise Permanent(f"{order.key}: nothing of {asked.said!r} runs any more")
