"""A typed line, from any surface: parsed, then carried out or answered with help."""

import re

from commands.help import answer as helping
from domain.call import Call, Reply
from domain.command import Registry
from domain.grammar import Question, parse
from domain.message import Actions, Context, Form, spans
from domain.ports import Dispatch, Line, Typed
from domain.spellings import Defaults, Registered

NO_FAULT = ("help", "menu")
DRY_RUN = re.compile(r"(?<=\S)\s+--dry-run\s*\Z")
AS_THEY_ARE = Registered()


def typed_by(registry: Registry, dispatch: Dispatch, registered: Registered = AS_THEY_ARE) -> Typed:
    """The way from a line to its reply; what chats were told of is understood everywhere."""
    usual = Defaults(roots=registered.roots, prefix=registered.prefix)

    async def typed(line: Line) -> Reply:
        text, rehearsed = DRY_RUN.subn("", line.text)
        here = usual.model_copy(update={"incident": line.origin.incident})
        parsed = parse(text, registry, here)
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
    message = helping.answer(question, registry, line.actor, line.origin)
    return Reply(message=message, refused="" if question.kind in NO_FAULT else "invalid")
