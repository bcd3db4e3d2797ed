"""``POST /twilio/sms``: a reply to a page's SMS, from a number that is shown to be somebody's.

It may ack or pass that person's own page, nothing else (rules.md 1). Twilio signs what it posts;
whatever is not signed for this very address is refused before it is looked at.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from domain.actor import Actor
from domain.call import Call, Origin
from domain.plain import plain
from domain.ports import Dispatch
from integrations.notify.twiml import write
from web.ports import Texting
from web.routes import posted
from web.twilio import Signed, said

PATH = "/twilio/sms"
UNPROVEN = 401
SAID = re.compile(r"\s*(ack|pass)\s+(?:inc-)?([0-9]{1,9})\s*", re.IGNORECASE)
COMMANDS = {"ack": "page ack", "pass": "page pass"}
DONE = {"ack": "is yours.", "pass": "is passed on."}
STRANGER = "This number is nobody's at Tocsin, or several people's."
HOW = "Reply ack 42 or pass 42, with the number of your page."


class Meant(NamedTuple):
    """``ack 42``."""

    verb: str
    number: str


@dataclass(frozen=True)
class SmsReplies:
    """The one thing that can be written: what answers a page."""

    signed: Signed
    texting: Texting
    dispatch: Dispatch

    async def answer(self, request: Request) -> Response:
        """What the person reads as an SMS; 401 for what is not Twilio's."""
        fields = await self.signed.fields(request)
        if fields is None:
            return Response(status_code=UNPROVEN)
        return said(write(await self._said(fields)))

    def routes(self) -> list[BaseRoute]:
        """The one address."""
        return [posted(PATH, self.answer)]

    async def _said(self, fields: dict[str, str]) -> str:
        person = await self.texting.owner(fields.get("From", ""))
        if person is None:
            return STRANGER
        found = SAID.fullmatch(fields.get("Body", ""))
        if found is None:
            return HOW
        meant = Meant(found[1].lower(), found[2])
        reply = await self.dispatch(_call(meant, person, fields.get("MessageSid", "")))
        if reply.refused:
            return plain(reply.message)
        return f"INC-{int(meant.number)} {DONE[meant.verb]}"


def _call(meant: Meant, person: Actor, message: str) -> Call:
    """The same message twice is answered as before."""
    return Call(
        command=COMMANDS[meant.verb],
        args={"page": meant.number},
        actor=person,
        origin=Origin(surface="web"),
        key=f"sms:{message}" if message else None,
    )
