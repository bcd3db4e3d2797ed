"""A typed line, from any surface: parsed, then carried out or answered with help."""

import re

from commands import help as helping
from domain.call import Call, Reply
from domain.command import Registry
from domain.grammar import Question, parse
from domain.message import Actions, Context, Form, spans
from domain.ports import Dispatch, Line, Typed
from domain.spellings import Defaults

NO_FAULT = ("help", "menu")
DRY_RUN = re.compile(r"(?<=\S)\s+--dry-run\s*\Z")


def typed_by(registry: Registry, dispatch: Dispatch) -> Typed:
    """The way from a line to its reply."""

    async def typed(line: Line) -> Reply:
        text, rehearsed = DRY_RUN.subn("", line.text)
        parsed = parse(text, registry, Defaults(incident=line.origin.incident))
        if isinstance(parsed, Question):
            return _answered(parsed, line, registry)
        call = Call(
            command=parsed.command,
            args=parsed.args,
            actor=line.actor,
            origin=line.origin,
            key=line.key,
            dry_run=line.dry_run or rehearsed > 0,
        )
        reply = await dispatch(call)
        return _rehearsal(reply) if rehearsed and not reply.refused else reply

    return typed


def _rehearsal(reply: Reply) -> Reply:
    """What would have been answered; there is nothing to press on, as nothing was done."""
    inert = tuple(node for node in reply.message.nodes if not isinstance(node, Actions | Form))
    told = Context(spans=spans("Dry run, nothing was changed:"))
    message = reply.message.model_copy(update={"nodes": (told, *inert)})
    return reply.model_copy(update={"message": message, "private": True})


def _answered(question: Question, line: Line, registry: Registry) -> Reply:
    """What was no call: nothing was done."""
    message = helping.answer(question, registry, line.actor, line.origin.incident)
    return Reply(message=message, refused="" if question.kind in NO_FAULT else "invalid")
