"""How a command is declared: once. Every surface, help and the reference derive from this."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from domain.actor import Role, Scope
from domain.args import Args
from domain.call import Reply
from domain.message import Option
from domain.plan import Plan

if TYPE_CHECKING:
    from domain.guard import Guard

Handler = Callable[[Any, Any], Awaitable[Reply]]
Planner = Callable[[Any, Any], Awaitable[Plan]]
Holder = Callable[[Any, Any], Awaitable["Guard | None"]]
Picker = Callable[[Any, Mapping[str, Any]], Awaitable[tuple[Option, ...]]]
Danger = Literal["none", "confirm", "destructive"]


@dataclass(frozen=True)
class Command:
    """A noun and a verb, who may use it, and the function that does it.

    ``role`` is the least role; ``scope`` what a token needs; ``writes`` picks a write unit and
    an audit row; ``admins`` may use it whatever other role they hold. What changes something
    ``outside`` stops in safe mode. ``synonyms`` are further verbs, ``roots`` further whole
    spellings. ``plan`` says what a call will do; without one a guarded call's plan is its line and
    its rehearsed answer. ``held_by`` is the guard that a call has by itself, where no admin has set
    one. ``picks`` has what its form offers for a field, the best first.
    """

    name: str
    summary: str
    args: type[Args]
    handler: Handler
    role: Role
    scope: Scope
    writes: bool
    examples: tuple[str, ...]
    synonyms: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    danger: Danger = "none"
    public: bool = False
    admins: bool = False
    outside: bool = False
    plan: Planner | None = None
    held_by: Holder | None = None
    picks: Mapping[str, Picker] = field(default_factory=dict)

    @property
    def noun(self) -> str:
        """The root people type after the slash."""
        return self.name.split()[0]

    @property
    def verb(self) -> str:
        """The word after the root."""
        return self.name.split()[1]

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every whole spelling, the canonical one first."""
        return (self.name, *(f"{self.noun} {word}" for word in self.synonyms), *self.roots)


@dataclass(frozen=True)
class Grant:
    """Who may use a command: the least role, and the scope a token needs for it.

    ``owes``: it reads, and leaves a job behind. ``admins``: they too, beside the role.
    ``outside``: it changes something outside Tocsin, so it stops in safe mode.
    """

    role: Role
    scope: Scope = Scope.WRITE
    owes: bool = False
    admins: bool = False
    outside: bool = False


@dataclass(frozen=True)
class Words:
    """Other ways to type a command."""

    synonyms: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()


def command(
    name: str,
    grant: Grant,
    examples: tuple[str, ...],
    words: Words = Words(),
    danger: Danger = "none",
) -> Callable[[Handler], Command]:
    """Declare the decorated ``async (ctx, args) -> Reply`` as the command ``name``.

    The summary is the function's first docstring line; reads are the commands whose scope is
    `Scope.READ`, unless they owe something afterwards.
    """

    def declare(handler: Handler) -> Command:
        doc = (handler.__doc__ or "").strip().splitlines()
        return Command(
            name=name,
            summary=doc[0] if doc else "",
            args=handler.__annotations__["args"],
            handler=handler,
            role=grant.role,
            scope=grant.scope,
            writes=grant.scope is not Scope.READ or grant.owes,
            examples=examples,
            synonyms=words.synonyms,
            roots=words.roots,
            danger=danger,
            admins=grant.admins,
            outside=grant.outside,
        )

    return declare


def planned(plan: Planner) -> Callable[[Command], Command]:
    """Let ``async plan(ctx, args) -> Plan`` say what the command beneath will do, word for word.

    It checks what the command itself would refuse, and changes nothing.
    """
    return lambda declared: replace(declared, plan=plan)


def held(rule: Holder) -> Callable[[Command], Command]:
    """Let ``async rule(ctx, args) -> Guard | None`` say which calls of the command beneath wait
    for somebody's approval although no admin has guarded them."""
    return lambda declared: replace(declared, held_by=rule)


def picked(**pickers: Picker) -> Callable[[Command], Command]:
    """Let ``async picker(ctx, given)`` say what a form of the command beneath offers for a field.

    ``given`` are the arguments as far as they are known. It reads, and changes nothing.
    """
    return lambda declared: replace(declared, picks=pickers)


@dataclass(frozen=True)
class Registry:
    """Every command by name; assembled in wiring, never a global."""

    commands: dict[str, Command] = field(default_factory=dict)

    @classmethod
    def of(cls, commands: Iterable[Command]) -> "Registry":
        """Index ``commands``; two that answer to one spelling are a programming error."""
        found: dict[str, str] = {}
        commands = sorted(commands, key=lambda one: one.name)
        for one in commands:
            for spelling in one.spellings:
                if spelling in found:
                    raise ValueError(f"/{spelling} is both {found[spelling]} and {one.name}")
                found[spelling] = one.name
        return cls({one.name: one for one in commands})

    @cached_property
    def nouns(self) -> tuple[str, ...]:
        """The roots, in order."""
        return tuple(dict.fromkeys(one.noun for one in self.commands.values()))

    def of_noun(self, noun: str) -> tuple[Command, ...]:
        """The commands beneath a root."""
        return tuple(one for one in self.commands.values() if one.noun == noun)
