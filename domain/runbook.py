"""Runbooks: what to do, in words and as steps that can be carried out.

A text of a step may hold ``${name}``, which stands for the value of a parameter; ``$${`` is a
``${`` that stands for itself. There is no other syntax: nothing is evaluated, and a value is put
in once and never looked at again.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, model_validator

from domain.base import Frozen
from domain.errors import Invalid
from domain.matcher import parse_matchers
from domain.when import parse_duration

Safety = Literal["read", "reversible", "disruptive", "destructive"]
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
ActionKind = Literal["manual", "message", "http", "wait", "command", "sql", "call", "parallel"]
SAFETIES: tuple[Safety, ...] = ("read", "reversible", "disruptive", "destructive")
KINDS: tuple[ActionKind, ...] = (
    "manual", "message", "http", "wait", "command", "sql", "call", "parallel",
)  # fmt: skip
READING: tuple[ActionKind, ...] = ("manual", "message", "wait")
SERVER = "server"
"""What stands for the server at hand where a step is done for each of a group."""
NAME = r"^[a-z][a-z0-9_]{0,39}$"
# What stands for a value in a statement, as ``:host``; ``::`` is a cast.
BOUND = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")
# How a statement that reads may begin, behind comments; one within another is not looked through.
ASKING = re.compile(
    r"(?:[\s(]|--[^\r\n]*[\r\n]|/\*(?:(?!/\*|\*/).)*\*/)*(SELECT|WITH|VALUES|TABLE|SHOW|EXPLAIN)\b",
    re.IGNORECASE | re.DOTALL,
)
HOLE = re.compile(r"(\$)?\$\{([^}]*)\}")
ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(?![^/?#])[!-~]*\Z")
VERSION_LENGTH = 12
MOST_STEPS = 100


def class_of(kind: str, safety: Safety) -> str:
    """The class of a step as a reader sees it: what people do themselves, and which harms nothing,
    is *by hand*."""
    return "by hand" if kind == "manual" and safety == "read" else safety


def _span(value: Any) -> Any:
    return (parse_duration(value) if isinstance(value, str) else None) or value


Span = Annotated[
    timedelta,
    BeforeValidator(_span),
    Field(ge=timedelta(seconds=1), le=timedelta(days=1)),
]
Line = Annotated[str, Field(min_length=1, max_length=2000)]


def _address(value: str) -> str:
    """A web address whose host is one, or is still to be filled in; it names no user."""
    if not ADDRESS.match(HOLE.sub("x", value)):
        raise ValueError("write an address like https://host:8443/path, without a user or blanks")
    return value


Address = Annotated[str, Field(max_length=2000), AfterValidator(_address)]


class Parameter(Frozen):
    """What a run is told: ``pattern`` is a regular expression that fits the whole of a text."""

    name: Annotated[str, Field(pattern=NAME)]
    type: Literal["text", "number", "choice", "service", "server"] = "text"
    description: str = ""
    pattern: str = ""
    choices: tuple[str, ...] = ()
    default: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> "Parameter":
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("choices are what a parameter of type choice takes, and no other")
        if self.pattern and self.type != "text":
            raise ValueError("a pattern is for a parameter of type text")
        return self


class HttpRequest(Frozen):
    """A request; ``expect`` are the answers that count as good, any 2xx where none is named.

    ``send`` is text as it is, or values that are sent as JSON.
    """

    method: Method = "GET"
    url: Address
    headers: dict[str, str] = {}
    send: JsonValue = None
    expect: tuple[int, ...] = ()


class Wait(Frozen):
    """Look again every so often until ``url`` answers as expected."""

    url: Address
    expect: tuple[int, ...] = ()
    every: Span = timedelta(seconds=10)


class Sql(Frozen):
    """One statement on a database that an admin has named; ``:host`` stands for the value of that
    name, which is bound and never becomes a part of the statement.

    What reads cannot write tables, but may call what the database's role may call. ``most_rows``
    are shown of what is read; what writes more of them is taken back.
    """

    connection: Annotated[str, Field(pattern=NAME)]
    read: Annotated[str, Field(min_length=1, max_length=4000)] | None = None
    write: Annotated[str, Field(min_length=1, max_length=4000)] | None = None
    values: dict[str, str] = {}
    most_rows: Annotated[int, Field(ge=1, le=1000)] = 50

    @model_validator(mode="after")
    def _whole(self) -> "Sql":
        if (self.read is None) == (self.write is None):
            raise ValueError("a statement is read or write")
        if self.read and not ASKING.match(self.read):
            raise ValueError("what reads begins with SELECT, WITH, VALUES, TABLE, SHOW or EXPLAIN")
        if {*BOUND.findall(self.statement)} != {*self.values}:
            raise ValueError("what stands as :name in the statement has a value, and no other")
        return self

    @property
    def statement(self) -> str:
        """What is asked of the database."""
        return self.read or self.write or ""


class Action(Frozen):
    """One thing to do, of exactly one kind.

    ``manual`` tells a person what to do; ``message`` is said in the room of the run, or in
    ``room``; ``command`` is a program and its arguments, never a line for a shell.
    """

    manual: Line | None = None
    message: Line | None = None
    room: str | None = None
    http: HttpRequest | None = None
    wait: Wait | None = None
    command: Annotated[tuple[str, ...], Field(min_length=1, max_length=100)] | None = None
    sql: Sql | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Action":
        given = [kind for kind in KINDS if getattr(self, kind, None) is not None]
        if len(given) != 1:
            told = f", not {' and '.join(given)}" if given else ""
            raise ValueError(f"a step is one of {', '.join(KINDS)}{told}")
        if self.room and self.message is None:
            raise ValueError("a room is where a message is said")
        return self

    @property
    def kind(self) -> ActionKind:
        """Which kind it is."""
        return next(kind for kind in KINDS if getattr(self, kind, None) is not None)

    @property
    def writes(self) -> bool:
        """Whether its own words say that it changes something; those of a command say nothing."""
        return self.kind in ("http", "sql") and self.usual_safety != "read"

    @property
    def usual_safety(self) -> Safety:
        """How dangerous such a thing is where nobody says more."""
        asks = self.http is not None and self.http.method in ("GET", "HEAD")
        reads = self.sql is not None and self.sql.read is not None
        return "read" if asks or reads or self.kind in READING else "disruptive"


class Gate(Action):
    """What must hold before the next servers are begun. It looks, on Tocsin's own machine."""

    timeout: Span = timedelta(minutes=5)

    @model_validator(mode="after")
    def _looking(self) -> "Gate":
        if self.kind not in ("wait", "http", "command", "sql"):
            raise ValueError("a gate is wait, http, command or sql")
        if self.writes:
            raise ValueError("a gate only looks: GET or HEAD, or what reads")
        return self


