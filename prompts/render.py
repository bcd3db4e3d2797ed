"""Prompt files to purposes: read, check, redact, fence, fill in. No logic in the files."""

import hashlib
import re
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from string import Template

import yaml
from pydantic import Field

from domain.base import Frozen
from domain.ports import Purpose
from domain.redaction import redact_each

FOLDER = Path(__file__).parent
LAYOUT = re.compile(
    r"---\n(?P<head>.*?)---\n# System\n(?P<system>.*?)\n# Request\n(?P<request>.*)", re.S
)
LAST_WORD = re.compile(r"(?<=\s)\S+\Z")
FENCE = "fence"
CHARS_PER_TOKEN = 2.5
"""How tokens are counted ahead: plain English has about 3.2 characters per token with the
models of 2026, labels and numbers fewer; 2.5 is on the safe side."""


class Prompt(Frozen):
    """A prompt file. ``max_chars`` bounds all values together; ``hash`` is of the whole file."""

    name: str = Field(pattern=r"^[a-z]+$")
    version: int = Field(ge=1)
    purpose: str
    max_tokens: int = Field(ge=1, le=8192)
    timeout_s: float = Field(gt=0, le=120)
    max_chars: int = Field(ge=1)
    system: str
    request: str
    hash: str

    @property
    def id(self) -> str:
        """How calls are recorded: ``classify@1``."""
        return f"{self.name}@{self.version}"

    @property
    def values(self) -> frozenset[str]:
        """The names that `render` must be given."""
        return frozenset(Template(self.request).get_identifiers())


def render(name: str, values: Mapping[str, str], known_secrets: Collection[str] = ()) -> Purpose:
    """Fill in a prompt: ``values`` are redacted, cut to the prompt's size and fenced as data.

    Raises ``ValueError`` where the values are not exactly those the prompt names.
    """
    prompt = load(name)
    if values.keys() != prompt.values:
        raise ValueError(f"{prompt.id} takes {sorted(prompt.values)}, not {sorted(values)}")
    data = _shortened(_clean(values, known_secrets, prompt.max_chars), prompt.max_chars)
    nonce = fence(data)
    fenced = {key: f"<{nonce} {key}>\n{value}\n</{nonce}>" for key, value in data.items()}
    return Purpose(
        prompt=prompt.id,
        system=Template(prompt.system).substitute({FENCE: nonce}),
        request=Template(prompt.request).substitute(fenced),
        max_tokens=prompt.max_tokens,
        timeout_s=prompt.timeout_s,
    )


@cache
def load(name: str) -> Prompt:
    """The prompt in the file of that name."""
    return parse(name, (FOLDER / f"{name}.md").read_text("utf-8"))


def parse(name: str, text: str) -> Prompt:
    """The prompt that ``text`` holds; ``ValueError`` where it does not hold what it should."""
    found = LAYOUT.fullmatch(text)
    if not found:
        raise ValueError(f"{name}.md needs front matter, then # System, then # Request")
    head = yaml.safe_load(found["head"])
    parts = {"system": found["system"].strip(), "request": found["request"].strip()}
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    prompt = Prompt.model_validate({**head, **parts, "hash": digest})
    if prompt.name != name or set(Template(prompt.system).get_identifiers()) != {FENCE}:
        raise ValueError(f"{name}.md must be called {name} and name only $fence in # System")
    return prompt


def names() -> tuple[str, ...]:
    """Every prompt there is."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.md")))


def fence(data: Mapping[str, str]) -> str:
    """A tag name that does not occur in ``data``, the same for the same data."""
    text = "\0".join(f"{key}\0{data[key]}" for key in sorted(data))
    nonce = _tag(text)
    while nonce in text:
        nonce = _tag(nonce + text)
    return nonce


def worst_case_tokens(prompt: Prompt, schema_chars: int) -> tuple[int, int]:
    """Input and output tokens of the largest call, counted with `CHARS_PER_TOKEN`."""
    chars = len(prompt.system) + len(prompt.request) + prompt.max_chars + schema_chars
    return round(chars / CHARS_PER_TOKEN), prompt.max_tokens


def _tag(text: str) -> str:
    return f"data-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _clean(
    values: Mapping[str, str], known_secrets: Collection[str], max_chars: int
) -> dict[str, str]:
    """Redacted values. What lies far behind the cut is dropped first, so that no body is slow."""
    near = {key: _cut(_sendable(value), 4 * max_chars) for key, value in values.items()}
    return {key: redacted.text for key, redacted in redact_each(near, known_secrets).items()}


def _shortened(values: Mapping[str, str], max_chars: int) -> dict[str, str]:
    """Give each value its share of ``max_chars``; what short ones leave, long ones may use."""
    left, shares = max_chars, {}
    for n, key in enumerate(sorted(values, key=lambda key: len(values[key]))):
        shares[key] = left // (len(values) - n)
        left -= min(len(values[key]), shares[key])
    return {key: _cut(value, shares[key]) for key, value in values.items()}


def _cut(text: str, limit: int) -> str:
    """At most ``limit`` characters: the beginning and, twice as long, the end."""
    if len(text) <= limit:
        return text
    room = max(0, limit - len(MISSING))
    head, tail = text[: room // 3], text[len(text) - (room - room // 3) :]
    return _whole_words(head) + MISSING + _whole_words(tail[::-1])[::-1]


def _whole_words(text: str) -> str:
    """Without the word that was cut, so that no half of a secret stays; a lone word stays."""
    return LAST_WORD.sub("", text)


def _sendable(text: str) -> str:
    """Without lone surrogates, which no request can carry."""
    return text.encode("utf-8", "replace").decode()


MISSING = "\n[cut here]\n"
