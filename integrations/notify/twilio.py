"""An account at Twilio, and what is handed in there.

Twilio knows no key of a message or call: a repeat after a lost answer may come twice.
"""

from urllib.parse import quote

import httpx2
from pydantic import SecretStr

from domain.base import Frozen
from domain.contact import phone_number
from domain.errors import Permanent
from domain.receipt import Receipt
from integrations.notify.reached import PATIENCE_S, given, need_taken, reached

NAME = "Twilio"
SAID = "message"
REPORTED_AT = "/twilio/status"


class TwilioAccount(Frozen):
    """Whose account sends and calls, from which number; ``url`` may be loopback.

    ``reports`` is where Twilio tells what came of it, empty where it cannot reach us.
    """

    sid: str
    token: SecretStr
    sender: str
    url: str = "https://api.twilio.com"
    reports: str = ""

    async def hand_in(self, resource: str, address: str, told: dict[str, str]) -> Receipt:
        """Create a ``resource`` to a number. What Twilio refuses for now, or leaves open, is a
        `Retry`."""
        fields = {"To": _number(address), "From": self.sender, **told}
        if self.reports:
            fields["StatusCallback"] = self.reports
        async with reached(NAME), self._client() as client:
            answer = await client.post(f"{self._path}/{resource}.json", data=fields)
            need_taken(answer, NAME, SAID, address)
        return Receipt(id=given(answer, "sid"), news="told" if self.reports else "none")

    async def probe(self) -> None:
        """Ask for the account, which costs nothing."""
        async with reached(NAME), self._client() as client:
            need_taken(await client.get(f"{self._path}.json"), NAME, SAID)

    @property
    def _path(self) -> str:
        return f"/2010-04-01/Accounts/{quote(self.sid, safe='')}"

    def _client(self) -> httpx2.AsyncClient:
        who = (self.sid, self.token.get_secret_value())
        return httpx2.AsyncClient(base_url=self.url, auth=who, timeout=PATIENCE_S)


def _number(address: str) -> str:
    try:
        return phone_number(address)
    except ValueError as wrong:
        raise Permanent(str(wrong)) from wrong
