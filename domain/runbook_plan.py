"""The exact plan of a run: every step with its values, in the order in which it will be done."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from domain.base import Frozen
from domain.errors import Invalid, NotFound
from domain.plan import Danger, Plan
from domain.runbook import SAFETIES, Action, HttpRequest, Runbook, RunbookStep, Safety, Span
from domain.runbook_values import Known, Values, checked, fill, filled
from domain.server import Route, Server, fingerprint
from domain.when import in_words

DEEPEST = 5
MOST_STEPS = 200
NO_SERVERS: Mapping[str, Server] = {}
STEP_ONLY = {*RunbookStep.model_fields} - {*Action.model_fields}


class PlannedStep(Frozen):
    """A step with nothing left to decide; ``number`` counts from 1.

    ``runbook`` is the one that it stands in, which may have been called by another. ``route`` are
    the servers on the way to where its commands run, with the keys they must answer with.
    """

    number: int
    name: str
    runbook: str
    action: Action
    safety: Safety
    timeout: Span
    retries: int = 0
    undo: Action | None = None
    verify: Action | None = None
    route: Route = ()

    @property
    def where(self) -> str:
        """On which server its commands run; nothing for Tocsin's own machine."""
        way = " over ".join(one.address for one in reversed(self.route))
        return f"on {way}: " if way else ""


class RunPlan(Frozen):
    """All that a run will do. ``versions`` are the runbooks it is made of; ``left_out`` says in
    words which steps do not apply."""

    runbook: str
    title: str
    service: str | None
    environment: str
    versions: dict[str, str]
    values: Values
    steps: tuple[PlannedStep, ...]
    left_out: tuple[str, ...] = ()

    @property
    def safety(self) -> Safety:
        """That of its most dangerous step."""
        return max((one.safety for one in self.steps), key=SAFETIES.index, default="read")

    @property
    def danger(self) -> Danger | None:
        """Its class, None where it only reads."""
        return None if self.safety == "read" else self.safety

    @property
    def text(self) -> str:
        """All of it in words, to the letter."""
        return "\n".join(_lines(self))


def render(
    runbook: Runbook,
    given: Mapping[str, str],
    shelf: Mapping[str, Runbook],
    services: tuple[str, ...],
    servers: Mapping[str, Server] = NO_SERVERS,
) -> RunPlan:
    """The plan of a run with these values; ``shelf`` holds every runbook there is.

    Raises `Invalid` for values that do not fit, and for a runbook that cannot be carried out.
    """
    writing = _Writing(shelf, {"service": services, "server": servers}, servers)
    values = checked(runbook.parameters, given, writing.known)
    steps = tuple(writing.steps(runbook, values, ()))
    if not steps:
        why = "none of its steps applies" if runbook.steps else "it is text for people to follow"
        raise Invalid(f"Nothing would be done: {why}. See /runbook show {runbook.id}.")
    numbered = (one.model_copy(update={"number": n}) for n, one in enumerate(steps, 1))
    return RunPlan(
        runbook=runbook.id,
        title=runbook.title,
        service=runbook.service,
        environment=runbook.environment,
        versions=writing.versions,
        values=values,
        steps=tuple(numbered),
        left_out=tuple(writing.left_out),
    )


def plan_of(run: RunPlan, incident: str | None, team: str | None) -> Plan:
    """What somebody agrees to."""
    values = "".join(f" {name}={value}" for name, value in run.values.items())
    return Plan(
        title=f"run {run.runbook}{values}",
        text=run.text,
        service=run.service,
        incident=incident,
        team=team,
        danger=run.danger,
        because=f"its most dangerous step is {run.safety}",
    )


def told(action: Action) -> str:
    """An action to the letter: every argument in quotes of its own."""
    if action.command is not None:
        return f"run {json.dumps(action.command, ensure_ascii=False)}"
    if action.http is not None:
        return _told_request(action.http)
    if action.wait is not None:
        return f"wait until {action.wait.url} answers {_answers(action.wait.expect)}"
    if action.message is not None:
        where = f" in {action.room}" if action.room else ""
        return f"say{where}: {action.message}"
    return f"a person does: {action.manual}"