class RunbookStep(Action):
    """An action in its place: under which conditions, how long, how often, and what takes it
    back.

    ``when`` names parameters and the values they must have. ``verify`` must go well afterwards,
    or the step has failed. ``retries`` counts further tries after a failure, never after an end
    that nobody saw. ``call`` is another runbook, ``given`` what its parameters are. ``server`` is
    that on which its commands run, those of ``undo`` and ``verify`` too; this machine without it.

    ``for_each`` is a group of servers: the step is done for each of them, ``batch`` at a time, and
    ``gate`` must hold after each batch. ``parallel`` are steps that are begun together.
    """

    name: Annotated[str, Field(min_length=1, max_length=80)]
    call: str | None = None
    parallel: Annotated[tuple["RunbookStep", ...], Field(min_length=2, max_length=20)] | None = None
    server: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    for_each: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    batch: Annotated[int, Field(ge=1, le=50)] = 1
    gate: Gate | None = None
    given: dict[str, str] = {}
    safety: Safety | None = None
    when: dict[str, str] = {}
    timeout: Span = timedelta(minutes=1)
    retries: Annotated[int, Field(ge=0, le=5)] = 0
    undo: Action | None = None
    verify: Action | None = None

    @model_validator(mode="after")
    def _fitting(self) -> "RunbookStep":
        wrong = next((told for unfit, told in (*self._own(), *self._many()) if unfit), None)
        if wrong:
            raise ValueError(wrong)
        return self

    def _own(self) -> Iterator[tuple[Any, str]]:
        """What does not go together in one step."""
        runs = any(one and one.command for one in (self, self.undo, self.verify))
        brings = self.undo or self.verify or self.safety
        yield self.server and not runs, "a server is where a command runs"
        yield self.given and self.call is None, "given is what a called runbook is told"
        yield self.call and brings, "a called runbook brings its own undo, verify and safety"
        checks = self.verify is None or self.verify.kind in ("http", "command", "sql")
        yield not checks, "verify is http, command or sql"
        writes = self.verify and self.verify.writes
        yield writes, "verify only looks: GET or HEAD, or what reads"
        changes = any(one and one.writes for one in (self, self.undo))
        yield self.safety == "read" and changes, "safety is not read where it or its undo writes"
        waits = self.undo and self.undo.kind == "wait"
        yield waits, "undo is manual, message, http, command or sql"

    def _many(self) -> Iterator[tuple[Any, str]]:
        """What does not go together where one step becomes several."""
        yield self.for_each and self.server, "for_each says on which servers: leave out server"
        yield (self.gate or self.batch > 1) and not self.for_each, "batch and gate need for_each"
        yield self.call and self.batch > 1, "a called runbook is for one server at a time"
        inner = self.parallel or ()
        own = self.undo or self.verify or self.safety or self.for_each or self.retries
        yield inner and own, "what stands under parallel brings its own undo, verify and safety"
        deeper = any(one.call or one.parallel or one.for_each for one in inner)
        yield deeper, "under parallel stand plain steps: no call, for_each or parallel"

    @property
    def danger(self) -> Safety:
        """How dangerous it is, and what takes it back: as its author says, or as such things
        usually are."""
        inner: list[Safety] = [one.danger for one in self.parallel or ()]
        own: list[Safety] = [one.usual_safety for one in (self, self.undo) if one]
        usual = max(inner or own, key=SAFETIES.index)
        return self.safety or usual


