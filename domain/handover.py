"""*Not ours*: whose an incident may be instead, the likeliest first, and who is paged for them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from domain.base import Frozen
from domain.escalation import EscalationPolicy
from domain.message import Option
from domain.service import Catalogue
from domain.team import Team

LONGEST = 75
FAR = 99


class Organisation(NamedTuple):
    """Who there is to hand something to."""

    catalogue: Catalogue
    teams: tuple[Team, ...]
    policies: tuple[EscalationPolicy, ...]


class Matter(Frozen):
    """What somebody says is not theirs: the ``service``, the alerts' names, and whose it is now."""

    service: str | None = None
    alerts: frozenset[str] = frozenset()
    team: str | None = None


class Move(Frozen):
    """An incident that was handed to a team before, and what it was about."""

    team: str
    service: str | None = None
    alerts: frozenset[str] = frozenset()


class Candidate(NamedTuple):
    """A team or a service; ``distance`` is 1 for neighbours of the service, 2 for what they stand
    on, `FAR` for all others. ``moves`` counts how often the like went to its team."""

    id: str
    name: str
    kind: Literal["team", "service"]
    owns: bool
    distance: int
    moves: int


def policy_named(word: str, within: Organisation) -> EscalationPolicy | None:
    """The policy of a service, a team, or of that name; None where nobody is called so."""
    service = within.catalogue.named(word)
    for wanted in (service.policy if service else None, word):
        if found := next((one for one in within.policies if one.id == wanted), None):
            return found
    team = service.team if service else word
    return next((one for one in within.policies if one.team == team), None)


def candidates(matter: Matter, within: Organisation, past: Iterable[Move]) -> tuple[Candidate, ...]:
    """Everybody else who can be paged: the owner of the service, its neighbours, who took the
    like before, then by name (rules.md 21)."""
    known = within.catalogue.services
    service = known.get(matter.service or "")
    owner = service.team if service else None
    near = _distances(matter.service, within.catalogue)
    moves = Counter(one.team for one in past if _alike(one, matter))
    nearest = _nearest(near, within.catalogue)
    found = [
        Candidate(
            one.id, one.name, "team", one.id == owner, nearest.get(one.id, FAR), moves[one.id]
        )
        for one in within.teams
        if one.id != matter.team
    ]
    found += [
        Candidate(one.id, one.name, "service", False, near.get(one.id, FAR), moves[one.team or ""])
        for one in known.values()
        if one.id != matter.service and one.team != matter.team
    ]
    paged = (one for one in found if policy_named(one.id, within))
    return tuple(sorted(paged, key=_rank))


def offered(found: Iterable[Candidate], service: str | None) -> tuple[Option, ...]:
    """As choices that say why they stand where they stand."""
    return tuple(Option(value=one.id, label=_label(one, service)) for one in found)


def _rank(one: Candidate) -> tuple[bool, int, int, str, str]:
    return (not one.owns, one.distance, -one.moves, one.id.casefold(), one.kind)


def _alike(move: Move, matter: Matter) -> bool:
    """The same service, or an alert of the same name."""
    same = move.service is not None and move.service == matter.service
    return same or bool(move.alerts & matter.alerts)


def _distances(service: str | None, catalogue: Catalogue) -> Mapping[str, int]:
    """How far services are from ``service``, in the graph of what stands on what."""
    known = catalogue.services
    own = known.get(service or "")
    beside = set(own.depends_on) if own else set()
    beside |= {one.id for one in known.values() if service in one.depends_on}
    return {one: 1 if one in beside else 2 for one in (*catalogue.beneath(service), *beside)}


def _nearest(near: Mapping[str, int], catalogue: Catalogue) -> Mapping[str, int]:
    """How far the nearest service of each team is."""
    found: dict[str, int] = {}
    for service, distance in near.items():
        known = catalogue.services.get(service)
        team = known.team if known else None
        if team is not None:
            found[team] = min(distance, found.get(team, FAR))
    return found


def _label(one: Candidate, service: str | None) -> str:
    told = one.name if one.name and one.name != one.id else one.id
    why = _why(one, service)
    full = f"{told} ({one.kind}){f' · {why}' if why else ''}"
    return full if len(full) <= LONGEST else f"{full[: LONGEST - 1]}…"


def _why(one: Candidate, service: str | None) -> str:
    if one.owns:
        return f"owns {service}"
    if one.distance < FAR:
        return f"next to {service}" if one.distance == 1 else f"beneath {service}"
    times = "once" if one.moves == 1 else f"{one.moves} times"
    return f"taken {times} before" if one.moves else ""
