"""Servers as another program knows them, and what becomes of them here."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError

from domain.base import Frozen
from domain.server import Server

Present = Mapping[str, tuple[Server, str | None]]


class ToldServer(Frozen):
    """A server of a file; ``line`` is where it begins. What is empty is not said there."""

    name: str
    host: str = ""
    port: int | None = None
    user: str = ""
    jump: str = ""
    groups: tuple[str, ...] = ()
    line: int


class LeftOut(Frozen):
    """What is not taken over: where it stands, and why."""

    line: int
    text: str

    def __str__(self) -> str:
        """``line 12: …``."""
        return f"line {self.line}: {self.text}"


class Inventory(Frozen):
    """What a file holds."""

    servers: tuple[ToldServer, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class Usual(Frozen):
    """What holds where the file does not say it, for servers that are new here."""

    user: str = ""
    environment: str = "prod"
    team: str | None = None


class Adopted(Frozen):
    """A server as it will be; ``before`` is what it is now, where it is known."""

    server: Server
    before: Server | None = None

    @property
    def action(self) -> str:
        """create, change or keep."""
        if self.before is None:
            return "create"
        return "keep" if self.before == self.server else "change"

    @property
    def fields(self) -> tuple[str, ...]:
        """What differs."""
        if self.before is None:
            return ()
        names = Server.model_fields
        return tuple(
            name for name in names if getattr(self.before, name) != getattr(self.server, name)
        )


class Adoption(Frozen):
    """What an import would do, and what it leaves out."""

    servers: tuple[Adopted, ...]
    left_out: tuple[LeftOut, ...]


def adoption(
    inventory: Inventory,
    present: Present,
    usual: Usual,
    keys: Mapping[str, Sequence[str]],
) -> Adoption:
    """``keys`` are the host keys that a file of known hosts has for servers of these names.

    A key that is pinned here is never replaced, and who or what a server belongs to is kept.
    """
    left_out = list(inventory.left_out)
    made: dict[str, Adopted] = {}
    for told in inventory.servers:
        try:
            if told.name in made:
                raise ValueError(f"{told.name} stands above already")
            made[told.name] = _adopted(told, present, usual, keys.get(told.name, ()))
        except ValueError as wrong:
            left_out.append(LeftOut(line=told.line, text=_reason(told, wrong)))
    lines = {told.name: told.line for told in inventory.servers}
    left_out += _without_a_way(made, present, lines)
    order = sorted(left_out, key=lambda one: one.line)
    return Adoption(servers=tuple(made.values()), left_out=tuple(order))


def _adopted(told: ToldServer, present: Present, usual: Usual, keys: Sequence[str]) -> Adopted:
    before, file = present.get(told.name, (None, None))
    if file is not None:
        raise ValueError(f"{told.name} is managed by {file}: change it there")
    user = told.user or usual.user or (before.user if before else "")
    if not user:
        raise ValueError(f"{told.name} has no user: give one, --set user=NAME")
    says = {
        "host": told.host or told.name, "port": told.port or 22, "user": user,
        "jump": told.jump or None, "groups": told.groups,
    }  # fmt: skip
    if before is None:
        says |= {"environment": usual.environment, "team": usual.team}
        pinned = tuple(keys)
    else:
        pinned = _pinned(told, before, keys)
    kept = before.model_dump() if before else {}
    server = Server.model_validate(kept | {"id": told.name} | says | {"host_keys": pinned})
    return Adopted(server=server, before=before)


def _pinned(told: ToldServer, before: Server, keys: Sequence[str]) -> tuple[str, ...]:
    if before.host_keys and keys and not any(map(before.is_known_by, keys)):
        raise ValueError(f"{told.name} has another host key there than the one pinned here")
    return before.host_keys or tuple(keys)


def _reason(told: ToldServer, wrong: ValueError) -> str:
    if not isinstance(wrong, ValidationError):
        return str(wrong)
    fault = wrong.errors()[0]
    field = ".".join(str(part) for part in fault["loc"])
    return f"{told.name}: {field} does not fit: {fault['msg'].removeprefix('Value error, ')}"


def _without_a_way(
    made: dict[str, Adopted], present: Present, lines: Mapping[str, int]
) -> Iterator[LeftOut]:
    """Servers whose jump host is none, also because it was left out; they go from ``made``."""
    while lost := [one for one in made.values() if _is_lost(one.server, made, present)]:
        for one in lost:
            del made[one.server.id]
            text = f"{one.server.id} is reached over {one.server.jump}, which is not taken over"
            yield LeftOut(line=lines[one.server.id], text=text)
    ways = {name: one.server.jump for name, one in made.items()}
    for name in [name for name in ways if _goes_round(name, ways)]:
        del made[name]
        yield LeftOut(line=lines[name], text=f"{name} is reached over itself")


def _is_lost(server: Server, made: Mapping[str, Adopted], present: Present) -> bool:
    return server.jump is not None and server.jump not in made and server.jump not in present


def _goes_round(name: str, ways: Mapping[str, str | None]) -> bool:
    seen: list[str] = []
    at: str | None = name
    while at is not None and at not in seen:
        seen.append(at)
        at = ways.get(at)
    return at is not None
