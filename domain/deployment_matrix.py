"""What runs where: of each service and environment the version that runs, and what goes on."""

from collections.abc import Iterable, Sequence

from domain.base import Frozen
from domain.deployment import Deployment

USUAL_ORDER = ("dev", "test", "qa", "staging", "canary", "prod")


class Cell(Frozen):
    """A service in an environment: what runs, and a later one that does not (yet, or any more)."""

    current: Deployment | None = None
    later: Deployment | None = None


class Matrix(Frozen):
    """``environments`` from the first to production; ``rows`` by service, cells in that order."""

    environments: tuple[str, ...] = ()
    rows: tuple[tuple[str, tuple[Cell, ...]], ...] = ()


def matrix(newest: Iterable[Deployment]) -> Matrix:
    """From the newest deployments of each status of each service and environment."""
    found: dict[tuple[str, str], list[Deployment]] = {}
    for one in newest:
        found.setdefault((one.service, one.environment), []).append(one)
    environments = tuple(sorted({where for _, where in found}, key=_place))
    services = sorted({service for service, _ in found})
    return Matrix(
        environments=environments,
        rows=tuple(
            (service, tuple(_cell(found.get((service, where), ())) for where in environments))
            for service in services
        ),
    )


def _cell(there: Sequence[Deployment]) -> Cell:
    ran = [one for one in there if one.status == "success"]
    current = max(ran, key=lambda one: one.started_at, default=None)
    last = max(there, key=lambda one: (one.started_at, one.number), default=None)
    return Cell(current=current, later=last if last != current else None)


def _place(environment: str) -> tuple[int, str]:
    known = environment in USUAL_ORDER
    return (USUAL_ORDER.index(environment) if known else len(USUAL_ORDER), environment)
