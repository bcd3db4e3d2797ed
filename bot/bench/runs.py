"""What is measured: ingestion, alert to page, command to answer, incidents a minute."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import httpx2

from bot.bench.load import Measured, Target, send
from bot.bench.patience import until
from bot.bench.servers import Server
from bot.wiring import system_clock

CONNECTIONS = 32
FINGERPRINTS = 2000
CLOCK = system_clock()
NEVER = "0001-01-01T00:00:00Z"
LOOK_AGAIN_S = 0.002
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Figure:
    """One line of the report: a value, its unit, and the reference's value where there is one."""

    name: str
    value: float
    unit: str
    reference: float | None = None

    @property
    def ratio(self) -> float | None:
        """The value as a share of the reference."""
        return self.value / self.reference if self.reference else None


def alert(name: str, service: str, severity: str, started: datetime) -> dict[str, object]:
    """One delivery of Alertmanager with one alert in a group of its own."""
    labels = {"alertname": name, "service": service, "severity": severity}
    one = {
        "status": "firing",
        "labels": labels,
        "annotations": {"summary": f"{name} on {service}"},
        "startsAt": started.isoformat(),
        "endsAt": NEVER,
        "generatorURL": "",
    }
    return {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{name}"}}',
        "status": "firing",
        "receiver": "tocsin",
        "groupLabels": {"alertname": name},
        "commonLabels": labels,
        "commonAnnotations": {},
        "externalURL": "",
        "alerts": [one],
    }


async def ingestion(server: Server, bare: Server, seconds: float) -> list[Figure]:
    """Single-alert webhooks, each answered only when it is on disk."""
    hooks = Target(server.port, "/hooks/alertmanager", str(server.demo["hooks_token"]))
    before = server.memory_mib()
    ours = await send(hooks, _storm(), connections=CONNECTIONS, seconds=seconds)
    grown = server.memory_mib() - before
    await _quiet(server)
    theirs = await send(
        Target(bare.port, "/"), _storm(), connections=CONNECTIONS, seconds=min(seconds, 10)
    )
    refused = sum(count for status, count in ours.statuses.items() if status != 202)  # noqa: PLR2004
    return [
        Figure("single-alert webhooks on disk", ours.rate, "/s", theirs.rate),
        Figure("… 95 % answered within", ours.percentile(0.95), "ms", theirs.percentile(0.95)),
        Figure("… not accepted", refused, "requests"),
        Figure("… memory grown by", grown, "MiB"),
    ]


def _storm() -> Iterator[object]:
    """One service's alerts, over and over: most traffic joins what is open."""
    started = CLOCK.now()
    number = 0
    while True:
        yield alert(f"Load{number % FINGERPRINTS}", "spark", "info", started)
        number += 1


async def alert_to_page(server: Server, count: int) -> list[Figure]:
    """From the request that brings an alert to the card in the direct room of who is on call."""
    token = str(server.demo["hooks_token"])
    measured = Measured()
    async with _client(server, server.token("bob")) as bob:
        for number in range(count):
            name = f"Page{number}"
            body = alert(name, f"service-{number}", "critical", CLOCK.now())
            began = time.perf_counter()
            await bob.post("/hooks/alertmanager", json=body, headers=_bearer(token))
            await until(partial(_is_told, bob, name), PATIENCE_S, LOOK_AGAIN_S)
            measured.latencies.append(time.perf_counter() - began)
    return [
        Figure("alert to page, half within", measured.percentile(0.5), "ms"),
        Figure("alert to page, 99 % within", measured.percentile(0.99), "ms"),
    ]


async def command_to_answer(server: Server, bare: Server, count: int) -> list[Figure]:
    """A command that writes, one after the other, against a bare request that writes one row."""
    said = Target(server.port, "/api/v1/commands", server.token("alice"))
    lines = ({"line": f"/incident note INC-1 measured {number}"} for number in range(count))
    ours = await send(said, lines, connections=1, seconds=PATIENCE_S)
    bodies: Iterator[object] = ({"number": number} for number in range(count))
    theirs = await send(Target(bare.port, "/"), bodies, connections=1, seconds=PATIENCE_S)
    return [
        Figure("command answered, half within", ours.percentile(0.5), "ms", theirs.percentile(0.5)),
        Figure(
            "command answered, 99 % within", ours.percentile(0.99), "ms", theirs.percentile(0.99)
        ),
    ]


async def incidents_a_minute(server: Server, count: int) -> list[Figure]:
    """Distinct alerts of distinct services, until each has an incident and is being paged."""
    hooks = Target(server.port, "/hooks/alertmanager", str(server.demo["hooks_token"]))
    started = CLOCK.now()
    bodies = iter([alert(f"Flood{n}", f"flood-{n}", "critical", started) for n in range(count)])
    began = time.perf_counter()
    await send(hooks, bodies, connections=8, seconds=PATIENCE_S)
    await _quiet(server)
    return [
        Figure("incidents opened and paged", count / (time.perf_counter() - began) * 60, "/min")
    ]


async def _quiet(server: Server) -> None:
    """Wait until every job that is due has been carried out."""
    async with _client(server, server.token("alice")) as alice:
        await until(partial(_is_settled, alice), PATIENCE_S, LOOK_AGAIN_S)


async def _is_settled(alice: httpx2.AsyncClient) -> bool:
    answer = await alice.post("/console/api/clock", json={"advance": "PT1S"})
    return bool(answer.json()["settled"])


async def _is_told(bob: httpx2.AsyncClient, name: str) -> bool:
    return name in (await bob.get("/console/api/dms")).text


def _client(server: Server, token: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{server.port}", headers=_bearer(token), timeout=60
    )


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
