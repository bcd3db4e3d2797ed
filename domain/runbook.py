"""Runbooks: what to do, in words and as steps that can be carried out.

A text of a step may hold ``${name}``, which stands for the value of a parameter; ``$${`` is a
``${`` that stands for itself. There is no other syntax: nothing is evaluated, and a value is put
in once and never looked at again.
"""

import hashlib
import re
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, model_validator

from domain.base import Frozen
from domain.when import parse_duration

Safety = Literal["read", "reversible", "disruptive", "destructive"]
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
ActionKind = Literal["manual", "message", "http", "wait", "command", "call"]
SAFETIES: tuple[Safety, ...] = ("read", "reversible", "disruptive", "destructive")
KINDS: tuple[ActionKind, ...] = ("manual", "message", "http", "wait", "command", "call")
READING: tuple[ActionKind, ...] = ("manual", "message", "wait")
NAME = r"^[a-z][a-z0-9_]{0,39}$"
HOLE = re.compile(r"(\$)?\$\{([^}]*)\}")
ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(?![^/?#])[!-~]*\Z")
VERSION_LENGTH = 12


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
    def usual_safety(self) -> Safety:
        """How dangerous such a thing is where nobody says more."""
        looks = self.http is not None and self.http.method in ("GET", "HEAD")
        return "read" if looks or self.kind in READING else "disruptive"


class RunbookStep(Action):
    """An action in its place: under which conditions, how long, how often, and what takes it
    back.

    ``when`` names parameters and the values they must have. ``verify`` must go well afterwards,
    or the step has failed. ``retries`` counts further tries after a failure, never after an end
    that nobody saw. ``call`` is another runbook, ``given`` what its parameters are. ``server`` is
    that on which its commands run, those of ``undo`` and ``verify`` too; this machine without it.
    """

    name: Annotated[str, Field(min_length=1, max_length=80)]
    call: str | None = None
    server: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    given: dict[str, str] = {}
    safety: Safety | None = None
    when: dict[str, str] = {}
    timeout: Span = timedelta(minutes=1)
    retries: Annotated[int, Field(ge=0, le=5)] = 0
    undo: Action | None = None
    verify: Action | None = None

    @model_validator(mode="after")
    def _fitting(self) -> "RunbookStep":
        if self.server and not any(one and one.command for one in (self, self.undo, self.verify)):
            raise ValueError("a server is where a command runs")
        if self.given and self.call is None:
            raise ValueError("given is what a called runbook is told")
        if self.call and (self.undo or self.verify or self.safety):
            raise ValueError("a called runbook brings its own undo, verify and safety")
        if self.verify and self.verify.kind not in ("http", "command"):
            raise ValueError("verify is http or command")
        if self.undo and self.undo.kind == "wait":
            raise ValueError("undo is manual, message, http or command")
        return self

    @property
    def danger(self) -> Safety:
        """How dangerous it is, as its author says or as such a thing usually is."""
        return self.safety or self.usual_safety


class Runbook(Frozen):
    """A runbook; one without steps is text for people to follow."""

    id: Annotated[str, Field(min_length=1, max_length=100)]
    title: str
    service: str | None = None
    body: str = ""
    environment: str = "prod"
    parameters: tuple[Parameter, ...] = ()
    steps: Annotated[tuple[RunbookStep, ...], Field(max_length=100)] = ()

    @property
    def version(self) -> str:
        """A short word that is another as soon as a letter of it is."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:VERSION_LENGTH]