class _Writing:
    """A plan being written: which runbooks went into it, and what was left out."""

    def __init__(
        self, shelf: Mapping[str, Runbook], known: Known, servers: Mapping[str, Server]
    ) -> None:
        self.shelf = shelf
        self.known = known
        self.servers = servers
        self.versions: dict[str, str] = {}
        self.left_out: list[str] = []
        self.count = 0

    def steps(
        self, runbook: Runbook, values: Values, above: tuple[str, ...]
    ) -> Iterator[PlannedStep]:
        """The steps that apply, those of called runbooks in their place."""
        if runbook.id in above or len(above) >= DEEPEST:
            way = " → ".join((*above, runbook.id))
            raise Invalid(f"Runbooks call each other in a circle, look into one of them: {way}.")
        self.versions[runbook.id] = runbook.version
        for number, step in enumerate(runbook.steps, 1):
            if why := _not_now(step, values):
                self.left_out.append(f"{runbook.id} step {number}, {step.name}: {why}")
            elif step.call:
                yield from self._called(step, values, (*above, runbook.id))
            else:
                yield self._planned(runbook, step, values)

    def _called(
        self, step: RunbookStep, values: Values, above: tuple[str, ...]
    ) -> Iterator[PlannedStep]:
        runbook = self.shelf.get(step.call or "")
        if runbook is None:
            raise NotFound(
                f"{above[-1]} calls {step.call}, and there is no such runbook: see /runbook list."
            )
        given = {name: fill(text, values) for name, text in step.given.items()}
        below = checked(runbook.parameters, given, self.known)
        yield from self.steps(runbook, below, above)

    def _planned(self, runbook: Runbook, step: RunbookStep, values: Values) -> PlannedStep:
        self.count += 1
        if self.count > MOST_STEPS:
            told = f"A run has at most {MOST_STEPS} steps: write two runbooks."
            raise Invalid(told)
        own = step.model_dump(exclude_none=True, exclude=STEP_ONLY)
        return PlannedStep(
            number=self.count,
            name=fill(step.name, values),
            runbook=runbook.id,
            action=_action(own, values),
            safety=step.danger,
            timeout=step.timeout,
            retries=step.retries,
            undo=_maybe(step.undo, values),
            verify=_maybe(step.verify, values),
            route=self._route(fill(step.server, values)) if step.server else (),
        )

    def _route(self, name: str) -> Route:
        """The servers on the way to one, as they are now. Raises `NotFound`."""
        way: list[Server] = []
        while name:
            server = self.servers.get(name)
            if server is None or server in way:
                raise NotFound(f"There is no server {name} to run on: see /server list.")
            way.insert(0, server)
            name = server.jump or ""
        return tuple(way)


def _maybe(action: Action | None, values: Values) -> Action | None:
    return _action(action.model_dump(exclude_none=True), values) if action else None


def _action(written: dict[str, Any], values: Values) -> Action:
    """The action with its values; in an address each stays within its part."""
    done = filled(written, values)
    for kind in ("http", "wait"):
        if kind in written:
            done[kind]["url"] = fill(written[kind]["url"], values, address=True)
    try:
        return Action.model_validate(done)
    except ValidationError as error:
        why = error.errors()[0]["msg"]
        raise Invalid(f"A value does not fit its step: {why}. Type another value.") from error


def _not_now(step: RunbookStep, values: Values) -> str:
    """Why the step does not apply; empty where it does."""
    unmet = (name for name, wanted in step.when.items() if values[name] != wanted)
    name = next(unmet, None)
    return f"{name} is not {step.when[name]}" if name else ""


def _lines(run: RunPlan) -> Iterator[str]:
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    yield f"Runbook {run.runbook} in {run.environment}: {run.title}"
    yield f"Version {versions}"
    for name, value in run.values.items():
        yield f"{name} = {json.dumps(value, ensure_ascii=False)}"
    for server in dict.fromkeys(one.id for step in run.steps for one in step.route):
        yield f"Server {server} has to answer with {_keys(run, server)}"
    for step in run.steps:
        yield f"{step.number}. {step.name} ({_terms(step)})"
        yield f"   {_placed(step, step.action)}"
        if step.verify:
            yield f"   then check: {_placed(step, step.verify)}"
        if step.undo:
            yield f"   undone by: {_placed(step, step.undo)}"
    yield from (f"Left out: {one}" for one in run.left_out)


def _keys(run: RunPlan, name: str) -> str:
    on_the_way = (one for step in run.steps for one in step.route)
    server = next(one for one in on_the_way if one.id == name)
    return " or ".join(map(fingerprint, server.host_keys))


def _placed(step: PlannedStep, action: Action) -> str:
    return f"{step.where if action.command else ''}{told(action)}"


def _terms(step: PlannedStep) -> str:
    again = f", {step.retries} more tries" if step.retries else ""
    return f"{step.safety}, at most {in_words(step.timeout)}{again}"


def _told_request(request: HttpRequest) -> str:
    parts = [f"{request.method} {request.url}"]
    parts += [f"{name}: {value}" for name, value in request.headers.items()]
    if request.send is not None:
        parts.append(f"sending {json.dumps(request.send, ensure_ascii=False)}")
    return f"{', '.join(parts)}, expecting {_answers(request.expect)}"


def _answers(expect: tuple[int, ...]) -> str:
    return " or ".join(map(str, expect)) or "any 2xx"