def _matchers(value: str) -> str:
    try:
        parse_matchers(value)
    except Invalid as wrong:
        raise ValueError(wrong.text) from wrong
    return value


class Automatic(Frozen):
    """When a runbook is run without anybody asking: an alert that fits ``match`` opens an incident.

    Its parameters are ``given``, or taken from the alert's labels (``from_labels``). It is run at
    most ``most_per_hour`` times, never again within ``cool_down``, and never again after it went
    wrong, or after its alerts still fired ``within`` that time of its end.
    """

    match: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_matchers)]
    given: dict[str, str] = {}
    from_labels: dict[str, str] = {}
    most_per_hour: Annotated[int, Field(ge=1, le=12)] = 1
    cool_down: Span = timedelta(minutes=30)
    within: Span = timedelta(minutes=10)


class Source(Frozen):
    """Where a runbook was taken over from: an address or a file, when, and the SHA-256 of what
    stood there."""

    url: str
    at: datetime
    sha256: str


class Runbook(Frozen):
    """A runbook; one without steps is text for people to follow. One that was taken over from
    elsewhere (``source``) has manual steps only.

    ``blast_radius`` is how many servers one run of it may touch.
    """

    id: Annotated[str, Field(min_length=1, max_length=100)]
    title: str
    service: str | None = None
    body: str = ""
    environment: str = "prod"
    blast_radius: Annotated[int, Field(ge=1, le=1000)] | None = None
    automatic: Automatic | None = None
    parameters: tuple[Parameter, ...] = ()
    steps: Annotated[tuple[RunbookStep, ...], Field(max_length=MOST_STEPS)] = ()
    source: Source | None = None

    @property
    def version(self) -> str:
        """A short word that is another as soon as a letter of it is."""
        written = self.model_dump_json(exclude={"source"})
        return hashlib.sha256(written.encode()).hexdigest()[:VERSION_LENGTH]
