"""Rolling back: from which version to which, what that means, and how it went."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from domain.base import Frozen
from domain.deploy_event import DeployEvent
from domain.deployer import Asked
from domain.deployment import UNDER_WAY, Deployment
from domain.errors import NotFound, Stale
from domain.pipeline import WORDS, Pipeline
from domain.place import Place
from domain.plan import Danger, Plan
from domain.runbook import HOLE, Action, Parameter
from domain.runbook_plan import told as told_action
from domain.runbook_values import checked, fill
from domain.server import Route, fingerprint
from domain.verification import Verification

RollbackState = Literal["queued", "running", "done", "failed", "unknown"]
OURS = "tocsin"
FORGOTTEN = timedelta(hours=2)
ECHOES = timedelta(minutes=10)
STANDS_FOR = timedelta(minutes=10)
USUAL = timedelta(minutes=2)
LONGEST = timedelta(hours=1)
MOST_NAMED = 8


class Way(Frozen):
    """How a version is brought back: the pipeline that is asked, and for a command exactly what
    runs, on the last server of ``route`` where there is one. ``theirs`` is what the pipeline calls
    the environment, ``reference`` the deployment that is gone back to, ``cluster`` the context of
    the kubeconfig."""

    pipeline: Pipeline
    argv: tuple[str, ...] = ()
    route: Route = ()
    theirs: str = ""
    reference: str = ""
    cluster: str = ""

    def asked(self, version: str, commit: str | None) -> tuple[str, ...]:
        """Exactly what is asked for, in words."""
        if not self.argv:
            return (f"Asked: {self.pipeline.asked(version, commit)}{self._where}.",)
        way = " over ".join(one.address for one in reversed(self.route))
        where = f"on {way}: " if way else "on Tocsin's own machine: "
        keys = [
            f"Server {one.id} has to answer with {' or '.join(map(fingerprint, one.host_keys))}."
            for one in self.route
        ]
        return (f"Asked: {where}{told_action(Action(command=self.argv))}.", *keys)

    @property
    def _where(self) -> str:
        """What else is sent, or decides what is reached."""
        told = {
            "github": f", environment {self.theirs}" if self.theirs else "",
            "gitlab": f": {self.reference}" if self.reference else "",
            "kubernetes": f", context {self.cluster}" if self.cluster else "",
        }
        return told.get(self.pipeline.source, "")


class Rollback(Frozen):
    """``id`` is the deployment it makes, ``replaces`` the one it takes away.

    ``released_at`` is when it was allowed to begin, ``began_at`` when the pipeline was asked;
    ``took`` is how long that needed by its own clock, ``usual`` how long such a one takes at most.
    ``place`` is where it was asked for, ``target`` the deployment that is gone back to by what
    ``way``, ``commit`` what that was at the release. ``asked`` is what the pipeline made of it.
    ``fired`` alerts fired when it began.
    ``undoes`` is the rollback that it takes back, ``undo`` the button by which it is taken back.
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
    way: Way | None = None
    commit: str = ""
    asked: Asked | None = None
    released_at: datetime
    began_at: datetime | None = None
    ended_at: datetime | None = None
    took: timedelta | None = None
    usual: timedelta = USUAL
    pipeline: str = ""
    state: RollbackState = "queued"
    detail: str = ""
    fired: int = 0
    undoes: str = ""
    undo: str = ""
    verification: Verification | None = None

    @property
    def under_way(self) -> bool:
        """Whether it has not come to an end that anybody saw, or lost."""
        return self.state in ("queued", "running")

    def brings(self, event: DeployEvent) -> bool | None:
        """Whether a pipeline tells of this rollback; None where that cannot be said yet.

        The pipeline that was asked is asked by which names it calls it: whatever else it does
        there meanwhile is not ours. Others are known by the version alone, till a little after.
        """
        asked = self.asked or Asked()
        began, end = event.started_at or event.at, self.ended_at
        if self.way is not None and self.way.pipeline.source == event.source:
            if asked.names and {event.key, event.run} & set(asked.names):
                return True
            if asked.complete:
                return False
            if self.released_at <= began and (end is None or began <= end):
                return None if self.under_way else True
        recent = self.released_at <= event.at and (end is None or event.at <= end + ECHOES)
        return self.good == event.version and recent

    def is_late(self, now: datetime) -> bool:
        """Whether it takes longer than usual, which is no failure (rules.md 16)."""
        return self.began_at is not None and now - self.began_at > self.usual

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
    choice: Choice, incident: str | None, team: str | None, way: Way | None = None, undoes: str = ""
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
        *([f"This takes back the rollback {undoes}."] if undoes else []),
        *(way.asked(target.version, target.commit) if way else ()),
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


def words_of(way: Pipeline, told: Mapping[str, str]) -> tuple[str, ...]:
    """The words of a command with what they stand for put in, each once. Raises `Invalid` for what
    a program could take for something else."""
    holes = {found[2] for word in way.command for found in HOLE.finditer(word) if not found[1]}
    parameters = [Parameter(name=name) for name in WORDS if name in holes]
    values = checked(parameters, {name: told[name] for name in holes})
    return tuple(fill(word, values) for word in way.command)


def need_current(there: Iterable[Deployment], rollback: Rollback) -> None:
    """Raises `Stale` where what a rollback brought runs no more, so that nothing can be taken
    back. ``there`` is what was deployed in its environment."""
    if told := _another(there, rollback.service, rollback.id):
        raise Stale(f"Since {rollback.id} {told} runs there: type /rollback and look.")


def outdated(there: Iterable[Deployment], rollback: Rollback, now: datetime) -> str:
    """Why the pipeline is not asked any more for what was agreed to; empty where it may be.
    ``there`` is what was deployed in its environment."""
    late = now - rollback.released_at
    if late > STANDS_FOR:
        return f"it was released {late // timedelta(minutes=1)} min ago: type /rollback and look"
    others = [one for one in there if one.service == rollback.service and one.id != rollback.id]
    under_way = (one for one in others if one.status in UNDER_WAY and not forgotten(one, now))
    if busy := next(under_way, None):
        return f"{busy.version} ({busy.id}) is under way there"
    told = _another(others, rollback.service, rollback.replaces)
    return f"{told} runs there since" if told else ""


def _another(there: Iterable[Deployment], service: str, expected: str) -> str:
    """What runs of a service instead of a deployment that is expected to; empty where it does."""
    ours = (one for one in there if (one.service, one.status) == (service, "success"))
    current = max(ours, key=lambda one: one.started_at, default=None)
    if current is None:
        return "nothing that is known"
    return "" if current.id == expected else f"{current.version} ({current.id})"


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
