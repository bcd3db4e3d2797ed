"""Whether what files say holds together: names that exist, no circles, somebody on call."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from domain.base import Frozen
from domain.command import Registry
from domain.declared.items import NOUNS, Declared, Problem
from domain.errors import Invalid
from domain.escalation import EscalationPolicy, Target
from domain.group import Group
from domain.guard import Guard
from domain.guard import check as check_guard
from domain.routing import Route
from domain.runbook import Runbook
from domain.schedule import Schedule, final_shifts, gaps
from domain.server import Server
from domain.service import Service
from domain.suggest import nearest
from domain.team import Team

AHEAD = timedelta(days=14)
PEOPLE = "people"


class Known(Frozen):
    """The ids there are of each kind, once the files are applied; ``people`` are those active,
    each with their team. ``asleep`` says of people why no page would wake them; ``rung`` are the
    schedules that some policy rings, ``webhooks`` those of the settings."""

    ids: dict[str, frozenset[str]]
    people: dict[str, str | None]
    asleep: dict[str, str] = {}
    rung: frozenset[str] = frozenset()
    webhooks: frozenset[str] = frozenset()

    def has(self, kind: str, key: str) -> bool:
        """Whether it is there."""
        return key in (self.people if kind == PEOPLE else self.ids.get(kind, frozenset()))

    def like(self, kind: str, key: str) -> str:
        """What may have been meant, as the end of a sentence."""
        if kind == PEOPLE:
            meant = nearest(key, list(self.people))
            return f" Did you mean {meant}?" if meant else f" Add them: tocsin user add {key}"
        meant = nearest(key, sorted(self.ids.get(kind, ())))
        return f" Did you mean {meant}?" if meant else ""


Reference = tuple[str, str, str]


def check(
    declared: Sequence[Declared], known: Known, registry: Registry, now: datetime
) -> Iterator[Problem]:
    """Everything that is wrong, and everything that is worth a second look."""
    yield from _twice(declared)
    for one in declared:
        for field, kind, key in REFERENCES[type(one.value)](one.value):
            if not known.has(kind, key):
                noun = "person" if kind == PEOPLE else NOUNS[kind]
                told = f"{field}: there is no {noun} {key}.{known.like(kind, key)}"
                yield Problem(origin=one.at(field), text=told)
        if isinstance(one.value, Schedule):
            yield from _on_call(one, one.value, now)
            yield from _sleepers(one, one.value, known)
        if isinstance(one.value, Guard):
            yield from _guards(one, one.value, registry)
    yield from _unpinned(declared)
    yield from _circles(declared)
    yield from _nobody(declared, known)


def _twice(declared: Iterable[Declared]) -> Iterator[Problem]:
    first: dict[tuple[str, str], str] = {}
    for one in declared:
        if one.key in first:
            told = f"{NOUNS[one.kind]} {one.value.id} is declared in {first[one.key]} already"
            yield Problem(origin=one.origin, text=told)
        first.setdefault(one.key, one.origin)


def _on_call(one: Declared, schedule: Schedule, now: datetime) -> Iterator[Problem]:
    if any(layer.calendar and not layer.shifts for layer in schedule.layers):
        return  # what a calendar says that is not read yet is not known
    if not final_shifts(schedule, now, now + AHEAD):
        told = f"schedule {schedule.id} has nobody on call in the next 14 days"
        yield Problem(origin=one.origin, text=told)
        return
    for gap in gaps(schedule, now, now + AHEAD)[:3]:
        told = f"schedule {schedule.id} has nobody from {gap.starts:%a %d %b %H:%M} to "
        told += f"{gap.ends:%a %d %b %H:%M} UTC"
        yield Problem(origin=one.origin, text=told, warning=True)


def _sleepers(one: Declared, schedule: Schedule, known: Known) -> Iterator[Problem]:
    """People who are paged by a policy, which may be at night, and sleep on (rules.md 3)."""
    if schedule.id not in known.rung:
        return
    for person in schedule.people:
        if person in known.asleep:
            told = f"schedule {schedule.id} holds {person}, who is {known.asleep[person]}"
            yield Problem(origin=one.origin, text=told, warning=True)


def _guards(one: Declared, guard: Guard, registry: Registry) -> Iterator[Problem]:
    try:
        check_guard(guard, registry)
    except Invalid as wrong:
        yield Problem(origin=one.origin, text=wrong.text)
    if not guard.approvers:
        told = f"guard {guard.id} names no approver: its command is refused to everybody"
        yield Problem(origin=one.origin, text=told, warning=True)


def _unpinned(declared: Iterable[Declared]) -> Iterator[Problem]:
    """Servers that nothing runs on, as nobody says by which key they are known."""
    for one in declared:
        if isinstance(one.value, Server) and not one.value.host_keys:
            told = f"server {one.value.id} has no host_keys: nothing runs on it"
            yield Problem(origin=one.origin, text=told, warning=True)


def _circles(declared: Sequence[Declared]) -> Iterator[Problem]:
    """A service that stands on itself, by whatever way round."""
    services = [(one.origin, one.value) for one in declared if isinstance(one.value, Service)]
    needs = {service.id: service.depends_on for _, service in services}
    for origin, service in services:
        if way := _way_back(service.id, needs):
            told = f"service {service.id} depends on itself: {' → '.join((service.id, *way))}"
            yield Problem(origin=origin, text=told)
    yield from _runbook_circles(declared)


def _runbook_circles(declared: Iterable[Declared]) -> Iterator[Problem]:
    """A runbook that calls itself, by whatever way round."""
    runbooks = [(one, one.value) for one in declared if isinstance(one.value, Runbook)]
    calls = {value.id: tuple(one.call for one in value.steps if one.call) for _, value in runbooks}
    for one, value in runbooks:
        if way := _way_back(value.id, calls):
            told = f"runbook {value.id} calls itself: {' → '.join((value.id, *way))}"
            number = next(n for n, step in enumerate(value.steps) if step.call == way[0])
            yield Problem(origin=one.at(f"steps.{number}.call"), text=told)


def _way_back(name: str, needs: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The shortest way from a service to itself; empty where there is none."""
    ways: list[tuple[str, ...]] = [(one,) for one in needs.get(name, ())]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        if way[-1] == name:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            ways += [(*way, one) for one in needs.get(way[-1], ())]
    return ()


