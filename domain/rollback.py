"""Rolling back: from which version to which, what that means, and how it went."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from domain.base import Frozen
from domain.deploy_event import DeployEvent
from domain.deployment import UNDER_WAY, Deployment
from domain.errors import NotFound, Stale
from domain.facts import Fact
from domain.job import Job
from domain.pipeline import Pipeline
from domain.plan import Danger, Plan
from domain.ports import Place

RollbackState = Literal["queued", "running", "done", "failed", "unknown"]
OURS = "tocsin"
FORGOTTEN = timedelta(hours=2)
ECHOES = timedelta(minutes=10)
USUAL = timedelta(minutes=2)
MOST_NAMED = 8


class Rollback(Frozen):
    """``id`` is the deployment it makes, ``replaces`` the one it takes away.

    ``released_at`` is when it was allowed to begin, ``began_at`` when the pipeline was asked;
    ``took`` is how long that needed by its own clock. ``place`` is where it was asked for,
    ``target`` the deployment that is gone back to, ``way`` the pipeline that is asked.
    """

    id: str
    replaces: str
    service: str
    environment: str
    bad: str
    good: str
    by: str
    approval: str | None = None
    incident: str | None = None
    place: Place | None = None
    target: str = ""
    way: Pipeline | None = None
    released_at: datetime
    began_at: datetime | None = None
    ended_at: datetime | None = None
    took: timedelta | None = None
    pipeline: str = ""
    state: RollbackState = "queued"
    detail: str = ""

    def brings(self, event: DeployEvent) -> bool:
        """Whether a pipeline tells of this rollback: of its version till a little after its end;
        while it runs, whatever the pipeline that was asked begins there, by whatever name."""
        began, end = event.started_at or event.at, self.ended_at
        asked = self.way is not None and self.way.source == event.source
        if asked and self.released_at <= began and (end is None or began <= end):
            return True
        recent = self.released_at <= event.at and (end is None or event.at <= end + ECHOES)
        return self.good == event.version and recent

    @property
    def subject(self) -> str:
        """Where its facts stand: on the incident's timeline where there is one."""
        return f"incident:{self.incident}" if self.incident else f"deployment:{self.id}"


class Choice(Frozen):
    """What is rolled back, to what, and what else was deployed there since.

    ``passed`` is everything of the service after the target, also what failed; ``undone`` what of
    it went well. ``last_good`` is where a rollback goes that names no version.
    """

    current: Deployment
    target: Deployment
    last_good: Deployment | None = None
    passed: tuple[Deployment, ...] = ()
    since: tuple[Deployment, ...] = ()

    @property
    def undone(self) -> tuple[Deployment, ...]:
        """What ran there since the target did."""
        return tuple(one for one in self.passed if one.status == "success")


class BeginRollback(Job):
    """Write down that the pipeline is about to be asked, before it is."""

    kind: ClassVar[str] = "begin_rollback"
    priority: ClassVar[int] = 20
    deployment: str


class RollBack(Job):
    """Ask the pipeline, at most once: what nobody saw the end of, a person looks into."""

    kind: ClassVar[str] = "roll_back"
    priority: ClassVar[int] = 20
    delivery: ClassVar[Literal["at_least_once", "at_most_once"]] = "at_most_once"
    max_attempts: ClassVar[int] = 1
    deployment: str


class WatchRollback(Job):
    """Say that it takes longer than usual, if it still runs."""

    kind: ClassVar[str] = "watch_rollback"
    deployment: str


class ShowRollback(Job):
    """Say to everybody who is concerned that it has come to a state."""

    kind: ClassVar[str] = "show_rollback"
    deployment: str
    state: RollbackState


class TellRollback(Job):
    """Say it in one place, or to one person: one new message."""

    kind: ClassVar[str] = "tell_rollback"
    deployment: str
    state: RollbackState
    place: Place | None = None
    user: str | None = None


class RollbackStarted(Fact):
    """A rollback was released and is about to be handed to the pipeline."""

    kind: ClassVar[str] = "rollback_started"
    template: ClassVar[str] = "{by} rolls {service} {environment} back from {bad} to {good}"
    deployment: str
    service: str
    environment: str
    bad: str
    good: str


class RollbackEnded(Fact):
    """The pipeline said how it ended, or a person did."""

    kind: ClassVar[str] = "rollback_ended"
    template: ClassVar[str] = "Rollback of {service} {environment} to {good}: {state} {detail}"
    deployment: str
    service: str
    environment: str
    good: str
    state: RollbackState
    detail: str = ""


def forgotten(one: Deployment, now: datetime) -> bool:
    """Whether its pipeline never told its end; of a rollback of ours a person says it."""
    return one.status in UNDER_WAY and one.source != OURS and one.started_at < now - FORGOTTEN


