"""Web push: a notification by the browser's own push service, which leads to where it is answered.

It does not sound in Do Not Disturb, so it wakes nobody (rules.md 3). A repeat of a key replaces
what the push service still holds, and on the screen it takes the place of the first, silently.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key

from domain.contact import ContactKind
from domain.errors import Gone, Permanent
from domain.lasting import alarm_of
from domain.message import Message
from domain.plain import one_line, plain
from domain.ports import Clock
from domain.receipt import Receipt
from domain.web_push import Subscription, subscription
from integrations.notify.acting import answering, label, reading, told
from integrations.notify.outside import Outside
from integrations.notify.reached import need_taken
from integrations.notify.sealed import CURVE, MOST_BYTES, Vapid, private_key, sealed

NAME = "the browser's push service"
GONE = frozenset({404, 410})
# Until the next ring of the plan comes; what is no page may wait for the browser.
PAGE_LASTS_S, OTHERS_LAST_S = 300, 86_400
LONGEST_TITLE, LONGEST_TEXT, LONGEST_RECEIPT = 120, 400, 80
SALT_BYTES = 16

Json = dict[str, Any]


@dataclass(frozen=True)
class WebPush:
    """`domain.ports.Notifier` for web push."""

    vapid: Vapid
    outside: Outside
    clock: Clock

    @property
    def kind(self) -> ContactKind:
        """The kind of contact method this sends by."""
        return "push"

    async def send(self, address: str, message: Message, key: str) -> Receipt:
        """Hand in once. Raises `Gone` for a browser that wants none any more, `Retry` for what the
        push service refuses for now, or leaves open."""
        to = _subscription(address)
        body = _sealed(_notification(message, key), to)
        headers = self._headers(to, message, key)
        answer = await self.outside.post(to.endpoint, body, headers)
        if answer.status_code in GONE:
            raise Gone(f"{NAME} said {answer.status_code}: the browser wants none any more")
        need_taken(answer, NAME, "")
        name = answer.headers.get("location", "").rpartition("/")[2]
        return Receipt(id=one_line(name, LONGEST_RECEIPT))

    async def probe(self) -> None:
        """Nothing is ours to ask but whether the key is one."""
        private_key(self.vapid.key.get_secret_value())

    def _headers(self, to: Subscription, message: Message, key: str) -> dict[str, str]:
        page = message.urgency == "page"
        return {
            "Authorization": self.vapid.proof(to.endpoint, self.clock.now()),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(PAGE_LASTS_S if page else OTHERS_LAST_S),
            "Urgency": "high" if page else "normal",
            "Topic": _digest(alarm_of(key)),
        }


def _notification(message: Message, key: str) -> Json:
    """What the page's worker (``static/push-worker.js``) shows: no more than the message holds of a
    private incident (rules.md 2)."""
    answers = answering(message)
    links = (*(answers if len(answers) == 1 else ()), *reading(message), *answers)
    shown: Json = {
        "title": one_line(plain(message).partition("\n")[0], LONGEST_TITLE),
        "body": told(message)[:LONGEST_TEXT],
        "tag": _digest(alarm_of(key)),
        "key": _digest(key),
        "page": message.urgency == "page",
        "open": next((one.url for one in links), None),
    }
    if len(answers) == 1:
        shown["answer"] = {"label": label(answers[0]), "url": answers[0].url}
    return shown


def _sealed(shown: Json, to: Subscription) -> bytes:
    words = json.dumps(shown, ensure_ascii=False).encode()
    if len(words) > MOST_BYTES:
        raise Permanent(f"{NAME} takes {MOST_BYTES} bytes, this has {len(words)}")
    try:
        return sealed(words, to, generate_private_key(CURVE), os.urandom(SALT_BYTES))
    except ValueError as wrong:
        raise Permanent(f"{NAME}: the browser's key is none") from wrong


def _subscription(address: str) -> Subscription:
    try:
        return subscription(address)
    except ValueError as wrong:
        raise Permanent(str(wrong)) from wrong


def _digest(key: str) -> str:
    """At most 32 letters and digits, as a topic must be."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]
