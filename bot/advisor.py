"""The one client through which a model is asked: rules first, every call kept, answers reused."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from pydantic import BaseModel

from domain.errors import Permanent, Retry
from domain.llm import ModelFailed, ModelPolicy, ModelRetry, Question, Reason, call_key, may_ask
from domain.ports import LanguageModel, ModelAnswer, Purpose, Query
from prompts.render import render
from storage.models import ModelCall
from storage.store import Act, Store

Answer = TypeVar("Answer", bound=BaseModel)
MINUTE = timedelta(minutes=1)


class NoAdvisor:
    """Stands in where no model is configured: the rules answer alone."""

    async def ask(self, query: Query, schema: type[Answer]) -> tuple[Answer, str]:
        """Always refuses."""
        raise Permanent(f"no model is configured for {query.prompt} ({schema.__name__})")


@dataclass(frozen=True)
class RecordedAdvisor:
    """Asks ``model`` within ``policy``; ``secrets`` are values that must never leave."""

    model: LanguageModel
    store: Store
    policy: ModelPolicy
    secrets: Callable[[], Collection[str]]

    async def ask(self, query: Query, schema: type[Answer]) -> tuple[Answer, str]:
        """The kept answer to the same question, or a new one. Raises `Retry` or `Permanent`."""
        purpose = render(query.prompt, query.values, self.secrets())
        key = call_key(self.model.model, purpose, schema)
        if kept := await self._kept(query, key):
            return schema.model_validate_json(kept), self.model.model
        return await self._ask(query, purpose, key, schema), self.model.model

    async def _kept(self, query: Query, key: str) -> str | None:
        async with self.store.read() as unit:
            if await unit.safe_mode.current():
                raise Permanent("no model is asked in safe mode")
            if kept := await unit.models.cached(key):
                return kept
            service = await unit.catalog.services.get(query.service or "")
            question = Question(
                purpose=query.prompt,
                private=query.private,
                service=query.service,
                never=service is not None and service.llm == "never",
                spent_usd=await unit.models.spent(query.incident),
                calls_last_minute=await unit.models.count_since(unit.now - MINUTE),
            )
        verdict = may_ask(self.policy, question)
        if not verdict.allowed:
            raise Permanent(verdict.reason)
        return None

    async def _ask(self, query: Query, purpose: Purpose, key: str, schema: type[Answer]) -> Answer:
        try:
            answer, cost = await self.model.ask(purpose, schema)
        except (ModelRetry, ModelFailed) as failure:
            await self._record(query, purpose, key, failure)
            raise
        await self._record(query, purpose, key, (answer.model_dump_json(), cost))
        return answer

    async def _record(
        self,
        query: Query,
        purpose: Purpose,
        key: str,
        outcome: tuple[str, ModelAnswer] | Retry | Permanent,
    ) -> None:
        answer, cost = outcome if isinstance(outcome, tuple) else (None, _spent(outcome))
        async with self.store.write(Act("tocsin", "job")) as unit:
            await unit.models.add(
                ModelCall(
                    id=unit.ids.new(),
                    key=key,
                    purpose=query.prompt,
                    prompt=purpose.prompt,
                    model=self.model.model,
                    incident=query.incident,
                    request=purpose.request,
                    answer=answer or str(outcome),
                    outcome="answered" if answer else "failed",
                    address=self.model.address,
                    sent_bytes=_left(purpose, outcome),
                    input_tokens=cost.input_tokens if cost else 0,
                    output_tokens=cost.output_tokens if cost else 0,
                    cost_usd=cost.cost_usd if cost else 0.0,
                    at=unit.now,
                )
            )


def _left(purpose: Purpose, outcome: tuple[str, ModelAnswer] | Retry | Permanent) -> int:
    """The bytes of what was sent; none where the call was held back for a while."""
    if getattr(outcome, "reason", None) is Reason.CIRCUIT_OPEN:
        return 0
    return len(f"{purpose.system}{purpose.request}".encode())


def _spent(failure: Retry | Permanent) -> ModelAnswer | None:
    found: ModelAnswer | None = getattr(failure, "spent", None)
    return found
