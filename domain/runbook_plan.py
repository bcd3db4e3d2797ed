"""The exact plan of a run: every step with its values, in the order in which it will be done."""

import json
from collections.abc import Iterator

from domain.base import Frozen
from domain.plan import Danger, Plan
from domain.runbook import SAFETIES, Action, HttpRequest, Safety, Span, Sql
from domain.runbook_values import Values
from domain.server import Route, fingerprint
from domain.when import in_words


class PlannedStep(Frozen):
    """A step with nothing left to decide; ``number`` counts from 1.

    ``runbook`` is the one that it stands in, which may have been called by another. ``route`` are
    the servers on the way to where its commands run, with the keys they must answer with.
    ``touches`` is the server that it is about; steps of one number ``together`` are begun at once.
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
    touches: str = ""
    together: int | None = None

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
    blast_radius: int | None = None

    @property
    def touched(self) -> tuple[str, ...]:
        """The servers that it is about, in the order in which their turn comes."""
        return tuple(dict.fromkeys(one.touches for one in self.steps if one.touches))

    def beside(self, step: PlannedStep) -> tuple[PlannedStep, ...]:
        """The steps that are begun together with one, itself among them."""
        alone = step.together is None
        return (step,) if alone else tuple(
            one for one in self.steps if one.together == step.together
        )  # fmt: skip

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
        because=_because(run),
    )


def _because(run: RunPlan) -> str:
    if run.danger is None and all(one.action.manual is not None for one in run.steps):
        return "people do all of it by hand"
    return f"its most dangerous step is {run.safety}"


def told(action: Action) -> str:
    """An action to the letter: every argument in quotes of its own."""
    if action.command is not None:
        return f"run {json.dumps(action.command, ensure_ascii=False)}"
    if action.http is not None:
        return _told_request(action.http)
    if action.wait is not None:
        return f"wait until {action.wait.url} answers {_answers(action.wait.expect)}"
    if action.sql is not None:
        return _told_statement(action.sql)
    if action.message is not None:
        where = f" in {action.room}" if action.room else ""
        return f"say{where}: {action.message}"
    return f"a person does: {action.manual}"


def _lines(run: RunPlan) -> Iterator[str]:
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    yield f"Runbook {run.runbook} in {run.environment}: {run.title}"
    yield f"Version {versions}"
    for name, value in run.values.items():
        yield f"{name} = {json.dumps(value, ensure_ascii=False)}"
    for server in dict.fromkeys(one.id for step in run.steps for one in step.route):
        yield f"Server {server} has to answer with {_keys(run, server)}"
    if run.touched:
        most = f", of at most {run.blast_radius}" if run.blast_radius else ""
        yield f"Touches {_counted(len(run.touched))}{most}: {', '.join(run.touched)}"
    for step in run.steps:
        yield from _step_lines(run, step)
    yield from (f"Left out: {one}" for one in run.left_out)


def _step_lines(run: RunPlan, step: PlannedStep) -> Iterator[str]:
    beside = run.beside(step)
    if len(beside) > 1 and step == beside[0]:
        yield f"{step.number} to {beside[-1].number} at the same time:"
    yield f"{step.number}. {step.name} ({_terms(step)})"
    yield f"   {_placed(step, step.action)}"
    if step.verify:
        yield f"   then check: {_placed(step, step.verify)}"
    if step.undo:
        yield f"   undone by: {_placed(step, step.undo)}"


def _counted(servers: int) -> str:
    return "1 server" if servers == 1 else f"{servers} servers"


def _keys(run: RunPlan, name: str) -> str:
    on_the_way = (one for step in run.steps for one in step.route)
    server = next(one for one in on_the_way if one.id == name)
    return " or ".join(map(fingerprint, server.host_keys))


def _placed(step: PlannedStep, action: Action) -> str:
    return f"{step.where if action.command else ''}{told(action)}"


def _terms(step: PlannedStep) -> str:
    if step.action.manual is not None:
        return "by hand" if step.safety == "read" else f"by hand, {step.safety}"
    again = f", {step.retries} more tries" if step.retries else ""
    return f"{step.safety}, at most {in_words(step.timeout)}{again}"


def _told_request(request: HttpRequest) -> str:
    parts = [f"{request.method} {request.url}"]
    parts += [f"{name}: {value}" for name, value in request.headers.items()]
    if request.send is not None:
        parts.append(f"sending {json.dumps(request.send, ensure_ascii=False)}")
    return f"{', '.join(parts)}, expecting {_answers(request.expect)}"


def _told_statement(sql: Sql) -> str:
    does = "read, unable to write tables" if sql.read else "write, or nothing"
    parts = [f"in {sql.connection} {does}, at most {sql.most_rows} rows: {sql.statement.strip()}"]
    parts += [f"{name} = {json.dumps(value, ensure_ascii=False)}"
              for name, value in sql.values.items()]  # fmt: skip
    return ", ".join(parts)


def _answers(expect: tuple[int, ...]) -> str:
    return " or ".join(map(str, expect)) or "any 2xx"
