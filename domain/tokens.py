"""A typed line as words: a closed quotation stays together, everything else is split at spaces."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

WORD = re.compile(
    r"""(?P<gap>\s*)
    (?:
      (?:(?P<dash>--|—)?(?P<key>[A-Za-z][A-Za-z0-9_-]*)[:=])?
      (?:"(?P<straight>(?:\\["\\]|\\(?!["\\])|[^"\\])*)" | “(?P<curly>[^”]*)”)
      (?!\S)
    | (?P<raw>\S+)
    )""",
    re.VERBOSE,
)
OPTION = re.compile(
    r"(?P<dash>--|—)?(?P<key>[A-Za-z][A-Za-z0-9_-]*)(?:[:=](?P<value>.*))?", re.DOTALL
)
ESCAPED = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Token:
    """A word: ``raw`` as typed, ``gap`` the space before it.

    ``key`` is the lower-case name in ``sev:2`` and ``--sev`` (dashes read as underscores), else
    empty. ``value`` is what follows the name, None after a bare ``--sev``; without a name it is
    the word itself, freed of its quotation marks.
    """

    raw: str
    gap: str
    key: str
    value: str | None
    quoted: bool

    @property
    def plain(self) -> str:
        """The word as a value: unquoted, or raw where it only looks like an option."""
        return self.value if self.quoted and not self.key and self.value is not None else self.raw


def split(line: str) -> tuple[Token, ...]:
    """The words of ``line``. ``'`` is no quotation mark; an unclosed ``"`` is text."""
    return tuple(_token(found) for found in WORD.finditer(line))


def text_of(tokens: Sequence[Token]) -> str:
    """The words as the person wrote them, line breaks included; one quotation loses its marks."""
    if len(tokens) == 1:
        return tokens[0].plain
    return as_typed(tokens)


def as_typed(tokens: Sequence[Token]) -> str:
    """The words with their quotation marks and the spaces between them."""
    return "".join(token.gap + token.raw for token in tokens).strip()


def quote(value: str) -> str:
    """``value`` as one word that `split` reads back exactly."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _token(found: re.Match[str]) -> Token:
    if found["raw"] is not None:
        return _unquoted(found["gap"], found["raw"])
    inside = found["curly"]
    if found["straight"] is not None:
        inside = ESCAPED.sub(r"\1", found["straight"])
    raw = found[0][len(found["gap"]) :]
    return Token(raw, found["gap"], _key(found["key"]), inside, quoted=True)


def _unquoted(gap: str, raw: str) -> Token:
    option = OPTION.fullmatch(raw)
    if option is None or (option["dash"] is None and option["value"] is None):
        return Token(raw, gap, "", raw, quoted=False)
    return Token(raw, gap, _key(option["key"]), option["value"], quoted=False)


def _key(typed: str | None) -> str:
    return (typed or "").lower().replace("-", "_")
