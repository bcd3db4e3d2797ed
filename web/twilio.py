"""What Twilio posts: signed for this very address, or not looked at.

Twilio signs the address as it was told it, and every field by name with its value.
"""

import hmac
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha1
from urllib.parse import parse_qsl

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from integrations.notify.twiml import document

MOST_FIELDS = 200


@dataclass(frozen=True)
class Signed:
    """``url`` is this Tocsin as Twilio calls it, which is part of what it signs with ``token``."""

    url: str
    token: SecretStr

    async def fields(self, request: Request) -> dict[str, str] | None:
        """The fields of a request that is signed; None on any doubt."""
        body = await request.body()
        given = request.headers.getlist("x-twilio-signature")
        try:
            pairs = parse_qsl(
                body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
            )
            made = self._made(request.url.path, pairs)
            proved = len(given) == 1 and hmac.compare_digest(made, given[0].encode())
        except ValueError:
            return None
        return dict(pairs) if proved else None

    def _made(self, path: str, pairs: list[tuple[str, str]]) -> bytes:
        words = f"{self.url}{path}" + "".join(f"{name}{value}" for name, value in sorted(pairs))
        secret = self.token.get_secret_value().encode()
        return b64encode(hmac.new(secret, words.encode(), sha1).digest())


def said(*verbs: str) -> Response:
    """TwiML as an answer."""
    return Response(document(*verbs), media_type="text/xml")