def choose(
    deployments: Iterable[Deployment], service: str, environment: str, to: str | None
) -> Choice:
    """From the version that runs to ``to``, or to the last good one before it.

    ``deployments`` are those of the environment, of every service. Raises `NotFound` where
    nothing fits, `Stale` where a deployment or rollback is under way on the same target.
    """
    everything = sorted(deployments, key=lambda one: one.started_at)
    ours = [one for one in everything if one.service == service]
    if busy := next((one for one in ours if one.status in UNDER_WAY), None):
        raise Stale(f"{busy.id} ({busy.version}) is under way on {service} {environment}: wait.")
    good = [one for one in ours if one.status == "success"]
    if not good:
        raise NotFound(f"Nothing is known to run of {service} in {environment}: see /deploy list.")
    current = good[-1]
    target = _target(ours if to else good, current, to)
    others = [one for one in everything[everything.index(current) :] if one.service != service]
    return Choice(
        current=current,
        target=target,
        last_good=next(iter(_before(good, current)), None),
        passed=tuple(ours[ours.index(target) + 1 :]),
        since=tuple(others),
    )


def danger_of(choice: Choice) -> tuple[Danger, str]:
    """How dangerous it is to go there, by what is known of the versions in between, and why."""
    target, last_good = choice.target, choice.last_good
    if last_good is None or target.version != last_good.version:
        return "disruptive", f"{target.version} is not the last good version"
    if migrated := [one for one in choice.passed if one.migration]:
        return "destructive", f"{_together(migrated)} changed a database"
    if unknown := [one for one in choice.passed if one.migration is None]:
        return "destructive", f"whether {_together(unknown)} changed a database is not known"
    return "reversible", f"{_together(choice.passed)} changed no database"


def plan_of(
    choice: Choice, incident: str | None, team: str | None, way: Pipeline | None = None
) -> Plan:
    """What will be done, in words that stay the same until something else is deployed."""
    current, target = choice.current, choice.target
    danger, because = danger_of(choice)
    lines = [
        f"Roll back {current.service} in {current.environment}",
        f"from {_told(current)}",
        f"to   {_told(target)}",
        f"This undoes: {_versions(choice.undone)}",
        f"Deployed in {current.environment} since then: {_named(choice.since)}",
        f"Class {danger}: {because}.",
        *([f"Asked: {way.asked(target.version, target.commit)}."] if way else []),
    ]
    return Plan(
        title=f"roll back {current.service} {current.environment}"
        f" {current.version} → {target.version}",
        text="\n".join(lines),
        service=current.service,
        incident=incident,
        team=team,
        danger=danger,
        because=because,
    )


def deadline(earlier: Sequence[timedelta]) -> timedelta:
    """When a rollback takes longer than usual: 1.5 × the p95 of the target's earlier ones."""
    if not earlier:
        return USUAL
    ranked = sorted(earlier)
    return 1.5 * ranked[-(-95 * len(ranked) // 100) - 1]


def _target(known: list[Deployment], current: Deployment, to: str | None) -> Deployment:
    """The newest deployment of ``to``, or of any other version before the current one."""
    if to is None:
        fitting = _before(known, current)
    else:
        named = [one for one in reversed(known) if one.version == to]
        fitting = [one for one in named if one.version != current.version]
        fitting = [one for one in fitting if one.status != "failure"]
    if fitting:
        return fitting[0]
    what = f"version {to}" if to else f"good version before {current.version}"
    where = f"{current.service} in {current.environment}"
    raise NotFound(f"There is no {what} of {where} to go back to: see /deploy list.", field="to")


def _before(known: list[Deployment], current: Deployment) -> list[Deployment]:
    """Those of other versions before the current one, the newest first."""
    other = [one for one in reversed(known) if one.version != current.version]
    return [one for one in other if one.started_at < current.started_at]


def _together(deployments: Iterable[Deployment]) -> str:
    versions = dict.fromkeys(one.version for one in deployments)
    return _shortened(list(versions))


def _told(one: Deployment) -> str:
    return f"{one.version} ({one.id}, {one.started_at:%Y-%m-%d %H:%M} UTC, by {one.source})"


def _versions(deployments: Iterable[Deployment]) -> str:
    return _shortened([f"{one.version} ({one.id})" for one in deployments])


def _named(deployments: Iterable[Deployment]) -> str:
    return _shortened([f"{one.service} {one.version} ({one.id})" for one in deployments])


def _shortened(told: list[str]) -> str:
    more = f" and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
    return ", ".join(told[:MOST_NAMED]) + more or "nothing"
