"""The chain of the audit trail: how a row is linked, and a walk along the links.

A row's digest covers itself, the fact it belongs to and the salted hash of the fact's words,
never the words: redaction leaves the chain whole. A link is an HMAC over position, the link
before and the digest, so that whoever has no key can neither alter nor insert. Each row names
the key that sealed it, so that a new key ends nothing.
"""

import hashlib
import hmac
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from domain.base import Frozen

GENESIS = "0" * 64
UNKNOWN_KEY = "which is not known here: name it in TOCSIN_SECRET_KEY_PREVIOUS"
Row = dict[str, Any]


class Cut(Frozen):
    """Where the trail begins: up to ``position`` it was forgotten by age.

    ``mac`` is the link there, ``upto`` the greatest id among the rows that went.
    """

    position: int = 0
    mac: str = GENESIS
    upto: str = ""


def digest_of(row: Row) -> str:
    """The hash of everything a row says, in one canonical form."""
    return hashlib.sha256(json.dumps(row, sort_keys=True, default=str).encode()).hexdigest()


def mac_of(key: bytes, position: int, before: str, digest: str) -> str:
    """The link of the chain at ``position``."""
    return hmac.new(key, f"{position}:{before}:{digest}".encode(), hashlib.sha256).hexdigest()


def key_id(key: bytes) -> str:
    """The name by which rows know a key; it says nothing about it."""
    return mac_of(key, 0, "", "key id")[:8]


def hash_of(salt: str, words: str) -> str:
    """What stands for written words in facts and chain."""
    return hashlib.sha256(f"{salt}:{words}".encode()).hexdigest()


def canonical(row: Row, fact: Row) -> Row:
    """What a digest covers."""
    kept = ("id", "at", "by", "action", "subject", "outcome", "fact", "surface", "correlation_id")
    covered = ("id", "subject", "at", "kind", "version", "by", "payload", "hash")
    return {name: row[name] for name in kept} | {
        f"fact_{name}": fact.get(name) for name in covered if fact
    }


@dataclass
class Walk:
    """Recomputes every digest and link, row by row; nothing is trusted but the keys.

    ``keys`` are the one that seals now, then those before it.
    """

    keys: tuple[bytes, ...]
    cut: Cut
    problems: list[str] = field(default_factory=list)
    rows: int = 0

    def __post_init__(self) -> None:
        self.before = self.cut.mac
        self.known = {key_id(key): key for key in self.keys}
        self.sealer: str | None = None
        self.replaced: set[str] = set()
        self.strange: Counter[str] = Counter()

    def step(self, row: Row, fact: Row) -> None:
        """The next sealed row and its fact, or an empty one."""
        self.rows += 1
        position = self.cut.position + self.rows
        if row["position"] != position:
            self.problems.append(f"row {row['id']} stands at {row['position']}, not {position}")
        if digest_of(canonical(row, fact)) != row["digest"] or not _kept_words(fact):
            self.problems.append(f"row {row['id']} or its fact was altered")
        if row["key"] is None or row["key"] in self.known:
            self._link(row)
        else:
            self.strange[row["key"]] += 1
        self.before = row["mac"]

    def found(self) -> list[str]:
        """Everything that is wrong, once the walk is over."""
        unknown = (
            f"{count} rows were sealed by key {name}, {UNKNOWN_KEY}"
            for name, count in self.strange.items()
        )
        return [*self.problems, *unknown]

    def _link(self, row: Row) -> None:
        """Rows from before keys had names may be any key's."""
        name = row["key"]
        candidates = self.known.values() if name is None else (self.known[name],)
        told = (row["position"], self.before, row["digest"])
        if not any(mac_of(key, *told) == row["mac"] for key in candidates):
            self.problems.append(f"the chain breaks at row {row['id']}")
        if name is not None:
            self._sealed_by(name, row)

    def _sealed_by(self, name: str, row: Row) -> None:
        """A key that gave way seals nothing more, unless it is in use again."""
        if name in self.replaced and name != key_id(self.keys[0]):
            self.problems.append(f"row {row['id']} was sealed by key {name}, long replaced")
        if self.sealer not in (None, name):
            self.replaced.add(self.sealer or "")
        self.sealer = name


def _kept_words(fact: Row) -> bool:
    """Whether the words are those that were written, or were taken away with a reason."""
    if fact.get("words") is not None:
        return bool(hash_of(fact["salt"], fact["words"]) == fact["hash"])
    return not fact.get("hash") or fact["redacted"] is not None
