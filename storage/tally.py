"""What was committed in a span of time, and how things stand: counted for the metrics."""

import math
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, literal, select

from domain.auditor import SETTING, Audit
from domain.base import Frozen
from domain.ids import first_id
from storage.scope import Scope
from storage.settings import Settings
from storage.tables.alerts import deliveries
from storage.tables.chats import chat_states
from storage.tables.incidents import incidents
from storage.tables.ledger import audit, facts, jobs
from storage.tables.models import model_calls
from storage.tables.paging import pages, rings

Counts = dict[tuple[str, ...], int]
STEPS_TOLD = 5
ENDED = ("resolved", "closed")
UNDONE = ("pending", "waiting", "running", "dead", "unknown")


class Tally(Frozen):
    """What happened in a span; waits in seconds, costs in US dollars."""

    events: Counts
    pages: Counts
    escalations: Counts
    models: Counts
    cost_usd: float
    ack_s: tuple[float, ...]
    notify_s: tuple[float, ...]


class Levels(Frozen):
    """How things stand; ``chats`` has 1 for an outside chat that answers, 0 for one that does not,
    ``busy_s`` for how many seconds each wants to be left alone; ``lag_s`` is the age in seconds of
    the oldest job that is due; ``findings`` are the auditor's, ``clean_age_s`` is since when it
    has any, endless where it has never looked."""

    open: Counts
    chats: Counts
    busy_s: Counts
    queue: Counts
    lag_s: float
    unsealed: int
    findings: int
    clean_age_s: float


class Tallies:
    """Counts within one read unit."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def between(self, since: datetime, until: datetime) -> Tally:
        """What was committed from ``since`` on and before ``until``."""
        within = _Span(since, until)
        return Tally(
            events=await self._counted(_events(within)),
            pages=await self._counted(_pages(within)),
            escalations=await self._counted(_escalations(within)),
            models=await self._counted(_models(within)),
            cost_usd=await self._cost(within),
            ack_s=await self._waits(_acknowledged(within)),
            notify_s=await self._waits(_rung(within)),
        )

    async def levels(self) -> Levels:
        """How things stand now."""
        open_ones = select(incidents.c.severity, func.count()).group_by(incidents.c.severity)
        waiting = select(jobs.c.lane, jobs.c.state, func.count())
        waiting = waiting.where(jobs.c.state.in_(UNDONE)).group_by(jobs.c.lane, jobs.c.state)
        unsealed = select(func.count()).where(audit.c.position.is_(None))
        audited = await self._audited()
        return Levels(
            open=await self._counted(open_ones.where(incidents.c.status.not_in(ENDED))),
            chats=await self._chats(),
            busy_s=await self._busy_s(),
            queue=await self._counted(waiting),
            lag_s=await self.lag_s(),
            unsealed=int((await self._do(unsealed)).scalar_one()),
            findings=len(audited.faults) if audited else 0,
            clean_age_s=self._age_s(audited.clean_at if audited else None),
        )

    async def _audited(self) -> Audit | None:
        kept = await Settings(self.scope).get(SETTING)
        return Audit.model_validate(kept) if kept else None

    def _age_s(self, since: datetime | None) -> float:
        return (self.scope.now - since).total_seconds() if since else math.inf

    async def _chats(self) -> Counts:
        gone = select(chat_states.c.platform).where(chat_states.c.up.is_(False))
        down = set((await self._do(gone)).scalars())
        return {(one,): int(one not in down) for one in self.scope.installation.outside}

    async def _busy_s(self) -> Counts:
        now = self.scope.now
        query = select(chat_states.c.platform, chat_states.c.busy_until)
        found = (await self._do(query.where(chat_states.c.busy_until > now))).all()
        left = {name: int((until - now).total_seconds()) for name, until in found}
        return {(one,): left.get(one, 0) for one in self.scope.installation.outside}

    async def lag_s(self) -> float:
        """The age in seconds of the oldest job that is due; 0 where none is."""
        due = and_(jobs.c.state == "pending", jobs.c.due <= self.scope.now)
        oldest = (await self._do(select(func.min(jobs.c.due)).where(due))).scalar()
        return float((self.scope.now - oldest).total_seconds()) if oldest else 0.0

    async def _counted(self, query: Select[Any]) -> Counts:
        rows = (await self._do(query)).all()
        return {tuple(str(label) for label in row[:-1]): int(row[-1]) for row in rows}

    async def _waits(self, query: Select[Any]) -> tuple[float, ...]:
        rows = (await self._do(query)).all()
        return tuple((end - begin).total_seconds() for begin, end in rows)

    async def _cost(self, within: "_Span") -> float:
        query = select(func.sum(model_calls.c.cost_usd)).where(within.ids(model_calls.c.id))
        return float((await self._do(query)).scalar() or 0.0)

    async def _do(self, query: Select[Any]) -> Any:
        return await self.scope.connection.execute(query)


class _Span:
    """A span as bounds of ids, which grow with time and are indexed, or of instants."""

    def __init__(self, since: datetime, until: datetime) -> None:
        self.since = since
        self.until = until

    def ids(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        return and_(column >= first_id(self.since), column < first_id(self.until))

    def instants(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        return and_(column >= self.since, column < self.until)


def _events(within: _Span) -> Select[Any]:
    outcome = case((deliveries.c.understood, "understood"), else_="kept raw")
    query = select(deliveries.c.source, outcome, func.count()).where(within.ids(deliveries.c.id))
    return query.group_by(deliveries.c.source, outcome)


def _pages(within: _Span) -> Select[Any]:
    query = select(rings.c.method, rings.c.result, func.count())
    return query.where(within.instants(rings.c.at)).group_by(rings.c.method, rings.c.result)


def _escalations(within: _Span) -> Select[Any]:
    """Steps counted from 1; those beyond the fifth are told together."""
    step = case((pages.c.step >= STEPS_TOLD, STEPS_TOLD), else_=pages.c.step + 1)
    query = select(step, func.count(distinct(pages.c.escalation)))
    wanted = and_(within.ids(pages.c.id), pages.c.escalation.is_not(None))
    return query.where(wanted).group_by(step)


def _models(within: _Span) -> Select[Any]:
    query = select(model_calls.c.model, model_calls.c.outcome, func.count())
    query = query.where(within.ids(model_calls.c.id))
    return query.group_by(model_calls.c.model, model_calls.c.outcome)


def _acknowledged(within: _Span) -> Select[Any]:
    """When an incident was declared, and when acknowledged."""
    same = facts.c.subject == literal("incident:") + incidents.c.id
    query = select(incidents.c.declared_at, facts.c.at).join_from(facts, incidents, same)
    lately = and_(within.ids(facts.c.id), within.instants(facts.c.at))  # no told history
    return query.where(lately, facts.c.kind == "incident_acknowledged")


def _rung(within: _Span) -> Select[Any]:
    """When an incident was detected, and when the first person's telephone rang."""
    joined = rings.join(pages, pages.c.id == rings.c.page)
    joined = joined.join(incidents, incidents.c.id == pages.c.incident)
    first = and_(rings.c.k == 0, pages.c.step == 0, pages.c.escalation.is_not(None))
    query = select(incidents.c.detected_at, rings.c.at).select_from(joined)
    return query.where(within.instants(rings.c.at), first)
