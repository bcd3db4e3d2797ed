"""Web push: where a browser has asked to be rung, and what only it can read there."""

import binascii
from base64 import urlsafe_b64decode
from urllib.parse import urldefrag

from domain.base import Frozen
from domain.egress import web_hook

POINT, SECRET = 65, 16
UNCOMPRESSED = 4
WRONG = "that is no subscription of a browser"


class Subscription(Frozen):
    """``endpoint`` is the address at the browser's own push service, ``p256dh`` its public key,
    ``auth`` what both know."""

    endpoint: str
    p256dh: bytes
    auth: bytes


def subscription(address: str) -> Subscription:
    """``https://push.example/abc#p256dh.auth``, both in base64 for addresses, taken apart.

    Raises `ValueError` with a sentence that does not repeat it: who has it could ring there.
    """
    endpoint, keys = urldefrag(address.strip())
    p256dh, _, auth = keys.partition(".")
    read = Subscription(endpoint=web_hook(endpoint), p256dh=unpacked(p256dh), auth=unpacked(auth))
    if len(read.p256dh) != POINT or read.p256dh[0] != UNCOMPRESSED or len(read.auth) != SECRET:
        raise ValueError(WRONG)
    return read


def push_address(text: str) -> str:
    """``text`` if it is a subscription. Raises `ValueError` with a sentence."""
    subscription(text)
    return text.strip()


def unpacked(text: str) -> bytes:
    """What stands in base64 for addresses, padded or not. Raises `ValueError`."""
    try:
        return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except (binascii.Error, ValueError):
        raise ValueError(WRONG) from None
