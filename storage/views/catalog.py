"""What the organisation looks like: teams, services, schedules, policies, what was deployed.

Nothing here belongs to an incident, except what a component says about open ones.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from sqlalchemy import ColumnElement, Table, and_, func, select

from domain.base import Frozen
from domain.calendar_layer import shown_source
from domain.deployment import Deployment, DeploymentStatus
from domain.errors import NotFound
from domain.escalation import EscalationPolicy
from domain.incident import OPEN
from domain.schedule import Layer, Schedule
from domain.server import Server
from domain.service import Service
from domain.team import Team
from storage.catalog import Catalog
from storage.scope import Scope
from storage.tables import catalog
from storage.tables.alerts import alerts
from storage.tables.incidents import incidents
from storage.views.listing import FIRST, Cut, Listing, Order, equal, part
from storage.views.visible import visible, with_incident

Document = TypeVar("Document", bound=Frozen)
NEWEST = 500


class Component(Frozen):
    """A service as part of the platform: what it stands on, what stands on it, how it is now.

    ``firing`` counts alerts and ``incidents`` names open incidents, both as the reader may know.
    """

    id: str
    name: str
    team: str | None
    tier: int
    depends_on: tuple[str, ...]
    dependents: tuple[str, ...]
    firing: int
    incidents: tuple[str, ...]


class DeploymentFilter(Frozen):
    """Which deployments: every field that is set must fit."""

    service: str | None = None
    environment: str | None = None
    status: DeploymentStatus | None = None


ANY = DeploymentFilter()


async def teams(scope: Scope, cut: Cut = FIRST) -> Listing[Team]:
    """The teams, by id."""
    return await _documents(scope, catalog.teams, Team, cut)


async def team(scope: Scope, key: str) -> Team:
    """One team. Raises `NotFound`."""
    return await Catalog(scope).teams.need(key)


async def services(scope: Scope, cut: Cut = FIRST) -> Listing[Service]:
    """The services, by id."""
    return await _documents(scope, catalog.services, Service, cut)


async def service(scope: Scope, key: str) -> Service:
    """One service. Raises `NotFound`."""
    return await Catalog(scope).services.need(key)


async def servers(scope: Scope, cut: Cut = FIRST) -> Listing[Server]:
    """The servers, by id."""
    return await _documents(scope, catalog.servers, Server, cut)


async def server(scope: Scope, key: str) -> Server:
    """One server. Raises `NotFound`."""
    return await Catalog(scope).servers.need(key)


async def policies(scope: Scope, cut: Cut = FIRST) -> Listing[EscalationPolicy]:
    """The escalation policies, by id."""
    return await _documents(scope, catalog.policies, EscalationPolicy, cut)


async def policy(scope: Scope, key: str) -> EscalationPolicy:
    """One escalation policy. Raises `NotFound`."""
    return await Catalog(scope).policies.need(key)


async def schedules(scope: Scope, cut: Cut = FIRST) -> Listing[Schedule]:
    """The schedules with their overrides, by id; of calendars only where they are."""
    found = await _documents(scope, catalog.schedules, Schedule, cut)
    whole = [await schedule(scope, one.id) for one in found.items]
    return Listing(items=tuple(whole), next=found.next)


async def schedule(scope: Scope, key: str) -> Schedule:
    """One schedule with its overrides. Raises `NotFound`."""
    found = await Catalog(scope).schedules.get(key)
    if found is None:
        raise NotFound(f"There is no schedule {key}: see /oncall who.")
    layers = (_shown(one) for one in found.layers)
    return found.model_copy(update={"layers": tuple(layers)})


def _shown(layer: Layer) -> Layer:
    """An address may hold a secret."""
    if layer.calendar is None:
        return layer
    return layer.model_copy(update={"calendar": shown_source(layer.calendar)})


async def deployments(
    scope: Scope, wanted: DeploymentFilter = ANY, cut: Cut = FIRST
) -> Listing[Deployment]:
    """The deployments that fit, newest first."""
    table = catalog.deployments
    clauses = equal(table, wanted, DeploymentFilter.model_fields)
    found = await part(scope, select(table).where(*clauses), Order(table.c.number), cut)
    items = tuple(Deployment.model_validate(dict(row)) for row in found.rows)
    return Listing(items=items, next=found.next)


async def newest_deployments(scope: Scope) -> tuple[Deployment, ...]:
    """The newest of every status, of each service and environment."""
    table = catalog.deployments
    of = (table.c.service, table.c.environment, table.c.status)
    last = select(*of, func.max(table.c.started_at).label("last")).group_by(*of).subquery()
    same = [table.c[name] == last.c[name] for name in ("service", "environment", "status")]
    query = select(table).join(last, and_(*same, table.c.started_at == last.c.last))
    rows = (await scope.connection.execute(query)).mappings()
    return tuple(Deployment.model_validate(dict(row)) for row in rows)


async def deployment(scope: Scope, key: str) -> Deployment:
    """One deployment. Raises `NotFound`."""
    return await Catalog(scope).deployments.need(key)


async def components(scope: Scope, viewer: str | None, cut: Cut = FIRST) -> Listing[Component]:
    """The platform's components, by id."""
    found = await services(scope, cut)
    state = await _state(scope, viewer)
    return Listing(items=tuple(state.component(one) for one in found.items), next=found.next)


async def component(scope: Scope, viewer: str | None, key: str) -> Component:
    """One component. Raises `NotFound`."""
    found = await service(scope, key)
    return (await _state(scope, viewer)).component(found)


class _State(Frozen):
    """How the platform is for one reader, by service."""

    dependents: dict[str, tuple[str, ...]]
    firing: dict[str, int]
    incidents: dict[str, tuple[str, ...]]

    def component(self, one: Service) -> Component:
        return Component(
            id=one.id,
            name=one.name or one.id,
            team=one.team,
            tier=one.tier,
            depends_on=one.depends_on,
            dependents=self.dependents.get(one.id, ()),
            firing=self.firing.get(one.id, 0),
            incidents=self.incidents.get(one.id, ()),
        )


async def _state(scope: Scope, viewer: str | None) -> _State:
    known = (await services(scope, Cut(limit=NEWEST))).items
    return _State(
        dependents=_gathered((below, one.id) for one in known for below in one.depends_on),
        firing=await _firing(scope, viewer),
        incidents=await _open_incidents(scope, viewer),
    )


async def _firing(scope: Scope, viewer: str | None) -> dict[str, int]:
    readable: ColumnElement[bool] = with_incident(alerts.c.incident, viewer)
    query = select(alerts.c.service, func.count()).where(alerts.c.status == "firing", readable)
    rows = await scope.connection.execute(query.group_by(alerts.c.service))
    return {service: int(count) for service, count in rows if service}


async def _open_incidents(scope: Scope, viewer: str | None) -> dict[str, tuple[str, ...]]:
    query = select(incidents.c.service, incidents.c.id).where(incidents.c.status.in_(OPEN))
    rows = await scope.connection.execute(query.where(visible(viewer)).order_by(incidents.c.number))
    return _gathered((service, incident) for service, incident in rows if service)


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


async def _documents(
    scope: Scope, table: Table, model: type[Document], cut: Cut
) -> Listing[Document]:
    found = await part(scope, select(table), Order(table.c.id, descending=False), cut)
    items = tuple(model.model_validate(row["doc"]) for row in found.rows)
    return Listing(items=items, next=found.next)
