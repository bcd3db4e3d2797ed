"""What `doctor` finds about pipelines: those that are needed and missing, and those that say no."""

import asyncio
from collections.abc import Iterator

from bot.performing import performers
from bot.pipelines import pipelines
from bot.sealing import StoredKeys
from bot.wiring import Core
from domain.deployer import Probed
from domain.errors import Permanent, Retry
from domain.finding import Finding, failure, ok, warning
from domain.service import Service

SET_BY = {
    "github": "GITHUB_TOKEN",
    "gitlab": "GITLAB_TOKEN",
    "argocd": "ARGOCD_TOKEN and ARGOCD_API_URL",
    "kubernetes": "kubernetes.kubeconfig or kubernetes.in_cluster",
}
TOPIC = "pipelines"


async def pipelines_found(core: Core) -> list[Finding]:
    """Whether each that is set up lets us in, and which of those that services declare is not."""
    if core.store.installation.demo:
        return [ok(TOPIC, "simulated: nothing outside is asked")]
    kept = StoredKeys(core.store, core.keys).find
    commands = performers(core.settings, kept, demo=False)["command"]
    known = pipelines(core.settings, core.store.clock, commands)
    asked = [(source, one) for source, one in known.items() if isinstance(one, Probed)]
    found = await asyncio.gather(*(_let_in(source, one) for source, one in asked))
    async with core.store.read() as unit:
        services = await unit.catalog.services.where()
    return [*found, *_missing(services, set(known))]


async def _let_in(source: str, pipeline: Probed) -> Finding:
    try:
        await pipeline.probe()
    except (Retry, Permanent) as refused:
        named = "" if str(refused).startswith(pipeline.name) else f"{pipeline.name}: "
        return failure(TOPIC, f"{named}{refused}", f"check {SET_BY[source]}")
    return ok(TOPIC, f"{pipeline.name} lets us in")


def _missing(services: tuple[Service, ...], known: set[str]) -> Iterator[Finding]:
    """A way back that leads nowhere is found out at the worst time."""
    for service in services:
        wanted = {way.source for way in service.pipelines if way.rollback}
        for source in sorted(wanted - known):
            told = f"{service.id} is rolled back by {source}, which is not set up"
            yield warning(TOPIC, told, f"set {SET_BY[source]}")
