"""Passwords: argon2id with 19 MiB and 2 passes, the least that OWASP recommends.

A login runs beside the intake of alerts, on what may be a small machine.
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST = 1024
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The text to store; it holds its own salt and parameters. Takes some 30 ms."""
    return _HASHER.hash(password[:LONGEST])


def is_right(password: str, stored: str | None) -> bool:
    """Whether ``password`` is the one that was stored; takes as long where none was."""
    try:
        _HASHER.verify(_decoy() if stored is None else stored, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether ``stored`` was made with weaker parameters than are used now."""
    return _HASHER.check_needs_rehash(stored)


@cache
def _decoy() -> str:
    """A hash of nothing anybody types, made once, with today's parameters."""
    return hash_password("\x00 no password \x00")
