"""Signatures over raw bodies: HMAC-SHA256 in hexadecimal, compared in constant time."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Proof = Literal["verified", "missing", "wrong", "expired"]


@dataclass(frozen=True)
class Request:
    """What a signature is checked against: the raw bytes, headers with lower-case names, now."""

    body: bytes
    headers: Mapping[str, str]
    received: datetime


def proven(signed: bytes, given: Iterable[str], secrets: Iterable[str]) -> bool:
    """Whether any of ``given`` is the signature of ``signed`` under any of ``secrets``."""
    expected = [
        hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
        for secret in secrets
        if secret
    ]
    offered = [one.strip().encode("utf-8", "replace") for one in given]
    return any(hmac.compare_digest(ours, theirs) for ours in expected for theirs in offered)
