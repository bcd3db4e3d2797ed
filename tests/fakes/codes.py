"""The code that shows an address to be one's own, as it stands in a letter."""

import re

CODE = re.compile(r"[2-9A-HJ-Z]{4}-[2-9A-HJ-Z]{4}")


def code_in(words: str) -> str:
    """The only code in these words."""
    (found,) = set(CODE.findall(words))
    return str(found)
