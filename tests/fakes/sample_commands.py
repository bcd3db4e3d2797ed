"""A small registry with one command of every shape, for tests of what is derived from commands."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.actor import Role, Scope
from domain.args import (
    Arg,
    Args,
    DurationArg,
    IncidentId,
    PersonId,
    SeverityArg,
    UntilArg,
    WhenArg,
)
from domain.call import Reply
from domain.command import Command, Grant, Registry, Words, command
from domain.message import sentence

MEMBER = Grant(Role.MEMBER)
RESPONDER = Grant(Role.RESPONDER)
READ = Grant(Role.MEMBER, Scope.READ)
StatusWord = Literal["investigating", "identified", "fixing", "monitoring", "resolved"]


class Declare(Args):
    """What an incident begins with."""

    title: Annotated[
        str,
        Field(min_length=1, max_length=200, description="What is broken, in a few words"),
        Arg("text", positional=True),
    ]
    severity: Annotated[
        SeverityArg | None,
        Field(description="SEV1 (worst) to SEV5"),
        Arg("severity", ("sev",)),
    ] = None
    service: Annotated[str | None, Arg("service", ("svc",))] = None
    private: Annotated[bool, Arg("flag", bare=True)] = False


class Target(Args):
    """Only which incident."""

    incident: IncidentId = None


class Note(Args):
    """Words about an incident."""

    incident: IncidentId = None
    text: Annotated[str, Field(min_length=1), Arg("text", positional=True, long=True)]


class Update(Args):
    """Words, and where it stands."""

    text: Annotated[str, Field(min_length=1), Arg("text", positional=True, long=True)]
    status: Annotated[StatusWord | None, Arg("choice", ("phase",))] = None
    next: Annotated[DurationArg | None, Arg("duration")] = None
    notify_people: Annotated[bool, Arg("flag")] = False
    incident: IncidentId = None


class Severe(Args):
    """How bad."""

    incident: IncidentId = None
    severity: Annotated[SeverityArg, Arg("severity", ("sev",), positional=True)]


class RoleOf(Args):
    """Who does what."""

    role: Annotated[Literal["commander", "scribe"], Arg("choice", positional=True)]
    person: Annotated[PersonId | None, Arg("person", ("who",), positional=True)] = None
    incident: IncidentId = None


class Lead(Args):
    """Who leads."""

    incident: IncidentId = None
    person: Annotated[PersonId, Arg("person", positional=True)] = "me"


class Merge(Args):
    """Which one goes on."""

    incident: IncidentId = None
    into: IncidentId = None


class HandOver(Args):
    """Whose it is."""

    page: Annotated[str, Arg("word", positional=True)] = ""
    to: Annotated[str, Arg("target", positional=True)]
    why: Annotated[str, Arg("text", positional=True)] = ""


class Action(Args):
    """What is to be done."""

    text: Annotated[str, Arg("text", positional=True)]
    owner: Annotated[PersonId | None, Arg("person", ("for",))] = None
    due: Annotated[WhenArg | None, Arg("when")] = None
    incident: IncidentId = None


class Link(Args):
    """What belongs to an incident."""

    what: Annotated[str, Arg("word", positional=True)]
    incident: IncidentId = None


class Resolve(Args):
    """How it ended."""

    resolution: Annotated[Literal["fixed", "false_alarm"], Arg("choice")] = "fixed"
    text: Annotated[str, Arg("text", positional=True)] = ""
    incident: IncidentId = None


class Listing(Args):
    """Which ones."""

    which: Annotated[Literal["open", "mine", "all"], Arg("choice", positional=True)] = "open"
    limit: Annotated[int, Field(ge=1, le=100), Arg("number", positional=True)] = 20


class Send(Args):
    """Whom to wake, and why."""

    target: Annotated[str, Arg("target", positional=True)]
    why: Annotated[str, Arg("text", positional=True)] = ""
    low: Annotated[bool, Arg("flag")] = False


class Who(Args):
    """For what, and when."""

    service: Annotated[str | None, Arg("service", positional=True)] = None
    at: Annotated[WhenArg | None, Arg("when")] = None


class Override(Args):
    """Who takes over, and for how long."""

    person: Annotated[PersonId, Arg("person", positional=True)]
    start: Annotated[WhenArg, Arg("when", ("from",), positional=True)]
    end: Annotated[UntilArg | None, Arg("when", ("to", "until"), positional=True)] = None


class Silence(Args):
    """What is kept quiet."""

    alert: Annotated[str | None, Arg("alert", positional=True)] = None
    duration: Annotated[DurationArg, Arg("duration", ("for",))] = timedelta(hours=2)
    why: Annotated[str, Field(min_length=3), Arg("text")]


class Hide(Args):
    """Which alerts, and why."""

    matchers: Annotated[str, Arg("text", positional=True)]
    lasts: Annotated[DurationArg, Arg("duration", ("for",))] = timedelta(hours=2)
    why: Annotated[str, Arg("text")] = ""


class Topic(Args):
    """About what."""

    topic: Annotated[str, Arg("text", positional=True)] = ""


async def answer(ctx: Any, args: Args) -> Reply:
    """Say that it was done."""
    return Reply(message=sentence(f"{ctx} {args}"))


def made(name: str, args: type[Args], grant: Grant = MEMBER, words: Words = Words()) -> Command:  # noqa: B008 - frozen
    """A command as `domain.command.command` declares it."""

    async def handler(ctx: Any, args: Any) -> Reply:
        return await answer(ctx, args)

    handler.__doc__ = f"Do {name.split()[1]}."
    handler.__annotations__["args"] = args
    return command(name, grant, (f"/{name}",), words)(handler)


def synonyms(*words: str) -> Words:
    """Other verbs."""
    return Words(synonyms=words)


SAMPLE = Registry.of(
    (
        made("incident declare", Declare, words=Words(("new", "start", "d"), ("declare",))),
        made("incident show", Target, READ, synonyms("info", "i")),
        made("incident list", Listing, READ, synonyms("ls")),
        made("incident note", Note, words=synonyms("n")),
        made("incident update", Update, RESPONDER, synonyms("status", "u")),
        made("incident severity", Severe, RESPONDER, synonyms("sev", "s")),
        made("incident role", RoleOf, RESPONDER, synonyms("assign")),
        made("incident action", Action, RESPONDER, synonyms("task", "a")),
        made("incident link", Link, RESPONDER),
        made("incident ack", Target, RESPONDER),
        made("incident resolve", Resolve, RESPONDER, synonyms("close", "end", "r")),
        made("incident lead", Lead, RESPONDER),
        made("incident merge", Merge, Grant(Role.COMMANDER)),
        made("page send", Send),
        made("page ack", Target, Grant(Role.RESPONDER, Scope.PAGE), synonyms("k")),
        made("page pass", Target, Grant(Role.RESPONDER, Scope.PAGE)),
        made("page notours", HandOver, Grant(Role.RESPONDER, Scope.PAGE)),
        made("page escalate", Target, Grant(Role.RESPONDER, Scope.PAGE)),
        made("oncall who", Who, READ),
        made("oncall override", Override, RESPONDER),
        made("oncall cover", Override, RESPONDER),
        made("alert list", Listing, READ),
        made("alert silence", Silence, RESPONDER),
        made("alert hide", Hide, RESPONDER),
        made("admin token", Listing, Grant(Role.ADMIN, Scope.ADMIN)),
        made("help show", Topic, Grant(Role.OUTSIDER, Scope.READ)),
    )
)
