"""The organisation in files: read from a directory, compared with the database, applied to it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from bot.calendar_files import CalendarsRead, calendars_of, keep_calendars
from bot.runbook_files import runbook_node
from bot.yaml_files import NotRead, composed, plain
from domain.command import Registry
from domain.declared.changes import Change, Key, Present, changes
from domain.declared.check import Known, check, rung_schedules
from domain.declared.items import KINDS, NOUNS, ConfigurationChanged, Declared, Problem
from domain.declared.written import read, write
from domain.errors import Invalid
from domain.escalation import EscalationPolicy
from domain.runbook import Runbook
from domain.runbook_faults import faults
from domain.schedule import Schedule
from domain.suggest import nearest
from storage.rows import Documents
from storage.unit import Unit

Place = tuple[Any, ...]


@dataclass
class Files:
    """What the files of a directory declare, and what is wrong with how they say it."""

    declared: list[Declared] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    directory: Path = Path()


@dataclass(frozen=True)
class Plan:
    """What applying would change, and what is wrong or doubtful about it."""

    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    declared: Mapping[Key, Declared]
    calendars: CalendarsRead

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What must be mended first."""
        return tuple(one for one in self.problems if not one.warning)


def read_files(directory: Path) -> Files:
    """Everything that the files in and beneath a directory declare: ``*.yaml``, and runbooks in
    ``*.md``."""
    found = Files(directory=directory)
    for path in sorted(directory.rglob("*.y*ml")):
        _read_file(path, path.relative_to(directory).as_posix(), found)
    for path in sorted(directory.rglob("*.md")):
        _read_runbook(path, path.relative_to(directory).as_posix(), found)
    return found


def _read_runbook(path: Path, name: str, found: Files) -> None:
    try:
        node = runbook_node(path)
    except NotRead as error:
        found.problems.append(_unread(error, name))
        return
    if node is not None:
        _read_item("runbooks", node, name, found)


async def plan(unit: Unit, files: Files, registry: Registry, *, prune: bool = False) -> Plan:
    """What applying ``files`` would do to the database as it is now."""
    present = await everything(unit)
    read = await calendars_of(unit, files.declared, files.directory)
    files = replace(files, declared=[*read.declared])
    made = tuple(changes(files.declared, present, prune=prune))
    gone = {(one.kind, one.id) for one in made if one.action == "remove"}
    there = ({*present} | {one.key for one in files.declared}) - gone
    people = {one.id: one.team for one in await unit.people.everybody() if one.active}
    ids = {kind: frozenset(key for of, key in there if of == kind) for kind in KINDS}
    looked_at = [*files.declared, *(_left(present, there - _keys(files)) if gone else ())]
    known = Known(
        ids=ids,
        people=people,
        asleep=await unit.roster.asleep(_on_call(files, people)),
        rung=rung_schedules(_policies(present, files, gone)),
        webhooks=unit.installation.webhooks,
    )
    wrong = (*files.problems, *read.problems, *check(looked_at, known, registry, unit.now))
    return Plan(made, wrong, {one.key: one for one in files.declared}, read)


def _on_call(files: Files, people: Mapping[str, str | None]) -> Iterator[str]:
    """Whom the files' schedules hold, of those that there are."""
    for one in files.declared:
        if isinstance(one.value, Schedule):
            yield from (person for person in one.value.people if person in people)


def _policies(
    present: Mapping[Key, Present], files: Files, gone: set[Key]
) -> Iterator[EscalationPolicy]:
    """The policies that there are once the files are applied."""
    kept = {key: one.value for key, one in present.items() if key not in gone}
    for value in (kept | {one.key: one.value for one in files.declared}).values():
        if isinstance(value, EscalationPolicy):
            yield value


def _keys(files: Files) -> set[Key]:
    return {one.key for one in files.declared}


def _left(present: Mapping[Key, Present], keys: Iterable[Key]) -> Iterator[Declared]:
    """What stays as it is, and may stand on something that goes."""
    for kind, key in sorted(keys):
        one = present[kind, key]
        origin = f"{NOUNS[kind]} {key}, which stays"
        yield Declared(kind=kind, value=one.value, file=one.managed_by or "", origin=origin)


async def apply(unit: Unit, planned: Plan) -> None:
    """Make the changes, each with its fact."""
    for change in planned.changes:
        if change.action == "keep":
            continue
        stored = _stored(unit)[change.kind]
        if change.action == "remove":
            await stored.drop(change.id)
            if change.kind == "schedules":
                await unit.calendars.forget(change.id)
        else:
            await stored.declare(planned.declared[change.kind, change.id].value, change.file)
        fact = ConfigurationChanged(
            action=change.action,
            noun=change.noun,
            name=change.id,
            fields=f"({', '.join(change.fields)})" if change.fields else "",
            file=change.file,
        )
        await unit.facts.add(f"{change.noun}:{change.id}", fact)
    await keep_calendars(unit, planned.calendars)


