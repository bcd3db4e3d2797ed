"""``/deployments``: what runs where, what is frozen, and what went out, newest first."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import quote

from domain.base import Frozen
from domain.deployment import JUST_BEFORE, Deployment, DeploymentStatus
from domain.deployment_matrix import Cell, Matrix, matrix
from domain.freeze import Freeze
from storage.views import catalog, freezes
from storage.views.catalog import DeploymentFilter
from storage.views.listing import Cut
from web.pages.discovery import Menu
from web.pages.models import Action, Facet
from web.pages.offers import Face, Offers
from web.pages.rows import options
from web.pages.visit import Visit

PATH = "/deployments"
TITLE = "Deploys"
MENU = Menu(place=5, icon="deploy")

EVERY_SERVICE = Cut(limit=500)
SHOWN = 30


class Query(Frozen):
    """What the address may ask for."""

    service: str | None = None
    environment: str | None = None
    status: DeploymentStatus | None = None
    cursor: str | None = None


class Square(Frozen):
    """A cell: ``environment`` once more for who reads it alone; ``state`` is of ``later``."""

    environment: str
    current: Deployment | None
    later: Deployment | None
    state: str
    frozen: str
    actions: tuple[Action, ...]


class Row(Frozen):
    """A service and where it runs; ``url`` leads to its history."""

    service: str
    url: str
    squares: tuple[Square, ...]


class Frost(Frozen):
    """A freeze in words."""

    text: str
    due: datetime | None
    url: str
    actions: tuple[Action, ...]


class DeploymentsPage(Frozen):
    """``hook`` is where a pipeline tells of a deployment."""

    environments: tuple[str, ...]
    rows: tuple[Row, ...]
    frozen: tuple[Frost, ...]
    history: tuple[Deployment, ...]
    facets: tuple[Facet, ...]
    filtered: bool
    next: str | None
    hook: str
    actions: tuple[Action, ...]


async def page(visit: Visit) -> DeploymentsPage:
    """The matrix, then the history that fits."""
    wanted, scope = visit.wanted(Query), visit.scope
    asked = DeploymentFilter(**wanted.model_dump(exclude={"cursor"}))
    found = await catalog.deployments(scope, asked, Cut(cursor=wanted.cursor, limit=SHOWN))
    held = await freezes.standing(scope)
    teams = {one.id: one.team for one in (await catalog.services(scope, EVERY_SERVICE)).items}
    made = matrix(await catalog.newest_deployments(scope))
    return DeploymentsPage(
        environments=made.environments,
        rows=tuple(_rows(visit, made, held, teams)),
        frozen=tuple(_frost(visit, one) for one in held),
        history=found.items,
        facets=_facets(wanted, made),
        filtered=wanted != Query(),
        next=visit.elsewhere(cursor=found.next) if found.next else None,
        hook=f"{scope.installation.public_url}/hooks/generic",
        actions=visit.offers().ask("deploy freeze", "", FREEZE, {"environment": "prod"}),
    )


def _rows(
    visit: Visit, made: Matrix, held: tuple[Freeze, ...], teams: Mapping[str, str | None]
) -> Iterator[Row]:
    executes = visit.scope.installation.executes
    for service, cells in made.rows:
        able = service in teams and executes(teams[service])
        offers = visit.offers(teams[service]) if able else None
        squares = (
            _square(cell, (service, where), held, offers if _fresh(cell, visit.now) else None)
            for where, cell in zip(made.environments, cells, strict=True)
        )
        yield Row(service=service, url=f"{PATH}?service={quote(service)}", squares=tuple(squares))


def _square(
    cell: Cell, place: tuple[str, str], held: tuple[Freeze, ...], offers: Offers | None
) -> Square:
    """``offers`` is None where nothing went out that could be the cause of trouble now."""
    back = offers.press("rollback start", ",".join(place), ROLL_BACK) if offers else ()
    return Square(
        environment=place[1],
        current=cell.current,
        later=cell.later,
        state=cell.later.status.replace("_", " ") if cell.later else "",
        frozen="; ".join(one.why for one in held if one.covers(*place)),
        actions=back,
    )


def _fresh(cell: Cell, now: datetime) -> bool:
    """A rollback is within reach where something went out just before (rules.md 16)."""
    ended = cell.current.finished_at if cell.current else None
    return ended is not None and now - ended <= JUST_BEFORE


def _frost(visit: Visit, one: Freeze) -> Frost:
    return Frost(
        text=f"{one.what} is frozen: {one.why} ({one.id})",
        due=one.ends_at,
        url=f"/incidents/{one.incident}" if one.incident else "",
        actions=visit.offers().ask("deploy thaw", one.id, THAW),
    )


def _facets(wanted: Query, made: Matrix) -> tuple[Facet, ...]:
    states = options("queued", "in_progress", "success", "failure", "rolled_back")
    choices = (
        ("service", "Service", wanted.service, options(*(name for name, _ in made.rows))),
        ("environment", "Environment", wanted.environment, options(*made.environments)),
        ("status", "Status", wanted.status, states),
    )
    return tuple(
        Facet(name=name, label=label, value=value or "", options=choice)
        for name, label, value, choice in choices
    )


FREEZE = Face(label="Freeze…", icon="lock")
THAW = Face(label="End it…")
ROLL_BACK = Face(label="Roll back…")
