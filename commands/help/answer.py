"""What can I do, and how do I type it? The answers to help, menus and lines that are no call."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import Field

from commands.context import Context
from domain.actor import Actor, Role, Scope
from domain.args import Arg, Args, Slot, slots_of
from domain.authorize import authorize_somewhere, roles_of
from domain.buttons import button
from domain.call import Origin, Reply, Surface
from domain.command import Command, Grant, Registry, command
from domain.derive import described, form, usage
from domain.grammar import Question, parse
from domain.message import (
    Actions,
    Button,
    Header,
    Message,
    Node,
    Span,
    Text,
    bold,
    code,
    sentence,
    spans,
)
from domain.message import Context as Small

MOST_USED = (
    "incident declare",
    "incident list",
    "page send",
    "oncall who",
    "incident update",
    "incident severity",
    "incident role",
    "incident note",
    "incident resolve",
    "help show",
)
LABELS = {
    "incident declare": "Declare an incident",
    "incident list": "Open incidents",
    "page send": "Page someone",
    "oncall who": "Who is on call",
    "help show": "Help",
}
HERE: dict[Surface, str] = {
    "slack": "In a thread, mention me instead: @tocsin resolve it was the disk.",
    "discord": "Pick a command from the list that / opens, or mention me and type.",
    "teams": "Write to me directly, or mention me in a channel and type.",
    "web": "Ctrl K runs a command from any page, and finds it by a word of it.",
}
ANYWHERE = Origin(surface="console")
IN_A_ROW = 5
ON_A_MENU = 25


class Topic(Args):
    """What help is wanted with."""

    topic: Annotated[
        str,
        Field(max_length=200, description="a root like incident, a command, or nothing"),
        Arg("text", positional=True),
    ] = ""


@command(
    "help show",
    Grant(Role.OUTSIDER, Scope.READ),
    examples=("/help", "/help incident", "/help incident declare"),
)
async def show(ctx: Context, args: Topic) -> Reply:
    """Say what you can do, and how to type it."""
    told = about(args.topic, ctx.registry, ctx.actor, ctx.call.origin.surface)
    mode = await ctx.unit.safe_mode.current()
    if mode is None or roles_of(ctx.actor, None) == {Role.OUTSIDER}:
        return Reply(message=told)
    banner = Text(spans=spans(bold(f"⚠ {mode.line}")))
    return Reply(message=Message(nodes=(banner, *told.nodes)))


def about(topic: str, registry: Registry, actor: Actor, surface: Surface = "console") -> Message:
    """Help with a root, a command in any of its spellings, or everything."""
    if roles_of(actor, None) == {Role.OUTSIDER}:
        return _guest(registry, actor)
    found = parse(f"{topic} ?", registry)
    if not isinstance(found, Question) or found.kind != "help":
        return _no_such_topic(topic, registry, actor)
    if one := registry.commands.get(found.topic):
        return _of_command(one, actor)
    beneath = registry.of_noun(found.topic)
    if beneath:
        return _of_noun(beneath, actor)
    everything = _of_everything(registry, actor).nodes
    return Message(nodes=(*everything, *_on(surface)))


def answer(
    question: Question, registry: Registry, actor: Actor, origin: Origin = ANYWHERE
) -> Message:
    """The private answer to a line that is no call, typed at ``origin``."""
    if roles_of(actor, None) == {Role.OUTSIDER}:
        return _guest(registry, actor)
    if question.kind == "help":
        return about(question.topic, registry, actor, origin.surface)
    if question.kind == "menu":
        return menu(question, registry, actor, origin.incident)
    lines = [Text(spans=spans("Type ", code(line))) for line in question.suggestions]
    nodes: list[Node] = [Text(spans=spans(question.text)), *lines]
    offered = registry.commands[question.offer.command] if question.offer else None
    if question.offer and offered and authorize_somewhere(actor, offered).allowed:
        nodes.append(form(offered, question.offer.args, {}))
    return Message(nodes=tuple(nodes))


def menu(
    question: Question, registry: Registry, actor: Actor, incident: str | None = None
) -> Message:
    """Buttons for a bare root: what this person may do, the most used first.

    In the room of an ``incident`` they are about it, where the root has such commands.
    """
    offered = _allowed(_on_menu(registry, question.topic), actor)
    here = [one for one in offered if incident and _is_about_incident(one)]
    buttons = tuple(_button(one, incident) for one in sorted(here or offered, key=_use))
    if not buttons:
        return about(question.topic, registry, actor)
    return Message(
        nodes=(
            Header(text=question.text),
            Actions(buttons=buttons[:IN_A_ROW], more=buttons[IN_A_ROW:ON_A_MENU]),
            Small(spans=spans("Or type ", code(f"/help {question.topic}".strip()))),
        )
    )


def _guest(registry: Registry, actor: Actor) -> Message:
    """One sentence that names whom to ask, and no list (rule 1)."""
    closed = (authorize_somewhere(actor, one) for one in registry.commands.values())
    reasons = (decision.reason for decision in closed if not decision.allowed)
    return sentence(next(reasons, "There is nothing to do here."))


def _no_such_topic(topic: str, registry: Registry, actor: Actor) -> Message:
    missing = Text(spans=spans("There is no help on ", code(topic), ". This is all there is:"))
    return Message(nodes=(missing, *_of_everything(registry, actor).nodes))


def _of_everything(registry: Registry, actor: Actor) -> Message:
    nodes: list[Node] = [Header(text="What you can do")]
    for noun in registry.nouns:
        if allowed := sorted(_allowed(registry.of_noun(noun), actor), key=_use):
            nodes += _root(noun, allowed)
    told = " tells more about one of them, and what there is for other roles."
    nodes.append(Small(spans=spans(code("/help incident"), told)))
    return Message(nodes=tuple(nodes))


def _on(surface: Surface) -> tuple[Node, ...]:
    """What is different about typing there."""
    told = HERE.get(surface)
    return (Small(spans=spans(told)),) if told else ()


def _root(noun: str, allowed: Sequence[Command]) -> tuple[Node, Node]:
    verbs = Text(spans=spans(code(f"/{noun}"), f" {', '.join(one.verb for one in allowed)}"))
    return verbs, Small(spans=spans("for example ", code(allowed[0].examples[0])))


def _of_noun(beneath: Sequence[Command], actor: Actor) -> Message:
    head = Header(text=f"/{beneath[0].noun}")
    lines = [Text(spans=_in_one_line(one)) for one in _allowed(beneath, actor)]
    return Message(nodes=(head, *lines, *_of_others(beneath, actor)))


def _in_one_line(one: Command) -> tuple[Span, ...]:
    also = f" Also: {', '.join(one.synonyms)}." if one.synonyms else ""
    return spans(code(f"/{one.name}"), f" {one.summary}{also}")


def _of_command(one: Command, actor: Actor) -> Message:
    decision = authorize_somewhere(actor, one)
    also = ", ".join(one.spellings[1:])
    nodes: list[Node] = [Header(text=f"/{one.name}"), Text(spans=spans(one.summary))]
    nodes.append(Text(spans=spans(code(usage(one)))))
    nodes += [Text(spans=_argument(slot)) for slot in slots_of(one.args)]
    nodes += [Text(spans=spans("For example ", code(example))) for example in one.examples]
    if also:
        nodes.append(Small(spans=spans(f"Also: {also}")))
    if not decision.allowed:
        nodes.append(Small(spans=spans(decision.reason)))
    return Message(nodes=tuple(nodes))


def _argument(slot: Slot) -> tuple[Span, ...]:
    names = f" (also {', '.join(slot.names[1:])})" if slot.names[1:] else ""
    return spans(bold(slot.name), f"{names} {described(slot)}".rstrip())


def _of_others(beneath: Iterable[Command], actor: Actor) -> list[Node]:
    refused = [one for one in beneath if not authorize_somewhere(actor, one).allowed]
    verbs = {role: [one.verb for one in refused if one.role is role] for role in Role}
    lines = (
        f"With the role {role.value}: {', '.join(verbs[role])}" for role in Role if verbs[role]
    )
    return [Small(spans=spans(line)) for line in lines]


def _allowed(beneath: Iterable[Command], actor: Actor) -> list[Command]:
    return [one for one in beneath if authorize_somewhere(actor, one).allowed]


def _on_menu(registry: Registry, topic: str) -> list[Command]:
    """Everything beneath a root, or the most used of all."""
    if topic:
        return list(registry.of_noun(topic))
    return [one for one in registry.commands.values() if one.name in MOST_USED]


def _is_about_incident(one: Command) -> bool:
    return any(slot.arg.kind == "incident" and slot.positional for slot in slots_of(one.args))


def _use(one: Command) -> int:
    return MOST_USED.index(one.name) if one.name in MOST_USED else len(MOST_USED)


def _button(one: Command, incident: str | None) -> Button:
    target = incident if incident and _is_about_incident(one) else ""
    return button(one.name, target, LABELS.get(one.name, one.verb.replace("-", " ").capitalize()))