async def everything(unit: Unit) -> dict[Key, Present]:
    """All that is in the database and may be declared."""
    return {
        (kind, key): Present(value=value, managed_by=file)
        for kind, stored in _stored(unit).items()
        for key, (value, file) in (await stored.present()).items()
    }


def written(present: Mapping[Key, Present]) -> str:
    """As files would say it: one YAML document that `read_files` reads back."""
    told: dict[str, list[dict[str, Any]]] = {}
    for kind in KINDS:
        items = [write(kind, one.value) for (of, _), one in sorted(present.items()) if of == kind]
        if items:
            told[kind] = items
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=100)


def _stored(unit: Unit) -> dict[str, Documents[Any]]:
    catalog = unit.catalog
    return {
        "teams": catalog.teams,
        "groups": unit.people.groups,
        "schedules": catalog.schedules,
        "policies": catalog.policies,
        "services": catalog.services,
        "routes": catalog.routes,
        "guards": unit.guards,
        "servers": catalog.servers,
        "runbooks": catalog.runbooks,
    }


def _read_file(path: Path, name: str, found: Files) -> None:
    try:
        node = composed(path)
    except NotRead as error:
        found.problems.append(_unread(error, name))
        return
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _read_kind(key, value, name, found)
    elif node is not None:
        told = f"a file says what it declares: {', '.join(KINDS)}"
        found.problems.append(Problem(origin=f"{name}:1", text=told))


def _read_kind(key: yaml.Node, items: yaml.Node, name: str, found: Files) -> None:
    origin = f"{name}:{key.start_mark.line + 1}"
    if key.value not in KINDS:
        meant = nearest(str(key.value), list(KINDS))
        hint = f"Did you mean {meant}?" if meant else f"There are: {', '.join(KINDS)}"
        found.problems.append(Problem(origin=origin, text=f"there are no {key.value}. {hint}"))
    elif not isinstance(items, yaml.SequenceNode):
        told = f"{key.value} is a list: begin each with a dash"
        found.problems.append(Problem(origin=origin, text=told))
    else:
        for item in items.value:
            _read_item(key.value, item, name, found)


def _read_item(kind: str, node: yaml.Node, name: str, found: Files) -> None:
    lines = dict(_lines(node, (), set()))
    origin = f"{name}:{lines[()]}"
    try:
        value = read(kind, plain(node))
    except ValidationError as error:
        found.problems += [_fault(one, kind, name, lines) for one in error.errors()]
    except NotRead as error:
        found.problems.append(_unread(error, name))
    except (Invalid, ValueError) as error:
        found.problems.append(Problem(origin=origin, text=str(error)))
    else:
        told = {".".join(map(str, place)): line for place, line in lines.items()}
        found.declared.append(
            Declared(kind=kind, value=value, file=name, origin=origin, lines=told)
        )
        if isinstance(value, Runbook):
            wrong = ({"loc": one.place, "msg": one.text} for one in faults(value))
            found.problems += [_fault(one, kind, name, lines) for one in wrong]


def _unread(error: NotRead, name: str) -> Problem:
    return Problem(origin=f"{name}:{error.line}" if error.line else name, text=error.text)


def _lines(node: yaml.Node, above: Place, seen: set[int]) -> Iterator[tuple[Place, int]]:
    """The line of everything in an item, by where it is in it; what is repeated by its name
    stands where it was written."""
    yield above, node.start_mark.line + 1
    if id(node) not in seen:
        seen.add(id(node))
        for name, value in _inside(node):
            yield from _lines(value, (*above, name), seen)


def _inside(node: yaml.Node) -> Iterable[tuple[Any, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        return [(str(key.value), value) for key, value in node.value]
    return enumerate(node.value) if isinstance(node, yaml.SequenceNode) else ()


def _fault(fault: Any, kind: str, name: str, lines: Mapping[Place, int]) -> Problem:
    """What does not fit, at the line of the nearest thing that is written."""
    place: Place = fault["loc"]
    near = next(place[:end] for end in range(len(place), -1, -1) if place[:end] in lines)
    field_name = ".".join(str(part) for part in place) or NOUNS[kind]
    reason = fault["msg"].removeprefix("Value error, ").replace("Input should", "should", 1)
    return Problem(origin=f"{name}:{lines[near]}", text=f"{field_name}: {reason}")
