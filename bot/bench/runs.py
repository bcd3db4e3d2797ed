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

CONNECTIONS = 64
FINGERPRINTS = 2000
FEW = 8
BARE_S = 10.0
CLOCK = system_clock()
NEVER = "0001-01-01T00:00:00Z"
LOOK_AGAIN_S = 0.005
PATIENCE_S = 60.0
ACCEPTED = 202


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
        "fingerprint": f"{name}-{service}",
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
    """Single-alert webhooks, each answered only when it is on disk, while triage works on them."""
    memory, used = server.memory_mib(), server.processor_s()
    ours = await send(hooks(server), _storm(), connections=CONNECTIONS, seconds=seconds)
    began = time.perf_counter()
    await quiet(server)
    behind = time.perf_counter() - began
    each = (server.processor_s() - used) / len(ours.latencies) * 1000
    used = bare.processor_s()
    least = await send(
        Target(bare.port, "/"), _storm(), connections=CONNECTIONS, seconds=min(seconds, BARE_S)
    )
    least_each = (bare.processor_s() - used) / len(least.latencies) * 1000
    refused = sum(count for status, count in ours.statuses.items() if status != ACCEPTED)
    return [
        Figure("single-alert webhooks on disk", ours.rate, "/s", least.rate),
        Figure("… 95 % answered within", ours.percentile(0.95), "ms", least.percentile(0.95)),
        Figure("… processor time each", each, "ms", least_each),
        Figure("… not accepted", refused, "requests"),
        Figure("… all triaged after another", behind, "s"),
        Figure("… memory grown by", server.memory_mib() - memory, "MiB"),
    ]


def _storm() -> Iterator[object]:
    """One service's alerts, over and over: most traffic joins what is open."""
    started = CLOCK.now()
    number = 0
    while True:
        yield alert(f"Load{number % FINGERPRINTS}", "spark", "info", started)
        number += 1


async def alert_to_page(server: Server, bare: Server, count: int) -> list[Figure]:
    """From the request that brings an alert to the card in the direct room of who is on call.

    Between two of them they answer, and a minute goes by: nothing waits for what was before.
    """
    measured, target = Measured(), hooks(server)
    async with client(server, server.token("bob")) as bob:
        for number in range(count):
            after = await _newest(bob)
            body = alert(f"Page{number}", f"service-{number}", "critical", CLOCK.now())
            began = time.perf_counter()
            await bob.post(target.path, json=body, headers=_bearer(target.token))
            await until(partial(_is_told, bob, after), PATIENCE_S, LOOK_AGAIN_S)
            measured.latencies.append(time.perf_counter() - began)
            await _answered(bob)
            await quiet(server, "PT1M")
    bodies = (alert(f"Page{n}", f"service-{n}", "critical", CLOCK.now()) for n in range(count))
    least = await send(Target(bare.port, "/"), bodies, connections=1, seconds=PATIENCE_S)
    return latencies("alert to page", measured, least)


async def command_to_answer(server: Server, bare: Server, count: int) -> list[Figure]:
    """A command that writes, one after the other, against a bare request that writes one row."""
    said = Target(server.port, "/api/v1/commands", server.token("alice"))
    lines = ({"line": f"/incident note INC-1 measured {number}"} for number in range(count))
    ours = await send(said, lines, connections=1, seconds=PATIENCE_S)
    bodies: Iterator[object] = ({"number": number} for number in range(count))
    least = await send(Target(bare.port, "/"), bodies, connections=1, seconds=PATIENCE_S)
    return latencies("command answered", ours, least)


async def incidents_a_minute(server: Server, bare: Server, count: int) -> list[Figure]:
    """Distinct alerts of distinct services, until each has an incident and is being paged."""
    started = CLOCK.now()
    bodies = [alert(f"Flood{n}", f"flood-{n}", "critical", started) for n in range(count)]
    used, began = server.processor_s(), time.perf_counter()
    await send(hooks(server), iter(bodies), connections=FEW, seconds=PATIENCE_S)
    await quiet(server)
    minutes = (time.perf_counter() - began) / 60
    each = (server.processor_s() - used) / count * 1000
    used = bare.processor_s()
    least = await send(Target(bare.port, "/"), iter(bodies), connections=FEW, seconds=PATIENCE_S)
    least_each = (bare.processor_s() - used) / count * 1000
    return [
        Figure("incidents opened and paged", count / minutes, "/min", least.rate * 60),
        Figure("… processor time each", each, "ms", least_each),
    ]


def latencies(name: str, ours: Measured, least: Measured) -> list[Figure]:
    """Half and 99 % of both, beside each other."""
    return [
        Figure(f"{name}, {words} within", ours.percentile(share), "ms", least.percentile(share))
        for words, share in (("half", 0.5), ("99 %", 0.99))
    ]


async def _answered(bob: httpx2.AsyncClient) -> None:
    """The newest page is acknowledged and its incident resolved, so that nothing rings again."""
    answer = await bob.post("/api/v1/commands", json={"line": "/page ack"})
    line = f"/incident resolve {answer.json()['data']['id']} measured"
    await bob.post("/api/v1/commands", json={"line": line})


async def quiet(server: Server, by: str = "PT1S") -> None:
    """Wait until every job that is due has been carried out; the demo's clock moves on."""
    async with client(server, server.token("alice")) as alice:
        await until(partial(_is_settled, alice, by), PATIENCE_S, LOOK_AGAIN_S)


async def _is_settled(alice: httpx2.AsyncClient, by: str) -> bool:
    answer = await alice.post("/console/api/clock", json={"advance": by})
    return bool(answer.json()["settled"])


async def _newest(bob: httpx2.AsyncClient) -> str:
    """The id of the newest message in the direct room; empty where there is none."""
    told = (await bob.get("/console/api/dms")).json()["items"]
    return str(told[-1]["id"]) if told else ""


async def _is_told(bob: httpx2.AsyncClient, after: str) -> bool:
    answer = await bob.get("/console/api/dms", params={"after": after} if after else {})
    return bool(answer.json()["items"])


def hooks(server: Server) -> Target:
    """Where Alertmanager sends."""
    return Target(server.port, "/hooks/alertmanager", str(server.demo["hooks_token"]))


def client(server: Server, token: str) -> httpx2.AsyncClient:
    """Somebody's, by their token."""
    return httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{server.port}", headers=_bearer(token), timeout=60
    )


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
