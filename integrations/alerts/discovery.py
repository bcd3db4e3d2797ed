"""The alert sources: every module of this package that says which `SOURCE` it reads.

A module has ``SOURCE: str`` and ``parse``, and ``verify`` where its sender signs. Nothing lists
them: adding a sender is adding a file.
"""

import pkgutil
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Protocol

from pydantic import JsonValue

import integrations.alerts
from domain.alert import Parsed
from integrations.alerts.signature import Proof, Request


class Parse(Protocol):
    """Read a body: pure, raises `domain.errors.Invalid` with the field that is wrong."""

    def __call__(self, body: JsonValue, integration: str, received: datetime) -> Parsed: ...


class Verify(Protocol):
    """Check a request's signature under any of the secrets (two during rotation). Pure."""

    def __call__(self, request: Request, secrets: tuple[str, ...]) -> Proof: ...


@dataclass(frozen=True)
class Source:
    """One sender's format; ``verify`` is None where it signs nothing."""

    name: str
    parse: Parse
    verify: Verify | None


@cache
def sources() -> dict[str, Source]:
    """The sources by name, as they stand in ``/hooks/{source}``."""
    package = integrations.alerts
    names = (found.name for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."))
    modules = [module for module in map(import_module, names) if hasattr(module, "SOURCE")]
    return {
        module.SOURCE: Source(module.SOURCE, module.parse, getattr(module, "verify", None))
        for module in modules
    }
