"""Teams, services, schedules, policies, routes, runbooks: what the organisation looks like."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from domain.calendar_layer import CalendarState
from domain.deployment import Deployment
from domain.escalation import EscalationPolicy, Step, Target
from domain.routing import Route
from domain.runbook import Runbook
from domain.schedule import Override, Schedule
from domain.server import Server, ServerTest
from domain.service import Service
from domain.ssh_key import SshKey
from domain.team import Team
from storage.calendars import bare, with_shifts
from storage.rows import Documents, Rows
from storage.scope import Scope
from storage.tables import catalog

NEWEST = 500
# A team that nobody is in: its step is empty, and an escalation that finds nobody asks admins.
ADMINS = Step(targets=(Target(kind="team", id=""),))


class Teams(Documents[Team]):
    """The teams."""

    table = catalog.teams
    model = Team
    noun = "team"


class Services(Documents[Service]):
    """The services and what they depend on."""

    table = catalog.services
    model = Service
    noun = "service"


class Policies(Documents[EscalationPolicy]):
    """Escalation policies."""

    table = catalog.policies
    model = EscalationPolicy
    noun = "escalation policy"


class Routes(Documents[Route]):
    """Routing rules, in the order of their ids."""

    table = catalog.routes
    model = Route
    noun = "route"


class Servers(Documents[Server]):
    """Machines that are reached by SSH."""

    table = catalog.servers
    model = Server
    noun = "server"
    found_by = "see /server list"


class SshKeys(Documents[SshKey]):
    """Keys by which servers are reached, encrypted."""

    table = catalog.ssh_keys
    model = SshKey
    noun = "SSH key"
    found_by = "see tocsin keys kept"


class ServerTests(Documents[ServerTest]):
    """What came of the last test of each."""

    table = catalog.server_tests
    model = ServerTest
    noun = "test of a server"
    found_by = "see /server test"


class Runbooks(Documents[Runbook]):
    """Runbook texts."""

    table = catalog.runbooks
    model = Runbook
    noun = "runbook"


class Deployments(Rows[Deployment]):
    """What was deployed where."""

    table = catalog.deployments
    model = Deployment
    noun = "deployment"
    found_by = "see /deploy list"

    async def there(self, environment: str) -> tuple[Deployment, ...]:
        """The newest deployments of every service in an environment."""
        table = catalog.deployments
        newest = {"order": table.c.started_at.desc(), "limit": NEWEST}
        return await self.where(table.c.environment == environment, **newest)


class Schedules(Documents[Schedule]):
    """Schedules, each read with its overrides and what its calendars say."""

    table = catalog.schedules
    model = Schedule
    noun = "schedule"
    found_by = "see /oncall who"

    async def get(self, key: str) -> Schedule | None:
        """The schedule with its overrides, oldest first."""
        found = await super().get(key)
        return await self._with_overrides(found) if found else None

    async def everything(self) -> tuple[Schedule, ...]:
        """Every schedule with its overrides."""
        found = await self.where(order=catalog.schedules.c.id)
        return tuple([await self._with_overrides(schedule) for schedule in found])

    async def override(self, schedule: str, override: Override, by: str) -> None:
        """Add an override; it wins over the layers while it lasts."""
        row = override.model_dump() | {"schedule": schedule, "created_by": by}
        await self.connection.execute(insert(catalog.overrides), row)

    async def drop_override(self, schedule: str, override: str) -> bool:
        """Take an override back."""
        where = (catalog.overrides.c.schedule == schedule, catalog.overrides.c.id == override)
        gone = await self.connection.execute(delete(catalog.overrides).where(*where))
        return bool(gone.rowcount)

    def write(self, value: Schedule) -> dict[str, Any]:
        """A schedule as its document, without what has rows of its own."""
        return super().write(bare(value).model_copy(update={"overrides": ()}))

    async def _with_overrides(self, schedule: Schedule) -> Schedule:
        table = catalog.overrides
        query = select(table).where(table.c.schedule == schedule.id).order_by(table.c.id)
        rows = (await self.connection.execute(query)).mappings()
        names = Override.model_fields
        found = tuple(Override(**{name: row[name] for name in names}) for row in rows)
        whole = schedule.model_copy(update={"overrides": found})
        if any(layer.calendar for layer in schedule.layers):
            return with_shifts(whole, await self._calendars(schedule.id))
        return whole

    async def _calendars(self, schedule: str) -> tuple[CalendarState, ...]:
        table = catalog.calendar_layers
        query = select(table).where(table.c.schedule == schedule)
        rows = (await self.connection.execute(query)).mappings()
        return tuple(CalendarState.model_validate(dict(row)) for row in rows)


class Catalog:
    """The organisation, in one unit."""

    def __init__(self, scope: Scope) -> None:
        connection, locking = scope.connection, False
        self.teams = Teams(connection, locking=locking)
        self.services = Services(connection, locking=locking)
        self.policies = Policies(connection, locking=locking)
        self.routes = Routes(connection, locking=locking)
        self.servers = Servers(connection, locking=locking)
        self.ssh_keys = SshKeys(connection, locking=locking)
        self.server_tests = ServerTests(connection, locking=locking)
        self.runbooks = Runbooks(connection, locking=locking)
        self.deployments = Deployments(connection, locking=locking)
        self.schedules = Schedules(connection, locking=locking)

    async def deployments_near(self, at: datetime, span: timedelta) -> tuple[Deployment, ...]:
        """Deployments of any service that started within ``span`` of ``at``, oldest first."""
        table = catalog.deployments
        near = (table.c.started_at >= at - span, table.c.started_at <= at + span)
        return await self.deployments.where(*near, order=table.c.started_at)

    async def route_to(self, name: str) -> tuple[Server, ...]:
        """The servers on the way to one, it last. Raises `NotFound`."""
        way: list[Server] = []
        while name:
            server = await self.servers.need(name)
            if server in way:
                break
            way.insert(0, server)
            name = server.jump or ""
        return tuple(way)

    async def ack_timeout(self, policy: str | None) -> timedelta:
        """After how long without a word whoever acknowledged is rung again, by that policy."""
        return (await self.policy_or_admins(policy)).ack_timeout

    async def policy_or_admins(self, policy: str | None) -> EscalationPolicy:
        """The policy; where none is set or known, one that rings the admins (rules.md 5)."""
        found = await self.policies.get(policy) if policy else None
        return found or EscalationPolicy(id="admins", name="admins", team="", steps=(ADMINS,))
