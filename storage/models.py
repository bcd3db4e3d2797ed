"""Every call to a language model: what left, what came back, what it cost. Also the cache."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, func, insert, select, update

from domain.base import Frozen
from domain.scrub import REDACTED
from storage.scope import Scope
from storage.tables.models import model_calls

KEPT = timedelta(days=30)


class ModelCall(Frozen):
    """``request`` is the redacted text that was sent; ``answer`` the typed answer as JSON, or why
    there is none. ``sent_bytes`` counts instructions and text together, as they went to
    ``address``; 0 where nothing left."""

    id: str
    key: str
    purpose: str
    prompt: str
    model: str
    incident: str | None
    request: str
    answer: str | None
    outcome: Literal["answered", "failed"]
    address: str = ""
    sent_bytes: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    at: datetime


class ModelCalls:
    """The record of model calls."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def add(self, call: ModelCall) -> None:
        """Record one call."""
        await self.scope.connection.execute(insert(model_calls), call.model_dump())

    async def cached(self, key: str) -> str | None:
        """An answer already paid for."""
        query = select(model_calls.c.answer).where(
            model_calls.c.key == key, model_calls.c.outcome == "answered"
        )
        return (await self.scope.connection.execute(query.limit(1))).scalar()

    async def newest(self, purpose: str, incident: str) -> ModelCall | None:
        """The last answer that was given for a purpose about an incident."""
        query = select(model_calls).where(
            model_calls.c.incident == incident,
            model_calls.c.purpose == purpose,
            model_calls.c.outcome == "answered",
            model_calls.c.answer.is_not(None),
        )
        newest = query.order_by(model_calls.c.id.desc()).limit(1)
        row = (await self.scope.connection.execute(newest)).mappings().first()
        return ModelCall.model_validate(dict(row)) if row else None

    async def spent(self, incident: str) -> float:
        """What the incident has cost so far, in US dollars."""
        query = select(func.sum(model_calls.c.cost_usd)).where(model_calls.c.incident == incident)
        return float((await self.scope.connection.execute(query)).scalar() or 0.0)

    async def count_since(self, at: datetime) -> int:
        """How many calls were made since an instant, for all incidents together."""
        query = select(func.count()).select_from(model_calls).where(model_calls.c.at >= at)
        return int((await self.scope.connection.execute(query)).scalar_one())

    async def of(self, incident: str) -> tuple[ModelCall, ...]:
        """Every call made for an incident, oldest first."""
        query = select(model_calls).where(model_calls.c.incident == incident)
        rows = (await self.scope.connection.execute(query.order_by(model_calls.c.id))).mappings()
        return tuple(ModelCall.model_validate(dict(row)) for row in rows)

    async def scrub(self, incident: str) -> None:
        """Remove what was sent and answered about the incident.

        The words left masked and cut, so that looking for them in it would miss some.
        """
        gone = update(model_calls).where(model_calls.c.incident == incident)
        await self.scope.connection.execute(gone.values(request=REDACTED, answer=None))

    async def forget(self) -> int:
        """Drop calls older than 30 days (rules.md 15)."""
        old = delete(model_calls).where(model_calls.c.at < self.scope.now - KEPT)
        return int((await self.scope.connection.execute(old)).rowcount)
