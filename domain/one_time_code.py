"""Codes that a person reads in one place and types in another: eight letters, for ten minutes."""

import hashlib
from datetime import timedelta

# Letters and digits that are not taken for one another, read aloud or from a phone.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8
LASTS = timedelta(minutes=10)
TRIES = 5


def code_from(secret: str) -> str:
    """Eight letters and digits out of a fresh secret."""
    number = int.from_bytes(hashlib.sha256(secret.encode()).digest())
    letters = (LETTERS[number // len(LETTERS) ** place % len(LETTERS)] for place in range(LENGTH))
    return "".join(letters)


def spaced(code: str) -> str:
    """``ABCD-EFGH``: easier to read over than eight in a row."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def unspaced(typed: str) -> str:
    """The code that somebody meant: case, blanks and dashes do not count."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())
