"""Hosts of an SSH configuration: the first value that fits a host counts, as OpenSSH reads it.

Nothing of it is carried out: files that are included, `Match` and proxy commands are named as not
taken over. The keys in it are not taken either: Tocsin has one of its own.
"""

import re
import shlex
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from domain.inventory import Inventory, LeftOut, ToldServer

LINE = re.compile(r"([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(.*)")
OPENING = frozenset({"host", "match", "include"})
TAKEN = frozenset({"hostname", "port", "user", "proxyjump"})
KEYS = frozenset({"identityfile", "certificatefile", "identitiesonly"})
WILD = re.compile(r"[*?!]")
JUMP = re.compile(r"(?:ssh://)?(?:(?P<user>[^@,]+)@)?(?P<host>[^@:,]+)(?::(?P<port>[0-9]+))?")


@dataclass
class Block:
    """What a `Host` says, for those its patterns fit; each value with its line."""

    patterns: tuple[str, ...]
    line: int
    values: dict[str, tuple[str, int]] = field(default_factory=dict)

    def fits(self, name: str) -> bool:
        """One pattern fits, and none that is denied."""
        denied = [one[1:] for one in self.patterns if one.startswith("!")]
        if any(fnmatchcase(name, one) for one in denied):
            return False
        return any(fnmatchcase(name, one) for one in self.patterns if not one.startswith("!"))


def first_word(text: str) -> str:
    """The first keyword, or other word, in small letters."""
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    found = LINE.fullmatch(first)
    return found[1].lower() if found else first.lower()


def read(text: str) -> Inventory:
    """Its hosts that have a name of their own."""
    left_out: list[LeftOut] = []
    blocks = _blocks(text, left_out)
    named = [(name, block) for block in blocks for name in block.patterns if not WILD.search(name)]
    lines: dict[str, int] = {}
    for name, block in named:
        lines.setdefault(name, block.line)
    servers = [_server(name, line, blocks, left_out) for name, line in lines.items()]
    kept = tuple(one for one in servers if one)
    return Inventory(servers=kept, left_out=tuple(left_out))


def _blocks(text: str, left_out: list[LeftOut]) -> list[Block]:
    """What fits nothing is beneath a `Match`."""
    blocks = [Block(("*",), 0)]
    for number, line in enumerate(text.splitlines(), 1):
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        keyword, words = _parsed(written)
        if keyword.lower() in ("host", "match"):
            blocks.append(Block(tuple(words) if keyword.lower() == "host" else (), number))
        if told := _taken(blocks[-1], keyword, words, number):
            left_out.append(LeftOut(line=number, text=told))
    return blocks


def _parsed(line: str) -> tuple[str, list[str]]:
    found = LINE.fullmatch(line)
    return (found[1], _words(found[2])) if found else (line, [])


def _taken(block: Block, keyword: str, words: list[str], line: int) -> str:
    """Take a line into its block, or say why not."""
    name = keyword.lower()
    if not words:
        return "this line is not understood"
    if name not in TAKEN:
        return _unknown(name, keyword, inside=bool(block.patterns))
    block.values.setdefault(name, (words[0], line))
    return ""


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return []


def _unknown(keyword: str, written: str, *, inside: bool) -> str:
    """Why a line is not taken over; empty where it is, or the line above says why."""
    if keyword == "match":
        return "Match is not understood: what stands beneath it is not taken over"
    if not inside or keyword == "host":
        return ""
    if keyword == "include":
        return "a file that is included is not read: import it by itself"
    if keyword in KEYS:
        return f"{written}: Tocsin logs in with a key of its own (runbooks.ssh_key)"
    return f"{written} is not taken over"


def _server(
    name: str, line: int, blocks: list[Block], left_out: list[LeftOut]
) -> ToldServer | None:
    told: dict[str, tuple[str, int]] = {}
    for block in blocks:
        if block.fits(name):
            told = block.values | told
    host, at = told.get("hostname", (name, line))
    host = host.replace("%h", name)
    port, port_at = told.get("port", ("22", line))
    jump, jump_at = told.get("proxyjump", ("none", line))
    faults = (
        (at, f"{name}: HostName {host} is not understood" if "%" in host else ""),
        (port_at, "" if port.isdecimal() else f"{name}: Port {port} is no number"),
        (jump_at, _jump_fault(name, jump)),
    )
    wrong = [LeftOut(line=where, text=text) for where, text in faults if text]
    left_out += wrong
    if wrong:
        return None
    user = told.get("user", ("", line))[0]
    return ToldServer(name=name, host=host, port=int(port), user=user, jump=_jump(jump), line=line)


def _jump(written: str) -> str:
    """The host before the goal; the one before that is what that host itself says."""
    found = JUMP.fullmatch(written.rpartition(",")[2].strip())
    return found["host"] if found and written.lower() != "none" else ""


def _jump_fault(name: str, written: str) -> str:
    if written.lower() == "none":
        return ""
    found = JUMP.fullmatch(written)
    if found and not found["user"] and not found["port"]:
        return ""
    return f"{name}: ProxyJump {written} is not understood: name one Host that stands here"
