"""How automatic behaviour is declared: a reaction decides, an effect acts.

A reaction runs in one transaction and never touches the network. An effect loads what it needs
in a read transaction, does one thing outside, and saves the outcome in a transaction.
"""

import contextlib
import importlib
import pkgutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import jobs
from domain.calendar_layer import CalendarReader
from domain.call import Call, Reply
from domain.checklist import ImportedPage
from domain.contact import ContactKind
from domain.deployer import Deployer
from domain.errors import Permanent
from domain.job import Job
from domain.lasting import Alarm
from domain.ports import Advisor, Chat, Dispatch, Lasting, Notifier, Pages, Receipted
from domain.run import Performer
from domain.run_output import Attempt, Heard, Outputs, deaf
from domain.runbook import ActionKind


class Unheard:
    """Nobody reads along."""

    @contextlib.asynccontextmanager
    async def hearing(self, attempt: Attempt) -> AsyncIterator[Heard]:  # noqa: ARG002
        """Nothing is kept of it."""
        yield deaf

    def clean(self, said: str) -> str:
        """As it is."""
        return said


@dataclass(frozen=True)
class Ports:
    """The outside, as effects see it; ``again`` where an earlier attempt may have got through.

    ``last`` where a `Retry` would not be tried again. ``deployers`` are the pipelines by source, a
    ``deployer`` stands in for all of them; without any nothing can be rolled back.
    """

    chats: dict[str, Chat]
    advisor: Advisor
    deployer: Deployer | None = None
    deployers: dict[str, Deployer] = field(default_factory=dict)
    again: bool = False
    last: bool = False
    notifiers: dict[ContactKind, Notifier] = field(default_factory=dict)
    dispatch: Dispatch | None = None
    performers: dict[ActionKind, Performer] = field(default_factory=dict)
    outputs: Outputs = field(default_factory=Unheard)
    calendars: CalendarReader | None = None
    pages: Pages | None = None

    async def page(self, url: str) -> ImportedPage:
        """A page of a runbook that stands elsewhere. Raises `Permanent`."""
        if self.pages is None:
            raise Permanent("pages are not fetched here")
        return await self.pages.page(url)

    def chat(self, platform: str) -> Chat:
        """The chat of that name. Raises `Permanent` where it is not connected any more."""
        if platform not in self.chats:
            raise Permanent(f"{platform} is not connected")
        return self.chats[platform]

    def performer(self, kind: ActionKind) -> Performer:
        """What does steps of that kind. Raises `Permanent` where nothing does."""
        if kind not in self.performers:
            raise Permanent(f"steps of kind {kind} are not set up here")
        return self.performers[kind]

    def notifier(self, kind: ContactKind) -> Notifier:
        """What sends by that kind. Raises `Permanent` where it is not set up any more."""
        if kind not in self.notifiers:
            raise Permanent(f"{kind} is not set up")
        return self.notifiers[kind]

    def receipted(self, kind: ContactKind) -> Receipted:
        """What can be asked for its receipts. Raises `Permanent` where that is not so."""
        notifier = self.notifier(kind)
        if not isinstance(notifier, Receipted):
            raise Permanent(f"{kind} cannot be asked what came of a message")
        return notifier

    async def said(self, call: Call) -> Reply:
        """What comes of a call that somebody made outside. Raises `Permanent` where none can be."""
        if self.dispatch is None:
            raise Permanent("nothing can be said here")
        return await self.dispatch(call)

    async def settle(self, alarm: Alarm) -> None:
        """Let what rings on by itself ring no more."""
        notifier = self.notifiers.get(alarm.kind)
        if isinstance(notifier, Lasting):
            await notifier.settle(alarm)


@dataclass(frozen=True)
class Reaction:
    """``react(unit, job)`` decides and writes; it commits with its own end.

    ``gather(unit, job)`` gives a job that does the work of others of its kind too, where that is
    cheaper. Only a first attempt gathers: what fails fails alone. ``failed(unit, job, error)`` is
    done instead of a job that was given up.
    """

    job: type[Job]
    react: Callable[[Any, Any], Awaitable[None]]
    gather: Callable[[Any, Any], Awaitable[Any]] | None = None
    failed: Callable[[Any, Any, str], Awaitable[None]] | None = None


@dataclass(frozen=True)
class Effect:
    """``load(unit, job)`` gives None where there is nothing left to do; ``act(ports, loaded)``
    does one thing outside; ``save(unit, job, outcome)`` records it. ``failed(unit, job, error)``
    records that the job was given up, or that nobody saw its end, so that something else is done
    at once."""

    job: type[Job]
    load: Callable[[Any, Any], Awaitable[Any]]
    act: Callable[[Ports, Any], Awaitable[Any]]
    save: Callable[[Any, Any, Any], Awaitable[None]] | None = None
    failed: Callable[[Any, Any, str], Awaitable[None]] | None = None


@dataclass(frozen=True)
class Behaviours:
    """Every behaviour by the kind of its job."""

    by_kind: dict[str, Reaction | Effect]

    @classmethod
    def of(cls, behaviours: Iterable[Reaction | Effect]) -> "Behaviours":
        """Index them; two for one job is a programming error."""
        found: dict[str, Reaction | Effect] = {}
        for one in behaviours:
            if one.job.kind in found:
                raise ValueError(f"two behaviours for {one.job.kind}")
            found[one.job.kind] = one
        return cls(found)

    @property
    def jobs(self) -> tuple[type[Job], ...]:
        """The kinds this process can carry out."""
        return tuple(one.job for one in self.by_kind.values())


def discover() -> Behaviours:
    """Every `Reaction` and `Effect` that a module of this package holds."""
    return Behaviours.of(_found())


def _found() -> Iterator[Reaction | Effect]:
    for info in pkgutil.walk_packages(jobs.__path__, "jobs."):
        module = importlib.import_module(info.name)
        for value in vars(module).values():
            if isinstance(value, Reaction | Effect):
                yield value
