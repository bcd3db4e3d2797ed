"""Commands over HTTP: a typed line as in chat, and each command with its own arguments."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query
from pydantic import Field, JsonValue

from domain.actor import Actor
from domain.args import Slot, slots_of
from domain.authorize import authorize
from domain.base import Frozen
from domain.call import Call, Origin, Reply
from domain.command import Command, Registry
from domain.derive import hint, json_schema, label, usage
from domain.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from domain.message import Message, buttons
from domain.plain import plain
from domain.ports import Dispatch, Line, Typed
from web.gate import Acting
from web.reading import Reader

HERE = Origin(surface="api")
LONGEST_LINE = 20_000
REFUSALS: dict[str, type[Refused]] = {
    "asks": Invalid,
    "invalid": Invalid,
    "not_found": NotFound,
    "not_allowed": NotAllowed,
    "stale": Stale,
    "confirm": Stale,
}
Arguments = dict[str, JsonValue]
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=200, description="Once per key"),
]
DryRun = Annotated[bool, Query(description="Do everything, then undo it and answer")]


class TypedLine(Frozen):
    """A line as in chat, with or without its slash."""

    line: str = Field(max_length=LONGEST_LINE)


class Answer(Frozen):
    """What came of a command.

    ``refused`` with ``reason`` says that nothing was done, ``approval`` what it waits for;
    ``text`` is the reply in words.
    """

    reply: dict[str, JsonValue]
    text: str
    private: bool
    refused: bool
    reason: str
    field: str | None
    approval: str | None
    data: JsonValue


class Argument(Frozen):
    """What a command takes, as palettes and completions need it."""

    name: str
    names: tuple[str, ...]
    label: str
    kind: str
    required: bool
    positional: bool
    choices: tuple[str, ...]
    hint: str
    description: str


class Described(Frozen):
    """A command; ``allowed`` is whether the caller may use it."""

    name: str
    summary: str
    usage: str
    examples: tuple[str, ...]
    synonyms: tuple[str, ...]
    roots: tuple[str, ...]
    role: str
    scope: str
    danger: str
    writes: bool
    allowed: bool
    args: tuple[Argument, ...]


class Catalogue(Frozen):
    """Every command."""

    items: tuple[Described, ...]
    next: None = None


@dataclass(frozen=True)
class Commands:
    """The ways in. A refused line is answered 200 with ``refused`` true, as chat answers it; a
    refused typed call is a problem: 422, 404, 403 or 409."""

    registry: Registry
    typed: Typed
    dispatch: Dispatch

    async def line(
        self, actor: Acting, typed: TypedLine, key: Key = None, dry_run: DryRun = False
    ) -> Answer:
        """Do what chat would do with the line, as the token's user."""
        line = Line(text=typed.line, actor=actor, origin=HERE, key=key, dry_run=dry_run)
        return answer_of(await self.typed(line))

    async def every(self, actor: Reader) -> Catalogue:
        """Every command with what it takes: for palettes and completions."""
        found = tuple(_described(one, actor) for one in self.registry.commands.values())
        return Catalogue(items=found)

    async def typed_call(
        self,
        name: str,
        actor: Acting,
        arguments: Annotated[Arguments, Body(default_factory=dict)],
        key: Key = None,
        dry_run: DryRun = False,
    ) -> Answer:
        """Do the command with these arguments, as the token's user."""
        command = self._command(name.replace("/", " "))
        call = Call(
            command=command.name,
            args=arguments,
            actor=actor,
            origin=HERE,
            key=key,
            dry_run=dry_run,
        )
        return answer_of(accepted(await self.dispatch(call)))

    def add_routes(self, router: APIRouter) -> None:
        """Add the routes. One serves every typed call; `operations` describes each by itself."""
        told: dict[str, Any] = {"tags": ["commands"]}
        router.add_api_route("/commands", self.every, methods=["GET"], **told)
        router.add_api_route("/commands", self.line, methods=["POST"], **told)
        router.add_api_route(
            "/commands/{name:path}", self.typed_call, methods=["POST"], include_in_schema=False
        )

    def _command(self, name: str) -> Command:
        """Raises `NotFound`."""
        try:
            return self.registry.commands[name]
        except KeyError:
            raise NotFound(f"There is no command {name}: GET /api/v1/commands has all.") from None


def operations(paths: dict[str, Any], registry: Registry) -> dict[str, Any]:
    """Each command as an OpenAPI path of its own: it takes and answers what a typed line does,
    but for its body."""
    (where,) = (path for path in paths if path.endswith("/commands"))
    typed = paths[where]["post"]
    return {
        f"{where}/{command.noun}/{command.verb}": {"post": typed | _operation(command)}
        for command in registry.commands.values()
    }


def accepted(reply: Reply) -> Reply:
    """The reply, where something was done. Raises the refusal otherwise."""
    if not reply.refused:
        return reply
    raise REFUSALS[reply.refused](plain(reply.message), field=reply.field)


def answer_of(reply: Reply) -> Answer:
    """A reply in the contract's shape."""
    return Answer(
        reply=_message(reply.message),
        text=plain(reply.message),
        private=reply.private,
        refused=reply.refused not in ("", "asks"),
        reason=reply.refused,
        field=reply.field,
        approval=reply.approval,
        data=reply.data,
    )


def _message(message: Message) -> dict[str, JsonValue]:
    shown: dict[str, JsonValue] = message.model_dump(mode="json", exclude_none=True)
    pressed: list[JsonValue] = [
        one.model_dump(mode="json", include={"id", "label", "style"}) for one in buttons(message)
    ]
    return shown | {"text": plain(message), "buttons": pressed}


def _described(command: Command, actor: Actor) -> Described:
    return Described(
        name=command.name,
        summary=command.summary,
        usage=usage(command),
        examples=command.examples,
        synonyms=command.synonyms,
        roots=command.roots,
        role=command.role.value,
        scope=command.scope.value,
        danger=command.danger,
        writes=command.writes,
        allowed=authorize(actor, command, None).allowed,
        args=tuple(_argument(slot) for slot in slots_of(command.args)),
    )


def _argument(slot: Slot) -> Argument:
    return Argument(
        name=slot.name,
        names=slot.names,
        label=label(slot),
        kind=slot.arg.kind,
        required=slot.required,
        positional=slot.arg.positional,
        choices=slot.choices,
        hint=hint(slot),
        description=slot.description,
    )


def _operation(command: Command) -> dict[str, Any]:
    schema = json_schema(command)
    return {
        "summary": command.summary,
        "description": command.summary,
        "operationId": f"command_{command.noun}_{command.verb}".replace("-", "_"),
        "requestBody": {"content": {"application/json": {"schema": schema}}},
    }
