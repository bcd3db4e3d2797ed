"""A typed line, from any surface: parsed, then carried out or answered with help."""

from commands import help as helping
from domain.call import Call, Reply
from domain.command import Registry
from domain.grammar import Question, parse
from domain.ports import Dispatch, Line, Typed
from domain.spellings import Defaults

NO_FAULT = ("help", "menu")


def typed_by(registry: Registry, dispatch: Dispatch) -> Typed:
    """The way from a line to its reply."""

    async def typed(line: Line) -> Reply:
        parsed = parse(line.text, registry, Defaults(incident=line.origin.incident))
        if isinstance(parsed, Question):
            return _answered(parsed, line, registry)
        call = Call(
            command=parsed.command,
            args=parsed.args,
            actor=line.actor,
            origin=line.origin,
            key=line.key,
            dry_run=line.dry_run,
        )
        return await dispatch(call)

    return typed


def _answered(question: Question, line: Line, registry: Registry) -> Reply:
    """What was no call: nothing was done."""
    message = helping.answer(question, registry, line.actor, line.origin.incident)
    return Reply(message=message, refused="" if question.kind in NO_FAULT else "invalid")
