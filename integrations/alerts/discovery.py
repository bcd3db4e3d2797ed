"""The sources: every module of alerts and deploys that says which `SOURCE` it reads.

A module has ``SOURCE: str`` and ``parse``, and ``verify`` where its sender signs. Nothing lists
them: adding a sender is adding a file. Where one sender tells of deployments and of alerts, the
former are looked for first.
"""

import pkgutil
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Protocol

from pydantic import JsonValue

import integrations.alerts
import integrations.deploys
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
    found = _modules(integrations.alerts)
    for name, module in _modules(integrations.deploys).items():
        found[name] = _both(module, found[name]) if name in found else module
    return found


def _modules(package: ModuleType) -> dict[str, Source]:
    names = (one.name for one in pkgutil.iter_modules(package.__path__, f"{package.__name__}."))
    modules = [module for module in map(import_module, names) if hasattr(module, "SOURCE")]
    return {
        module.SOURCE: Source(module.SOURCE, module.parse, getattr(module, "verify", None))
        for module in modules
    }


def _both(deploys: Source, alerts: Source) -> Source:
    return Source(deploys.name, first(deploys.parse, alerts.parse), deploys.verify or alerts.verify)


def first(deploys: Parse, alerts: Parse) -> Parse:
    """Words about deployments where the body holds some, else alerts."""

    def parse(body: JsonValue, integration: str, received: datetime) -> Parsed:
        told = deploys(body, integration, received)
        return told if told.understood else alerts(body, integration, received)

    return parse
