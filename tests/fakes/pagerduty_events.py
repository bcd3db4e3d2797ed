"""PagerDuty on loopback for the real client: its Events API v2, its incidents, and its webhook.

async with pagerduty_events() as there:
    pagerduty = PagerDuty(there.service)
"""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pydantic import SecretStr

from integrations.notify.pagerduty import PagerDuty, PagerDutyService
from tests.fakes.notifiers import reach_by
from tests.fakes.one_request import CUT, Json, listening
from tests.fakes.tocsin import Tocsin

KEY, BOBS_KEY = "a" * 32, "b" * 32
SECRET = "the-signing-secret-of-the-webhook"
NEXT = {"trigger": "triggered", "acknowledge": "acknowledged", "resolve": "resolved"}
SEVERITIES = ("critical", "error", "warning", "info")
LONGEST_SUMMARY, LONGEST_KEY = 1024, 255


def refusal(status: int, *errors: str) -> tuple[int, Json]:
    """An error as PagerDuty words it."""
    told = {"status": "invalid event", "message": "Event object is invalid"}
    return status, told | {"errors": list(errors)}


@dataclass
class PagerDutyIncident:
    """One ``dedup_key`` there: what it says, how often it was triggered, how it stands."""

    dedup_key: str
    routing_key: str
    title: str
    status: str = "triggered"
    triggers: int = 0
    event: Json = field(default_factory=dict)


@dataclass
class FakePagerDuty:
    """Takes events. ``answers`` are the refusals to come, each used once; `CUT` takes the event and
    hangs up."""

    port: int = 0
    answers: list[tuple[int, Json]] = field(default_factory=list)
    incidents: dict[str, PagerDutyIncident] = field(default_factory=dict)

    @property
    def service(self) -> PagerDutyService:
        """What the settings say of it."""
        return PagerDutyService(key=SecretStr(KEY), url=f"http://127.0.0.1:{self.port}")

    @property
    def open_ones(self) -> list[PagerDutyIncident]:
        """What is not resolved, oldest first."""
        return [one for one in self.incidents.values() if one.status != "resolved"]

    def answer(self, asked: str, _credential: str, body: bytes) -> tuple[int, Json]:
        """What is said to a request."""
        if asked != "POST /v2/enqueue HTTP/1.1":
            return 404, {"message": "Not Found"}
        if self.answers and self.answers[0][0] != CUT:
            return self.answers.pop(0)
        event = json.loads(body)
        if wrong := _faults(event):
            return refusal(400, *wrong)
        self._heard(event)
        if self.answers:
            return self.answers.pop(0)
        told = {"status": "success", "message": "Event processed"}
        return 202, told | {"dedup_key": event["dedup_key"]}

    def _heard(self, event: Json) -> None:
        key, action = event["dedup_key"], event["event_action"]
        found = self.incidents.get(key)
        if action == "trigger" and (found is None or found.status == "resolved"):
            title = event["payload"]["summary"]
            found = PagerDutyIncident(key, event["routing_key"], title, event=event)
            self.incidents[key] = found
        if found is None or found.status == "resolved":
            return
        if action == "trigger":
            found.triggers += 1
        else:
            found.status = NEXT[action]


def _faults(event: Json) -> list[str]:
    found = []
    if len(event.get("routing_key", "")) != 32:
        found.append("'routing_key' is missing or blank")
    if event.get("event_action") not in NEXT:
        found.append("'event_action' is invalid")
    if not 0 < len(event.get("dedup_key", "")) <= LONGEST_KEY:
        found.append("'dedup_key' is too long")
    if event.get("event_action") == "trigger":
        payload = event.get("payload", {})
        found += [
            f"'payload.{one}' is missing or blank"
            for one in ("summary", "source")
            if not payload[one]
        ]
        if payload.get("severity") not in SEVERITIES or len(payload["summary"]) > LONGEST_SUMMARY:
            found.append("'payload' is invalid")
    return found


def webhook(incident: PagerDutyIncident, kind: str, secret: str = SECRET) -> tuple[bytes, str]:
    """A delivery of its v3 webhook, and the signature beside it."""
    status = kind.partition(".")[2]
    data = {
        "id": "PGR0VU2",
        "type": "incident",
        "html_url": "https://acme.pagerduty.com/incidents/PGR0VU2",
        "number": 2,
        "status": status if status in NEXT.values() else incident.status,
        "incident_key": incident.dedup_key,
        "created_at": "2026-11-21T12:01:00Z",
        "title": incident.title,
        "service": {"id": "PF9KMXH", "type": "service_reference", "summary": "API Service"},
        "urgency": "high",
    }
    event = {
        "id": "01CBBQNV8KZ3GG3DPJ6W8Q31SX",
        "event_type": kind,
        "resource_type": "incident",
        "occurred_at": "2026-11-21T12:01:30Z",
        "agent": {"id": "PLH1HKV", "type": "user_reference", "summary": "Tenex Engineer"},
        "client": {"name": "PagerDuty"},
        "data": data,
    }
    body = json.dumps({"event": event}).encode()
    return body, f"v1={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


@asynccontextmanager
async def pagerduty_events() -> AsyncIterator[FakePagerDuty]:
    """A service for the length of the block."""
    made = FakePagerDuty()
    async with listening(made.answer) as made.port:
        yield made


@asynccontextmanager
async def paging_there(tocsin: Tocsin) -> AsyncIterator[FakePagerDuty]:
    """A service by which a Tocsin rings too, for the length of the block."""
    async with pagerduty_events() as there:
        reach_by(tocsin, PagerDuty(there.service))
        yield there
