"""Deliveries as they came, alerts, their episodes and groups."""

import gzip
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, insert, or_, select, update

from domain.alert import Alert, Parsed, Signal
from domain.base import Frozen
from domain.grouping import Group
from domain.noise import Verdict, is_baseline
from domain.pipeline import called_here
from domain.rollback import Rollback
from domain.scrub import without
from domain.silence import Silence
from storage.numbers import Numbers
from storage.rows import Rows, by_id_set, to_row
from storage.scope import Scope
from storage.tables.alerts import alert_groups, alerts, deliveries, episodes, silences
from storage.tables.incidents import incidents

RAW_KEPT = timedelta(days=30)


class Delivery(Frozen):
    """One accepted request body: the bytes as they came, and the signals read from it."""

    id: str
    source: str
    integration: str
    received_at: datetime
    body: bytes
    parsed: Parsed


class Deliveries:
    """The raw material, kept for 30 days."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def add_all(self, arrived: Iterable[Delivery]) -> None:
        """Store many deliveries in one statement."""
        rows = [_delivery_row(one) for one in arrived]
        await self.scope.connection.execute(insert(deliveries), rows)

    async def signals(self, ids: Iterable[str]) -> tuple[Signal, ...]:
        """The signals of these deliveries, in the order of their arrival."""
        query = select(deliveries.c.signals).where(deliveries.c.id.in_(tuple(ids)))
        rows = (await self.scope.connection.execute(query.order_by(deliveries.c.id))).scalars()
        return tuple(Signal.model_validate(signal) for row in rows for signal in row)

    async def first(self, integration: str) -> datetime:
        """When the integration was first heard: now, where it never was."""
        query = select(func.min(deliveries.c.received_at))
        query = query.where(deliveries.c.integration == integration)
        found: datetime | None = (await self.scope.connection.execute(query)).scalar()
        return found or self.scope.now

    async def seen(self, source: str) -> datetime | None:
        """When the source last sent anything."""
        query = select(func.max(deliveries.c.received_at)).where(deliveries.c.source == source)
        found: datetime | None = (await self.scope.connection.execute(query)).scalar()
        return found

    async def forget(self) -> int:
        """Drop raw bodies and signals older than 30 days."""
        old = deliveries.c.received_at < self.scope.now - RAW_KEPT
        gone = update(deliveries).where(old, deliveries.c.body.is_not(None))
        done = await self.scope.connection.execute(gone.values(body=None, signals=[]))
        return int(done.rowcount)


class Alerts(Rows[Alert]):
    """One alert for each integration and fingerprint."""

    table = alerts
    model = Alert
    noun = "alert"
    found_by = "see /alert list"

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self._known: dict[str, Alert] = {}

    async def known(self, signals: Iterable[Signal]) -> dict[tuple[str, str], Alert]:
        """The alerts that these signals speak of, by (integration, fingerprint)."""
        wanted: dict[str, set[str]] = {}
        for signal in signals:
            wanted.setdefault(signal.integration, set()).add(signal.fingerprint)
        found: dict[tuple[str, str], Alert] = {}
        for integration, prints in wanted.items():
            # together they name an index; as pairs SQLite would read the whole table
            named = (alerts.c.integration == integration, alerts.c.fingerprint.in_(prints))
            found |= {(integration, one.fingerprint): one for one in await self.where(*named)}
        self._known |= {one.id: one for one in found.values()}
        return found

    async def keep(self, changed: Iterable[Alert]) -> tuple[Alert, ...]:
        """Save alerts, numbering those that are new."""
        values = tuple(changed)
        fresh = sum(1 for one in values if not one.id)
        first = await Numbers(self.scope).next("ALR", fresh) if fresh else 0
        numbers = iter(range(first, first + fresh))
        kept = tuple(one if one.id else _numbered(one, next(numbers)) for one in values)
        new = {one.id for one, before in zip(kept, values, strict=True) if not before.id}
        await self.add_all(one for one in kept if one.id in new)
        await self._change([one for one in kept if one.id not in new])
        self._known |= {one.id: one for one in kept}
        self.scope.topics.add("alerts")
        return kept

    async def of(self, incident: str) -> tuple[Alert, ...]:
        """The alerts whose newest episode belongs to the incident, by number."""
        return await self.where(alerts.c.incident == incident, order=alerts.c.number)

    async def count(self, incident: str) -> int:
        """How many alerts the incident has."""
        query = select(func.count()).select_from(alerts).where(alerts.c.incident == incident)
        return int((await self.connection.execute(query)).scalar_one())

    async def services(self, incident: str) -> dict[str | None, bool]:
        """The services that the incident's alerts are about, and whether any was urgent."""
        urgent = func.max(case((alerts.c.urgency == "high", 1), else_=0))
        query = select(alerts.c.service, urgent).where(alerts.c.incident == incident)
        rows = await self.connection.execute(query.group_by(alerts.c.service))
        return {service: bool(any_urgent) for service, any_urgent in rows}

    async def firing(self, incident: str) -> int:
        """How many of the incident's alerts still fire."""
        wanted = (alerts.c.incident == incident, alerts.c.status == "firing")
        query = select(func.count()).select_from(alerts).where(*wanted)
        return int((await self.connection.execute(query)).scalar_one())

    async def firing_since(self, at: datetime) -> tuple[Alert, ...]:
        """What fires, or began to fire from ``at`` on, in whatever incident."""
        return await self.where(or_(alerts.c.status == "firing", alerts.c.starts_at >= at))

    async def firing_for(self, service: str) -> int:
        """How many alerts of a service fire, but for those of private incidents."""
        private = select(incidents.c.id).where(incidents.c.private)
        open_to_all = alerts.c.incident.is_(None) | alerts.c.incident.not_in(private)
        wanted = (alerts.c.service == service, alerts.c.status == "firing", open_to_all)
        query = select(func.count()).select_from(alerts).where(*wanted)
        return int((await self.connection.execute(query)).scalar_one())

    async def begun(
        self, service: str | None, incident: str | None, since: datetime
    ) -> tuple[datetime, ...]:
        """When alerts of a service began, from ``since`` on; where it has none, those of an
        incident."""
        whose = alerts.c.service == service if service else episodes.c.incident == incident
        both = episodes.join(alerts, alerts.c.id == episodes.c.alert)
        query = select(episodes.c.starts_at).select_from(both)
        found = await self.connection.execute(query.where(whose, episodes.c.starts_at >= since))
        return tuple(found.scalars())

    async def telling_of(self, rollback: Rollback) -> tuple[Alert, ...]:
        """The firing alerts of a rollback's incident and service, but for those that name another
        environment and those of other private incidents."""
        private = select(incidents.c.id).where(incidents.c.private)
        open_to_all = alerts.c.incident.is_(None) | alerts.c.incident.not_in(private)
        of_service = (alerts.c.service == rollback.service) & open_to_all
        its_own = alerts.c.incident == (rollback.incident or "")
        wanted = (alerts.c.status == "firing", of_service | its_own)
        found = await self.where(*wanted, order=alerts.c.number)
        return tuple(one for one in found if _is_of(one, rollback.environment))

    async def firing_among(self, names: Iterable[str]) -> frozenset[str]:
        """Those of these incidents of which an alert still fires."""
        wanted = (alerts.c.incident.in_(tuple(names)), alerts.c.status == "firing")
        found = await self.connection.execute(select(alerts.c.incident).where(*wanted).distinct())
        return frozenset(found.scalars())

    async def baseline(self, integration: str) -> tuple[Alert, ...]:
        """What still fires that did so before the integration, or source, was first heard."""
        named = or_(alerts.c.integration == integration, alerts.c.source == integration)
        wanted = (named, alerts.c.status == "firing")
        firing = await self.where(*wanted, order=alerts.c.number)
        return tuple(one for one in firing if one.verdict and is_baseline(one.verdict))

    async def move(self, incident: str, into: str) -> None:
        """Hand alerts, episodes and groups over to another incident."""
        for table in (alerts, episodes, alert_groups):
            moved = update(table).where(table.c.incident == incident).values(incident=into)
            await self.connection.execute(moved)

    async def scrub(self, incident: str, words: str) -> None:
        """Remove redacted words from what the incident's alerts say about themselves."""
        for alert in await self.of(incident):
            told = {name: without(words, text) for name, text in alert.annotations.items()}
            clean = {"summary": without(words, alert.summary), "annotations": told}
            if (changed := alert.model_copy(update=clean)) != alert:
                await self.save(changed)

    async def decide(self, decided: Iterable[Alert]) -> None:
        """Record episodes with what was decided about each; a later decision replaces one."""
        if rows := [_episode_row(alert) for alert in decided]:
            made = self.scope.upsert(episodes, "alert", "starts_at")
            await self.connection.execute(made, rows)

    async def silences(self) -> tuple[Silence, ...]:
        """Silences that have not ended."""
        query = select(silences).where(silences.c.ends_at > self.scope.now)
        rows = (await self.connection.execute(query.order_by(silences.c.id))).mappings()
        return tuple(Silence.model_validate(dict(row)) for row in rows)

    async def silence(self, silence: Silence) -> None:
        """Add a silence."""
        await self.connection.execute(insert(silences), to_row(silence, silences))

    async def silenced(self, name: str) -> Silence | None:
        """A silence, also one that is over."""
        query = select(silences).where(silences.c.id == name)
        row = (await self.connection.execute(query)).mappings().first()
        return Silence.model_validate(dict(row)) if row else None

    async def lift(self, silence: Silence) -> None:
        """End a silence now."""
        ended = update(silences).where(silences.c.id == silence.id)
        await self.connection.execute(ended.values(ends_at=self.scope.now))

    async def since(self, at: datetime) -> tuple[Alert, ...]:
        """Alerts whose newest episode began after ``at``, newest first."""
        return await self.where(alerts.c.starts_at >= at, order=alerts.c.number.desc())

    async def _change(self, kept: list[Alert]) -> None:
        """Save what changed; most have only been told of once more, which is one column."""
        same = [one for one in kept if _is_same(one, self._known.get(one.id))]
        told = {one.id for one in same}
        await self.save_all(one for one in kept if one.id not in told)
        if same:
            seen = [{"wanted": one.id, "seen_at": one.seen_at} for one in same]
            await self.connection.execute(by_id_set(alerts), seen)


