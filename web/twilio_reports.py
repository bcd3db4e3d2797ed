"""``POST /twilio/status``: what came of an SMS or a call after Twilio took it.

Of each message only its end counts, so neither order nor repetition matters. Twilio signs what it
posts; what it tells of messages that are not ours changes nothing.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from domain.receipt import LOST, HeedReceipt, Told
from integrations.notify.twilio import NAME, REPORTED_AT
from web.ports import Reports
from web.routes import posted
from web.twilio import Signed

UNPROVEN = 401
LONGEST = 64
# The fields with Twilio's own name of it and with how it stands, of an SMS and of a call.
FIELDS = (("MessageSid", "MessageStatus"), ("CallSid", "CallStatus"))
ENDS: dict[str, Told] = {
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "failed",
    "completed": "over",
    "busy": "busy",
    "no-answer": "no answer",
}


@dataclass(frozen=True)
class TwilioReports:
    """The address that each SMS and call is handed in with."""

    signed: Signed
    reports: Reports

    async def take(self, request: Request) -> Response:
        """Nothing is answered; 401 for what is not Twilio's."""
        fields = await self.signed.fields(request)
        if fields is None:
            return Response(status_code=UNPROVEN)
        if told := report(fields):
            await self.reports.tell(told)
        return Response(status_code=204)

    def routes(self) -> list[BaseRoute]:
        """The one address."""
        return [posted(REPORTED_AT, self.take)]


def report(fields: dict[str, str]) -> HeedReceipt | None:
    """What is told; None where it goes on."""
    for name, state in FIELDS:
        receipt, told = fields.get(name, ""), ENDS.get(fields.get(state, ""))
        if told and 0 < len(receipt) <= LONGEST:
            reason = _reason(told, fields.get("ErrorCode", "")) if told in LOST else ""
            return HeedReceipt(receipt=receipt, told=told, reason=reason)
    return None


def _reason(told: str, code: str) -> str:
    known = code if code.isdigit() and len(code) <= LONGEST else ""
    return f"{NAME} took it, and then told: {told}" + (f" (error {known})" if known else "")
