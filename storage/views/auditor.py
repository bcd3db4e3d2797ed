"""What the auditor looks at: everything urgent that nobody has answered, as one state."""

from collections import defaultdict
from datetime import timedelta

from sqlalchemy import and_, func, select

from domain.auditor import OVERDUE, Fault, Overdue, Standing, Waiting, faults
from domain.incident import OPEN, Status
from domain.paging import Escalate
from storage.scope import Scope
from storage.tables.incidents import incidents
from storage.tables.ledger import jobs
from storage.tables.paging import escalations, pages

OWED = ("pending", "waiting", "running")
RINGS = ("ring_page", "close_bundle", "list_bundle", "ring_bundle")
STEPS = (Escalate.kind, "watch_resolved")


async def look(scope: Scope) -> tuple[Fault, ...]:
    """Everything that is wrong at this moment."""
    waiting = await _waiting(scope)
    rung = {one.incident for one in waiting if one.rings}
    return faults(await _standings(scope, rung), waiting, await _overdue(scope))


async def standing(scope: Scope, incident: str) -> Standing | None:
    """As the auditor sees one incident; None where it need not ring."""
    rung = {one.incident for one in await _waiting(scope) if one.rings}
    found = await _standings(scope, rung)
    return next((one for one in found if one.incident == incident), None)


async def rings(scope: Scope, page: str) -> bool:
    """Whether an urgent page by name rings on, or need not any more."""
    return all(one.rings for one in await _waiting(scope) if one.page == page)


async def _standings(scope: Scope, rung: set[str]) -> list[Standing]:
    wanted = (incidents.c.status == Status.TRIGGERED, incidents.c.urgency == "high")
    rows = await scope.connection.execute(
        select(incidents.c.id).where(*wanted).order_by(incidents.c.number)
    )
    names = list(rows.scalars())
    owed = await _owed(scope, STEPS)
    states = await _states(scope, names)
    return [
        Standing(
            incident=name,
            escalations=tuple(states[name]),
            owed=frozenset(owed[f"incident:{name}"]),
            rung_by_name=name in rung,
        )
        for name in names
    ]


async def _states(scope: Scope, names: list[str]) -> dict[str, list[str]]:
    running = and_(escalations.c.incident.in_(names), escalations.c.state != "stopped")
    found: dict[str, list[str]] = defaultdict(list)
    query = select(escalations.c.incident, escalations.c.state).where(running)
    for name, state in await scope.connection.execute(query.order_by(escalations.c.id)):
        found[name].append(state)
    return found


async def _owed(scope: Scope, kinds: tuple[str, ...]) -> dict[str, set[str]]:
    """The kinds of jobs that are owed, by their subject."""
    wanted = (jobs.c.kind.in_(kinds), jobs.c.state.in_(OWED))
    found: dict[str, set[str]] = defaultdict(set)
    for subject, kind in await scope.connection.execute(
        select(jobs.c.subject, jobs.c.kind).where(*wanted)
    ):
        found[subject].add(kind)
    return found


async def _waiting(scope: Scope) -> list[Waiting]:
    """Urgent pages that nobody has answered, and after which nobody else is paged."""
    rings = set(await _owed(scope, RINGS))
    by_name = (pages.c.state == "sent", pages.c.urgency == "high", pages.c.escalation.is_(None))
    query = (
        select(pages.c.id, pages.c.incident, pages.c.bundle)
        .join(incidents, incidents.c.id == pages.c.incident)
        .where(*by_name, pages.c.next_at.is_(None), incidents.c.status.in_(OPEN))
        .order_by(pages.c.id)
    )
    return [
        Waiting(
            page=page,
            incident=incident,
            rings=bool({f"page:{page}", f"bundle:{bundle}"} & rings),
        )
        for page, incident, bundle in await scope.connection.execute(query)
    ]


async def _overdue(scope: Scope) -> Overdue | None:
    late = (jobs.c.lane == "page", jobs.c.state == "pending", jobs.c.due < scope.now - OVERDUE)
    query = select(func.count(), func.min(jobs.c.due)).where(*late)
    count, oldest = (await scope.connection.execute(query)).one()
    if not count:
        return None
    lasting: timedelta = scope.now - oldest
    return Overdue(count=count, oldest=lasting)
