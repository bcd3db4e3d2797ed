"""Asking a model: when it may be asked, what can go wrong, and how a call is named."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from pydantic import BaseModel

from domain.base import Frozen
from domain.errors import Permanent, Retry
from domain.ports import ModelAnswer, Purpose


class Reason(StrEnum):
    """Why there is no answer; stable, for labels and counters."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    RATE_LIMITED = "rate limited"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server error"
    UNAUTHORISED = "unauthorised"
    REJECTED = "rejected"
    REFUSAL = "refusal"
    TRUNCATED = "truncated"
    NOT_JSON = "not JSON"
    WRONG_SHAPE = "wrong shape"
    TOO_LARGE = "too large"
    CIRCUIT_OPEN = "circuit open"


class ModelRetry(Retry):
    """The model could not answer now. ``spent`` is what the call cost all the same."""

    def __init__(
        self, reason: Reason, after: timedelta | None = None, spent: ModelAnswer | None = None
    ) -> None:
        super().__init__(f"model: {reason.value}", after)
        self.reason = reason
        self.spent = spent


class ModelFailed(Permanent):
    """Asking the same again cannot help. ``spent`` is what the call cost all the same."""

    def __init__(self, reason: Reason, spent: ModelAnswer | None = None) -> None:
        super().__init__(f"model: {reason.value}")
        self.reason = reason
        self.spent = spent


class ModelPolicy(Frozen):
    """What this installation lets a model see and spend (rules.md 12).

    ``incident_usd`` caps the cost of one incident in US dollars; ``calls_per_minute`` counts all
    incidents together.
    """

    purposes: frozenset[str] = frozenset({"classify", "similar", "catchup", "postmortem"})
    private: bool = False
    incident_usd: float = 0.01
    calls_per_minute: int = 60


class Question(Frozen):
    """A call somebody wants to make, and what was used up before it."""

    purpose: str
    private: bool
    service: str | None
    never: bool = False
    spent_usd: float = 0.0
    calls_last_minute: int = 0


class Verdict(Frozen):
    """Whether a model may be asked, and why not."""

    allowed: bool
    reason: str


def may_ask(policy: ModelPolicy, question: Question) -> Verdict:
    """Whether ``question`` may go to a model; where it may not, rules answer alone."""
    if question.private and not policy.private:
        return Verdict(allowed=False, reason="private incidents are never sent to a model")
    if question.purpose not in policy.purposes:
        return Verdict(allowed=False, reason=f"llm.purposes does not list {question.purpose}")
    if question.never:
        return Verdict(allowed=False, reason=f"service {question.service} says llm: never")
    return _affordable(policy, question)


def _affordable(policy: ModelPolicy, question: Question) -> Verdict:
    if question.spent_usd >= policy.incident_usd:
        cap = f"${policy.incident_usd:.2f}"
        return Verdict(allowed=False, reason=f"this incident's model budget of {cap} is used up")
    if question.calls_last_minute >= policy.calls_per_minute:
        limit = policy.calls_per_minute
        return Verdict(allowed=False, reason=f"{limit} model calls were made in the last minute")
    return Verdict(allowed=True, reason="listed, affordable, not private")


def call_key(model: str, purpose: Purpose, schema: type[BaseModel]) -> str:
    """The name of a call: equal for equal prompt version, model, redacted text and answer shape.

    SHA-256 as 64 hexadecimal digits. An answer kept under it may be used again.
    """
    parts: Mapping[str, object] = {
        "model": model,
        "purpose": purpose.model_dump(),
        "schema": schema.model_json_schema(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
