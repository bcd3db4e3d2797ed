"""How the process is doing, for probes, scrapers and people.

``/livez``: it answers. ``/healthz``: every duty has finished a cycle lately; a scheduler that
claims to run and does nothing shows here. ``/readyz``: what requests depend on works.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from domain.base import Frozen
from web.ports import Check, Vitals

STALE_S = 60.0
TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"


class Alive(Frozen):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Health(Frozen):
    """``ages``: seconds since each duty last finished a cycle; ``late`` names those over 60."""

    status: Literal["ok", "failing"]
    late: tuple[str, ...]
    ages: Mapping[str, float]


class Ready(Frozen):
    """``checks`` is None where nobody asked for them."""

    status: Literal["ready", "not ready"]
    checks: tuple[Check, ...] | None = None


class Version(Frozen):
    """What runs here."""

    version: str


def router(vitals: Vitals, version: str) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["health"])
    broken: dict[int | str, dict[str, object]] = {503: {"description": "Not well"}}

    @routes.get("/livez")
    async def livez() -> Alive:
        """Whether the process answers at all."""
        return Alive()

    @routes.get("/healthz", responses=broken)
    async def healthz(response: Response) -> Health:
        """Whether every duty does its work."""
        ages = {name: round(age, 1) for name, age in vitals.ages().items()}
        late = tuple(sorted(name for name, age in ages.items() if age > STALE_S))
        response.status_code = 503 if late else 200
        return Health(status="failing" if late else "ok", late=late, ages=ages)

    @routes.get("/readyz", responses=broken)
    async def readyz(
        response: Response, verbose: Annotated[str | None, Query(description="show them")] = None
    ) -> Ready:
        """Whether requests are welcome."""
        checks = await vitals.checks()
        ready = all(check.ok for check in checks)
        response.status_code = 200 if ready else 503
        shown = None if verbose is None else checks
        return Ready(status="ready" if ready else "not ready", checks=shown)

    @routes.get("/version")
    async def running() -> Version:
        """Which version runs."""
        return Version(version=version)

    @routes.get("/metrics", response_class=Response)
    async def metrics() -> Response:
        """Metrics in Prometheus' text format."""
        return Response(vitals.metrics(), media_type=TEXT_FORMAT)

    return routes
