"""What the next shift should know, as far as its reader may (rules.md 2)."""

from datetime import timedelta

from sqlalchemy import func, select

from domain.handoff_card import Flapping, Matter, Snoozed
from domain.incident import OPEN, Incident
from domain.message import moment
from domain.paging import RingSnoozed
from domain.schedule import Schedule
from storage.jobs import Jobs
from storage.scope import Scope
from storage.tables.alerts import alerts, episodes
from storage.tables.catalog import services
from storage.tables.incidents import incidents
from storage.views.alerts import open_silences
from storage.views.freezes import standing
from storage.views.safe_mode import banner
from storage.views.visible import visible, with_incident

DAY = timedelta(days=1)
OFTEN = 3
MOST = 8


async def matter(scope: Scope, schedule: Schedule, reader: str) -> Matter:
    """What goes on where ``schedule`` answers for it."""
    found = await _open_ones(scope, schedule, reader)
    return Matter(
        incidents=found,
        snoozed=await _snoozed(scope, {one.id for one in found}),
        silences=await open_silences(scope),
        freezes=await standing(scope),
        flapping=await _flapping(scope, schedule, reader),
        safe_mode=await banner(scope),
    )


async def _open_ones(scope: Scope, schedule: Schedule, reader: str) -> tuple[Incident, ...]:
    wanted = (incidents.c.status.in_(OPEN), incidents.c.team == schedule.team, visible(reader))
    query = select(incidents).where(*wanted).order_by(incidents.c.number.desc())
    rows = (await scope.connection.execute(query)).mappings()
    return tuple(Incident.model_validate(dict(row)) for row in rows)


async def _snoozed(scope: Scope, known: set[str]) -> tuple[Snoozed, ...]:
    planned = await Jobs(scope).planned(RingSnoozed)
    return tuple(
        Snoozed(incident=one.job.incident, user=one.job.user, until=moment(one.due))
        for one in planned
        if one.job.incident in known
    )


async def _flapping(scope: Scope, schedule: Schedule, reader: str) -> tuple[Flapping, ...]:
    """Alerts of the team's services that began anew at least three times within a day."""
    times = func.count().label("times")
    recent = episodes.c.starts_at >= scope.now - DAY
    owned = select(services.c.id).where(services.c.doc["team"].as_string() == schedule.team)
    query = (
        select(alerts.c.name, alerts.c.service, times)
        .join(episodes, episodes.c.alert == alerts.c.id)
        .where(recent, alerts.c.service.in_(owned), with_incident(alerts.c.incident, reader))
        .group_by(alerts.c.id, alerts.c.name, alerts.c.service)
        .having(func.count() >= OFTEN)
        .order_by(times.desc(), alerts.c.name)
        .limit(MOST)
    )
    rows = (await scope.connection.execute(query)).mappings()
    return tuple(Flapping.model_validate(dict(row)) for row in rows)
