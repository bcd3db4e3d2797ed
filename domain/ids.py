"""Ids that grow with time, made from values that are passed in."""

from datetime import datetime

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
PAIRS = tuple(one + two for one in ALPHABET for two in ALPHABET)
SHIFTS = range(120, -1, -10)


def time_ordered(milliseconds: int, noise: bytes) -> str:
    """26 characters: 48 bits of time, then 80 bits of ``noise`` (10 bytes), Crockford base 32."""
    number = (milliseconds << 80) | int.from_bytes(noise[:10], "big")
    return "".join([PAIRS[number >> shift & 1023] for shift in SHIFTS])


def first_id(at: datetime) -> str:
    """Every id of that instant and later is this one or sorts after it."""
    return time_ordered(int(at.timestamp() * 1000), bytes(10))


def number_of(public_id: str) -> int:
    """The number in ``INC-42``; -1 where there is none, which names nothing."""
    digits = public_id.rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else -1