def _nobody(declared: Iterable[Declared], known: Known) -> Iterator[Problem]:
    """A step that rings a team nobody is in; an end that tells no people; an unknown webhook."""
    peopled = set(known.people.values())
    for one in declared:
        if not isinstance(one.value, EscalationPolicy):
            continue
        yield from _unrung(one, one.value, known)
        for target in _targets(one.value):
            if target.kind == "team" and target.id not in peopled:
                told = f"policy {one.value.id} rings team {target.id}, and nobody is in it: "
                told += f"tocsin user add NAME --team {target.id}"
                yield Problem(origin=one.origin, text=told, warning=True)


def _unrung(one: Declared, policy: EscalationPolicy, known: Known) -> Iterator[Problem]:
    if policy.last_resort and not any(target.rings for target in policy.last_resort):
        told = f"policy {policy.id}: last_resort reaches nobody: channels and webhooks are told "
        yield Problem(origin=one.origin, text=told + "beside people, never alone")
    for target in _targets(policy):
        if target.kind == "webhook" and target.id not in known.webhooks:
            told = f"policy {policy.id}: there is no webhook {target.id}: an admin names it in "
            yield Problem(origin=one.origin, text=told + "paging_webhooks.named")


def rung_schedules(policies: Iterable[EscalationPolicy]) -> frozenset[str]:
    """The schedules that ``policies`` ring."""
    targets = (target for policy in policies for target in _targets(policy))
    return frozenset(target.id for target in targets if target.kind == "schedule")


def _targets(policy: EscalationPolicy) -> Iterator[Target]:
    yield from (target for step in policy.steps for target in (*step.targets, *step.otherwise))
    yield from policy.last_resort


def _of_team(team: Team) -> Iterator[Reference]:
    if team.lead:
        yield "lead", PEOPLE, team.lead


def _of_group(group: Group) -> Iterator[Reference]:
    yield from (("members", PEOPLE, one) for one in sorted(group.people))
    yield from (("members", "teams", one) for one in sorted(group.teams))
    yield from (("roles", "teams", one.team) for one in group.roles if one.team)


def _of_service(service: Service) -> Iterator[Reference]:
    if service.team:
        yield "team", "teams", service.team
    if service.policy:
        yield "policy", "policies", service.policy
    yield from (("depends_on", "services", one) for one in service.depends_on)


def _of_schedule(schedule: Schedule) -> Iterator[Reference]:
    yield "team", "teams", schedule.team
    for layer in schedule.layers:
        for person in layer.people:
            yield f"layer {layer.name}", PEOPLE, person


def _of_policy(policy: EscalationPolicy) -> Iterator[Reference]:
    yield "team", "teams", policy.team
    kinds = {"user": PEOPLE, "schedule": "schedules", "team": "teams"}
    for target in _targets(policy):
        if target.rings:
            yield "targets", kinds[target.kind], target.id
    for step in policy.steps:
        yield from (
            (("services", "services", one) for one in step.when.services) if step.when else ()
        )


def _of_route(route: Route) -> Iterator[Reference]:
    named = {"services": route.service, "policies": route.policy, "teams": route.team}
    for kind, key in named.items():
        if key:
            yield NOUNS[kind], kind, key


def _of_guard(guard: Guard) -> Iterator[Reference]:
    kinds = {"person": PEOPLE, "team": "teams"}
    for one in guard.approvers:
        if one.kind in kinds:
            yield "approvers", kinds[one.kind], one.id


def _of_runbook(runbook: Runbook) -> Iterator[Reference]:
    if runbook.service:
        yield "service", "services", runbook.service
    for number, step in enumerate(runbook.steps):
        if step.call:
            yield f"steps.{number}.call", "runbooks", step.call


def _of_server(server: Server) -> Iterator[Reference]:
    if server.team:
        yield "team", "teams", server.team
    if server.jump:
        yield "jump", "servers", server.jump


REFERENCES: dict[type, Callable[..., Iterable[Reference]]] = {
    Team: _of_team,
    Group: _of_group,
    Service: _of_service,
    Schedule: _of_schedule,
    EscalationPolicy: _of_policy,
    Route: _of_route,
    Guard: _of_guard,
    Server: _of_server,
    Runbook: _of_runbook,
}
