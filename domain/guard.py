"""Guards: which calls wait for an approval, who may give it, and how many it takes."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field, JsonValue

from domain.actor import Actor, Role, Scope
from domain.args import slots_of
from domain.authorize import roles_of, suffices
from domain.base import Frozen
from domain.command import Command, Registry
from domain.errors import Invalid
from domain.facts import Fact
from domain.plan import Danger

TEN_MINUTES = timedelta(minutes=10)
# An approval of approvals has no end; what is one's own is nobody else's to allow or to read;
# an emergency brake waits for nobody, and has its own second person.
UNGUARDED_NOUNS = ("approval", "me", "safe-mode")


class Approver(Frozen):
    """A person, every member of a team, or everybody with at least a role."""

    kind: Literal["person", "team", "role"]
    id: str

    def __str__(self) -> str:
        """As people type it: ``@alice``, ``team:web``, ``role:responder``."""
        return f"@{self.id}" if self.kind == "person" else f"{self.kind}:{self.id}"

    def means(self, actor: Actor, of_team: str | None, about: str | None) -> bool:
        """Whether ``actor``, who belongs to ``of_team``, is meant for a call about a team.

        Who is named in person needs an account that is proven to be theirs (rule 9).
        """
        if self.kind == "person":
            return actor.proven and actor.user == self.id
        if self.kind == "team":
            return actor.proven and of_team == self.id
        return any(suffices(one, Role(self.id)) for one in roles_of(actor, about))


class Guard(Frozen):
    """``command`` is a name or a pattern like ``incident *``; ``when`` asks for arguments.

    With no approver the call is refused. ``expires`` is how long an approval may be given.
    ``managed_by`` names the file that this guard comes from and is changed in.
    """

    id: str
    command: str
    when: dict[str, str] = {}
    approvers: tuple[Approver, ...] = ()
    needs: Annotated[int, Field(ge=1, le=5)] = 1
    danger: Danger = "disruptive"
    expires: Annotated[timedelta, Field(ge=timedelta(minutes=1), le=timedelta(days=1))] = (
        TEN_MINUTES
    )
    managed_by: str | None = None


class Guarded(NamedTuple):
    """Which guard holds a call, None where none does, and why."""

    guard: Guard | None
    reason: str


class GuardSet(Fact):
    """An admin said who must approve a command."""

    kind: ClassVar[str] = "guard_set"
    template: ClassVar[str] = "{guard} set by {by}: {command} needs {needs} of {approvers}"
    guard: str
    command: str
    needs: int
    approvers: str


class GuardRemoved(Fact):
    """An admin let a command go without approval."""

    kind: ClassVar[str] = "guard_removed"
    template: ClassVar[str] = "{guard} removed by {by}"
    guard: str


def guard_for(command: Command, args: Mapping[str, JsonValue], guards: Iterable[Guard]) -> Guarded:
    """The guard of a call with these validated arguments.

    Where several fit, the one that says most about the call decides: the whole name before a
    pattern, then more conditions, then more grants, then the id.
    """
    if not may_be_guarded(command):
        return Guarded(None, f"/{command.name} is never guarded")
    fitting = [one for one in guards if _fits(one, command, args)]
    if not fitting:
        return Guarded(None, f"no guard is about this /{command.name}")
    chosen = min(fitting, key=lambda one: (*_rank(one), one.id))
    return Guarded(chosen, f"{chosen.id} guards {described(chosen)}")


def may_be_guarded(command: Command) -> bool:
    """Approving itself, one's own things, reading, and what a page waits for never are."""
    return (
        command.writes and command.noun not in UNGUARDED_NOUNS and command.scope is not Scope.PAGE
    )


def described(guard: Guard) -> str:
    """``/rollback start with environment=prod``."""
    conditions = " and ".join(f"{name}={value}" for name, value in guard.when.items())
    return f"/{guard.command}" + (f" with {conditions}" if conditions else "")


def named(approvers: Iterable[Approver]) -> str:
    """``@alice or any responder``."""
    return " or ".join(_called(one) for one in approvers) or "nobody"


def check(guard: Guard, registry: Registry) -> None:
    """Raises `Invalid` where the guard could never hold a call, or is about what may not wait."""
    about = [one for one in registry.commands.values() if fnmatchcase(one.name, guard.command)]
    if not about:
        raise Invalid(f"There is no command {guard.command}: see /help.", field="command")
    if not any(may_be_guarded(one) for one in about):
        raise Invalid(
            f"/{guard.command} is never guarded: pages, approvals and reading do not wait.",
            field="command",
        )
    for one in filter(may_be_guarded, about):
        known = {slot.name for slot in slots_of(one.args)}
        if unknown := guard.when.keys() - known:
            told = f"/{one.name} has no {', '.join(sorted(unknown))}: type {' or '.join(known)}."
            raise Invalid(told, field="when")


def parse_approver(word: str) -> Approver:
    """``@alice``, ``team:web`` or ``role:responder``. Raises `Invalid`."""
    kind, colon, rest = word.strip().partition(":")
    if not colon:
        return Approver(kind="person", id=kind.removeprefix("@").lower())
    if kind == "team" and rest:
        return Approver(kind="team", id=rest)
    if kind == "role" and rest in (Role.RESPONDER, Role.COMMANDER):
        return Approver(kind="role", id=rest)
    told = "Name approvers as @alice, team:web, role:responder or role:commander, by commas."
    raise Invalid(told, field="by")


def parse_conditions(text: str) -> dict[str, str]:
    """``environment=prod,service=trino``. Raises `Invalid`."""
    pairs = [one.partition("=") for one in text.split(",") if one.strip()]
    if not all(name.strip() and value.strip() for name, _, value in pairs):
        raise Invalid("Type conditions like environment=prod, by commas.", field="when")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _called(approver: Approver) -> str:
    words = {"team": f"anybody in team {approver.id}", "role": f"any {approver.id}"}
    return words.get(approver.kind, str(approver))


def _fits(guard: Guard, command: Command, args: Mapping[str, JsonValue]) -> bool:
    if not fnmatchcase(command.name, guard.command):
        return False
    return all(_same(args.get(name), value) for name, value in guard.when.items())


def _same(given: JsonValue, wanted: str) -> bool:
    return str("" if given is None else given).casefold() == wanted.casefold()


def _rank(guard: Guard) -> tuple[bool, int, int]:
    return ("*" in guard.command, -len(guard.when), -guard.needs)
