"""The one door: every Call from every surface passes here, and nowhere else.

Gate, arguments, guard, handler, audit and answer of one call are one unit. A guarded call is kept
until it is approved. A refusal changes nothing and is audited in a unit of its own.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from commands.approval.ask import held_back
from commands.context import Context
from domain import derive
from domain.args import Args
from domain.authorize import authorize, authorize_somewhere
from domain.call import Call, Reply
from domain.command import Command, Registry
from domain.errors import Invalid, NotAllowed, NotFound, Refused, Stale, Unclear
from domain.message import Actions, Button, Form, Message, sentence
from storage.store import Act, Store
from storage.unit import Unit

KINDS: dict[type[Refused], str] = {
    Invalid: "invalid",
    NotFound: "not_found",
    NotAllowed: "not_allowed",
    Stale: "stale",
}


class _Rollback(Exception):
    """A dry run: the unit is thrown away, the reply kept."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


@dataclass(frozen=True)
class Dispatch:
    """Carries out calls against a registry and a store."""

    registry: Registry
    store: Store

    async def __call__(self, call: Call) -> Reply:
        """Answer ``call``; a caller that goes away does not stop what it began."""
        return await asyncio.shield(asyncio.ensure_future(self._answer(call)))

    async def _answer(self, call: Call) -> Reply:
        try:
            command = self._gate(call)
            args = self._arguments(command, call)
            return await self._carry_out(command, call, args)
        except ValidationError as error:
            return await self._ask_again(call, error)
        except Unclear as question:
            return await self._which(call, question)
        except Refused as refusal:
            await self._audit_refusal(call, refusal)
            return refused(refusal)

    def _gate(self, call: Call) -> Command:
        command = self.registry.commands.get(call.command)
        if command is None:
            raise NotFound(f"There is no command {call.command}. Type /help to see them all.")
        everywhere = authorize(call.actor, command, None)
        if not everywhere.allowed and not authorize_somewhere(call.actor, command).allowed:
            raise NotAllowed(everywhere.reason)
        return command

    def _arguments(self, command: Command, call: Call) -> Args:
        context = {"now": self.store.clock.now(), "zone": call.actor.timezone}
        return command.args.model_validate(call.args, context=context)

    async def _ask_again(self, call: Call, error: ValidationError) -> Reply:
        """Nothing was done: show what was given and what it lacks, as a form or a sentence."""
        command = self.registry.commands[call.command]
        faults = derive.errors(error)
        if not call.args:
            form = await self._offering(call, derive.form(command, call.args, {}))
            return Reply(message=Message(nodes=(form,)), refused="asks", field=next(iter(faults)))
        form = await self._offering(call, derive.form(command, call.args, faults))
        told = "; ".join(faults.values())
        nodes = sentence(f"{told[:1].upper()}{told[1:]}.").nodes
        field = next(iter(faults), None)
        return Reply(message=Message(nodes=(*nodes, form)), refused="invalid", field=field)

    async def _offering(self, call: Call, form: Form) -> Form:
        """The form with what the command offers for its fields; nothing to whoever is refused."""
        picks = self.registry.commands[call.command].picks
        if not picks:
            return form
        try:
            async with self.store.read() as unit:
                context = self._context(call, unit)
                for name in picks:
                    form = derive.offering(form, name, await picks[name](context, call.args))
        except Refused:
            return form
        return form

    def _context(self, call: Call, unit: Unit) -> Context:
        return Context(
            unit=unit,
            call=call,
            registry=self.registry,
            run=lambda inner: self._within(inner, unit),
        )

    async def _carry_out(self, command: Command, call: Call, args: Args) -> Reply:
        if not command.writes:
            async with self.store.read() as unit:
                return await self._handle(command, call, args, unit)
        try:
            async with self.store.write(self._act(call)) as unit:
                return await self._once(command, call, args, unit)
        except _Rollback as dry:
            return dry.reply

    async def _once(self, command: Command, call: Call, args: Args, unit: Unit) -> Reply:
        if call.key:
            # a repeat at the same moment waits for the first, and then finds its answer
            await unit.exclusively(f"call:{call.actor.by}:{call.key}")
            if given := await unit.calls.answered(call):
                return given
        reply = await self._handle(command, call, args, unit)
        if call.dry_run:
            raise _Rollback(reply)
        if call.key and not reply.secret:
            await unit.calls.remember(call, reply)
        return reply

    async def _handle(self, command: Command, call: Call, args: Args, unit: Unit) -> Reply:
        context = self._context(call, unit)
        if command.outside:
            await unit.safe_mode.need_off(f"/{command.name}")
        waits = await held_back(context, command, args) if command.writes else None
        return waits or await self._perform(command, context, args)

    @staticmethod
    async def _perform(command: Command, context: Context, args: Args) -> Reply:
        reply: Reply = await command.handler(context, args)
        if not context.teams:
            context.about(None)
        return reply

    async def _within(self, call: Call, unit: Unit) -> Reply:
        """A call made by a command: the same gate, the same unit."""
        command = self._gate(call)
        return await self._handle(command, call, self._arguments(command, call), unit)

    async def _which(self, call: Call, question: Unclear) -> Reply:
        """A write never guesses: one button for each incident it may have meant (rules.md 23)."""
        async with self.store.write(self._act(call)) as unit:
            made = [
                Button(
                    id=await unit.calls.store(call.command, call.args | {"incident": name}),
                    label=f"{call.command.split()[1].capitalize()} {name} {title}"[:75],
                )
                for name, title in question.choices.items()
            ]
        nodes = sentence(question.text).nodes
        actions = (Actions(buttons=tuple(made)),) if made else ()
        return Reply(message=Message(nodes=(*nodes, *actions)), refused="confirm")

    async def _audit_refusal(self, call: Call, refusal: Refused) -> None:
        async with self.store.write(self._act(call)) as unit:
            subject = f"incident:{call.origin.incident}" if call.origin.incident else "tocsin"
            await unit.audit.add(call.command, subject, _kind(refusal), {})

    @staticmethod
    def _act(call: Call) -> Act:
        return Act(by=call.actor.by, surface=call.origin.surface)


def refused(refusal: Refused) -> Reply:
    """The private sentence of a refusal."""
    kind: Any = _kind(refusal)
    return Reply(message=sentence(refusal.text), refused=kind, field=refusal.field)


def _kind(refusal: Refused) -> str:
    return next((word for kind, word in KINDS.items() if isinstance(refusal, kind)), "invalid")
