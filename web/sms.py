"""``POST /twilio/sms``: a reply to a page's SMS, from a number that is shown to be somebody's.

It may ack or pass that person's own page, nothing else (rules.md 1). Twilio signs what it posts;
whatever is not signed for this very address is refused before it is looked at.
"""

import hmac
import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha1
from typing import NamedTuple
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from domain.actor import Actor
from domain.call import Call, Origin
from domain.plain import plain
from domain.ports import Dispatch
from web.ports import Texting
from web.routes import posted

PATH = "/twilio/sms"
UNPROVEN = 401
MOST_FIELDS = 200
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
    """``url`` is this Tocsin as Twilio calls it, which is part of what it signs with ``token``."""

    url: str
    token: SecretStr
    texting: Texting
    dispatch: Dispatch

    async def answer(self, request: Request) -> Response:
        """What the person reads as an SMS; 401 for what is not Twilio's."""
        body = await request.body()
        fields = self._proved(request, body)
        if fields is None:
            return Response(status_code=UNPROVEN)
        said = escape(await self._said(fields))
        twiml = (
            f'<?xml version="1.0" encoding="UTF-8"?><Response><Message>{said}</Message></Response>'
        )
        return Response(twiml, media_type="text/xml")

    def routes(self) -> list[BaseRoute]:
        """The one address."""
        return [posted(PATH, self.answer)]

    def _proved(self, request: Request, body: bytes) -> dict[str, str] | None:
        """The fields of a request that is signed; None on any doubt."""
        given = request.headers.getlist("x-twilio-signature")
        try:
            pairs = parse_qsl(
                body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
            )
            made = self._signed(pairs)
            proved = len(given) == 1 and hmac.compare_digest(made, given[0].encode())
        except ValueError:
            return None
        return dict(pairs) if proved else None

    def _signed(self, pairs: list[tuple[str, str]]) -> bytes:
        words = f"{self.url}{PATH}" + "".join(f"{name}{value}" for name, value in sorted(pairs))
        secret = self.token.get_secret_value().encode()
        return b64encode(hmac.new(secret, words.encode(), sha1).digest())

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