class AlertGroups(Rows[Group]):
    """The groups."""

    table = alert_groups
    model = Group
    noun = "alert group"

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope

    async def open_under(self, key: str) -> tuple[Group, ...]:
        """Every group of that key that a new alert may still join."""
        wanted = (alert_groups.c.key == key, alert_groups.c.open)
        return await self.where(*wanted, order=alert_groups.c.id)

    async def of(self, incident: str) -> tuple[Group, ...]:
        """The groups of an incident."""
        return await self.where(alert_groups.c.incident == incident, order=alert_groups.c.id)

    async def close(self, incident: str) -> None:
        """Let nothing more join the groups of an incident that has ended."""
        closed = update(alert_groups).where(alert_groups.c.incident == incident)
        await self.connection.execute(closed.values(open=False))


def raw(body: bytes | None) -> bytes | None:
    """The bytes of a stored body."""
    return gzip.decompress(body) if body else None


def _delivery_row(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "source": one.source,
        "integration": one.integration,
        "received_at": one.received_at,
        "body": gzip.compress(
            one.body, compresslevel=1, mtime=0
        ),  # a date would cost twice the time
        "signals": one.parsed.signals,
        "truncated": one.parsed.truncated,
        "understood": one.parsed.understood,
    }


def _episode_row(alert: Alert) -> dict[str, Any]:
    verdict = alert.verdict or Verdict(action="suppressed", reason="not decided")
    return {
        "alert": alert.id,
        "starts_at": alert.starts_at,
        "ends_at": alert.ends_at,
        "group": alert.group,
        "incident": alert.incident,
        "action": verdict.action,
        "reason": verdict.reason,
    }


def _is_of(alert: Alert, environment: str) -> bool:
    named = alert.labels.get("env") or alert.labels.get("environment")
    return not named or called_here(named) == environment


def _numbered(alert: Alert, number: int) -> Alert:
    return alert.model_copy(update={"id": f"ALR-{number}", "number": number})


def _is_same(alert: Alert, before: Alert | None) -> bool:
    """Whether nothing is new but when it was last heard of."""
    return before is not None and before.model_copy(update={"seen_at": alert.seen_at}) == alert
