"""A tour in five steps, each with something to press that really does it."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from commands.context import Context
from domain.actor import Actor, Role, Scope
from domain.args import Arg, Args
from domain.authorize import authorize_somewhere
from domain.base import Frozen
from domain.buttons import button
from domain.call import Reply
from domain.command import Grant, Registry, Words, command
from domain.message import Actions, Button, Header, Message, Span, Spans, Text, code, spans
from domain.message import Context as Small


class Stop(Frozen):
    """A step: what there is, and the commands that one can try at once, by their labels."""

    title: str
    lines: tuple[Spans, ...]
    try_it: tuple[tuple[str, str], ...] = ()


def _typed(line: str, meaning: str) -> Spans:
    return spans(code(line), f" {meaning}")


STOPS = (
    Stop(
        title="Something is broken",
        lines=(
            _typed("/incident declare checkout is down sev:2", "pages who is on call."),
            spans("Alerts do the same by themselves; one card shows where it stands."),
        ),
        try_it=(("incident list", "What is open"), ("incident declare", "Declare…")),
    ),
    Stop(
        title="You are paged",
        lines=(
            spans("A page is a message to you alone. Press Ack and it is yours."),
            spans("Without an answer the next one is paged. If you cannot: ", code("pass 42"), "."),
        ),
        try_it=(("oncall me", "My pages and shifts"),),
    ),
    Stop(
        title="Working on it",
        lines=(
            spans("In an incident's room a command means that incident."),
            _typed("/incident note GC pauses of 40 s", "keeps a finding on the timeline."),
            _typed("/incident update we roll back next:30m", "tells everybody."),
            _typed("/incident resolve rolled back", "ends it, and a postmortem is drafted."),
        ),
    ),
    Stop(
        title="Finding somebody",
        lines=(
            _typed("/oncall who trino", "names who is on call."),
            _typed('/page send @carol "metastore again"', "rings somebody until they answer."),
        ),
        try_it=(("oncall who", "Who is on call"),),
    ),
    Stop(
        title="You",
        lines=(
            _typed("/me", "shows what is yours, and how you can be reached."),
            _typed("/me link", "makes a chat account yours."),
            _typed("/help incident", "tells more about anything."),
        ),
        try_it=(("me show", "Me"), ("help show", "All commands")),
    ),
)


class Step(Args):
    """Which step."""

    step: Annotated[
        int,
        Field(ge=1, le=len(STOPS), description="Which step, from 1"),
        Arg("number", positional=True),
    ] = 1


@command(
    "help tour",
    Grant(Role.MEMBER, Scope.READ),
    examples=("/help tour",),
    words=Words(roots=("tour",)),
)
async def tour(ctx: Context, args: Step) -> Reply:
    """Show what there is, in five short steps."""
    return Reply(message=step(args.step, ctx.registry, ctx.actor))


def step(number: int, registry: Registry, actor: Actor) -> Message:
    """Step ``number``, with what this person may try."""
    stop = STOPS[number - 1]
    where = Small(spans=spans(f"Step {number} of {len(STOPS)}"))
    pressed = (*_tried(stop, registry, actor), *_next(number))
    lines = (Text(spans=line) for line in stop.lines)
    actions = (Actions(buttons=pressed),) if pressed else ()
    return Message(nodes=(Header(text=stop.title), *lines, *actions, where))


def lines() -> Iterator[str]:
    """Everything the tour says to type, with its slash."""
    said: Iterator[Span] = (span for stop in STOPS for line in stop.lines for span in line)
    return (span.text for span in said if span.kind == "code" and span.text.startswith("/"))


def _tried(stop: Stop, registry: Registry, actor: Actor) -> Iterator[Button]:
    for name, label in stop.try_it:
        if authorize_somewhere(actor, registry.commands[name]).allowed:
            yield button(name, "", label)


def _next(number: int) -> tuple[Button, ...]:
    if number == len(STOPS):
        return ()
    return (button("help tour", str(number + 1), "Next", "primary"),)
