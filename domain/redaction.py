"""Secrets and contact data out of text, before it leaves or is kept longer than it must.

Two sources say what a secret is: the values this installation knows (its own tokens, keys,
passwords, in the forms they take inside other text) and the shapes secrets have anywhere.
"""

import base64
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import quote

from domain.base import Frozen

SHORTEST_SECRET = 6
"""Known values shorter than this are left alone: they would tear ordinary words apart."""

SHORTEST_ENCODED = 8
"""Inside Base64 only values this long are looked for; shorter ones match by chance."""

Accept = Callable[[str], bool]


class Redacted(Frozen):
    """``text`` without what must not be there; ``found`` names the kinds, sorted, never values."""

    text: str
    found: tuple[str, ...] = ()


def redact(text: str, known_secrets: Collection[str] = ()) -> Redacted:
    """Replace known values and secret shapes by numbered placeholders like ``[e-mail 1]``.

    The same value always gets the same placeholder within ``text``. Redacting twice changes
    nothing more.
    """
    return redact_each({"": text}, known_secrets)[""]


def redact_each(
    texts: Mapping[str, str], known_secrets: Collection[str] = ()
) -> dict[str, Redacted]:
    """Redact several texts that are read together: one value, one placeholder in all of them."""
    placeholders = _Placeholders.after(texts.values())
    known = known_values(known_secrets)
    return {name: _redact(text, known, placeholders) for name, text in texts.items()}


def _redact(text: str, known: re.Pattern[str] | None, placeholders: "_Placeholders") -> Redacted:
    before = None
    while text != before:  # a placeholder changes what stands beside it, so look until calm
        before = text
        if known:
            text = _outside(text, known, partial(_known_value, placeholders))
        for pattern in PATTERNS:
            text = _outside(text, pattern.regex, partial(pattern.swap, placeholders))
    kinds = {found["kind"] for found in PLACEHOLDER.finditer(text)}
    return Redacted(text=text, found=tuple(sorted(kinds)))


def _outside(text: str, regex: re.Pattern[str], swap: Callable[[re.Match[str]], str]) -> str:
    """``regex`` replaced everywhere but inside placeholders."""
    parts = re.split(f"({PLACEHOLDER_TEXT})", text)  # text, placeholder, text, placeholder …
    return "".join(part if n % 2 else regex.sub(swap, part) for n, part in enumerate(parts))


def _known_value(placeholders: "_Placeholders", found: re.Match[str]) -> str:
    return placeholders.of("secret", found[0])


@dataclass
class _Placeholders:
    """The numbers given so far: kind and value to placeholder."""

    given: dict[tuple[str, str], str] = field(default_factory=dict)
    highest: dict[str, int] = field(default_factory=dict)

    @classmethod
    def after(cls, texts: Iterable[str]) -> "_Placeholders":
        """Go on behind placeholders that already stand in ``texts``."""
        highest: dict[str, int] = {}
        for found in (hit for text in texts for hit in PLACEHOLDER.finditer(text)):
            highest[found["kind"]] = max(highest.get(found["kind"], 0), int(found["number"]))
        return cls(highest=highest)

    def of(self, kind: str, value: str) -> str:
        """The placeholder of ``value``, the next number where it is new."""
        if (kind, value) not in self.given:
            self.highest[kind] = self.highest.get(kind, 0) + 1
            self.given[kind, value] = f"[{kind} {self.highest[kind]}]"
        return self.given[kind, value]


@dataclass(frozen=True)
class Pattern:
    """A shape of secrets: the group ``keep`` stays before the placeholder, ``accept`` checks."""

    kind: str
    regex: re.Pattern[str]
    accept: Accept = bool

    def swap(self, placeholders: _Placeholders, found: re.Match[str]) -> str:
        """What stands in the text instead of ``found``."""
        kept = found.groupdict().get("keep") or ""
        value = found[0].removeprefix(kept)
        return kept + placeholders.of(self.kind, value) if self.accept(value) else found[0]


def known_values(secrets: Collection[str]) -> re.Pattern[str] | None:
    """One pattern for all forms of all ``secrets``, the longest first; None where there is none."""
    forms = {
        form for secret in secrets if len(secret) >= SHORTEST_SECRET for form in _forms(secret)
    }
    if not forms:
        return None
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(re.escape(form) for form in longest_first))


def _forms(secret: str) -> set[str]:
    """How ``secret`` looks in text, JSON, a URL, Base64, and line by line."""
    lines = (line.strip() for line in secret.splitlines())
    written = {secret, secret.strip(), json.dumps(secret)[1:-1], quote(secret, safe="")}
    forms = written | set(lines) | _in_base64(secret)
    return {form for form in forms if len(form) >= SHORTEST_SECRET}


def _in_base64(secret: str) -> set[str]:
    """The part of the Base64 text that depends on ``secret`` alone, at each of three offsets."""
    if len(secret) < SHORTEST_ENCODED:
        return set()
    raw = secret.encode("utf-8", "replace")
    forms = set()
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + raw).decode()
        first = -(-offset * 8 // 6)
        last = (offset + len(raw)) * 8 // 6
        forms |= {encoded[first:last], encoded[first:last].translate(URL_SAFE)}
    return forms


def _person(text: str) -> bool:
    """Whether an address may be somebody's: ``git@host`` names a repository."""
    return not text.startswith("git@")


def _luhn(text: str) -> bool:
    """Whether the digits carry a payment card's check digit."""
    digits = [int(one) for one in text if one.isdigit()]
    doubled = [sum(divmod(2 * one, 10)) for one in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _iban(text: str) -> bool:
    """Whether the characters carry an IBAN's check number (ISO 13616: the rest modulo 97 is 1)."""
    packed = text.replace(" ", "")
    turned = packed[4:] + packed[:4]
    return int("".join(str(int(one, 36)) for one in turned)) % 97 == 1


URL_SAFE = str.maketrans("+/", "-_")

# Repetitions are bounded (a private key runs to its end or the text's), so no text is slow.
BEFORE_VALUE = (
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?"
    r"|(?:access|account|api|auth|client|encryption|private|secret|shared|signing)[_-]?key)"
)

PATTERNS = (
    Pattern(
        "private key",
        re.compile(
            r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
            r"(?s:.*?)(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|\Z)"
        ),
    ),
    Pattern("token", re.compile(r"eyJ[\w-]{6,2000}\.eyJ[\w-]{2,4000}(?:\.[\w-]{0,4000})?")),
    Pattern(
        "key",
        re.compile(
            r"(?<![A-Za-z0-9])(?:(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ABIA|ACCA)[A-Z0-9]{16}"
            r"|xox[a-z]-[\w-]{8,400}|xapp-[\w-]{8,400}"
            r"|gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|glpat-[\w-]{16,255}"
            r"|[sr]k[-_][\w-]{16,255}|AIza[\w-]{30,60}|npm_[A-Za-z0-9]{30,60}"
            r"|SG\.[\w-]{16,60}\.[\w-]{16,60}|whsec_[\w+/=-]{16,100}|SK[0-9a-f]{32})"
        ),
    ),
    Pattern(
        "key",
        re.compile(r"(?P<keep>hooks\.slack\.com/(?:services|workflows|triggers)/)[\w/-]{8,200}"),
    ),
    Pattern(
        "secret",
        re.compile(
            r"(?i)(?P<keep>\b(?:proxy-)?authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?)"
            r"[^\s\"'\[][^\r\n\"']{0,4000}"
        ),
    ),
    Pattern(
        "cookie",
        re.compile(r"(?i)(?P<keep>\bcookie[\"']?:\s{0,3}[\"']?)[^\s\[][^\r\n\"']{0,4000}"),
    ),
    Pattern(
        "token",
        re.compile(
            r"(?i)(?P<keep>\b(?:bearer|genie-?key)\s{1,3})"
            r"(?:[\w.~+/=-]{16,4000}|(?=[\w.~+/=-]{0,7}\d)[\w.~+/=-]{8,15})"
        ),
    ),
    Pattern("credentials", re.compile(r"(?P<keep>://)(?!git@)[^\s/@\[]{1,400}(?=@)")),
    Pattern(
        "secret",
        re.compile(
            rf"(?i)(?P<keep>{BEFORE_VALUE}[\"']?\s{{0,3}}(?:[:=]|=>|:=)\s{{0,3}}[\"']?)"
            r"[^\s\"',;&\[\]{}<>]{6,4000}"
        ),
    ),
    Pattern(
        "secret",
        re.compile(r"(?i)(?P<keep>[?&](?:key|sig|signature|code|auth|sid)=)[^\s&#\"'\[]{6,4000}"),
    ),
    Pattern(
        "e-mail",
        re.compile(r"[\w.%+'-]{1,64}@(?:[^\W_][\w-]{0,62}\.){1,8}[^\W\d_][\w-]{1,62}"),
        _person,
    ),
    Pattern(
        "IBAN",
        re.compile(
            r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)"
        ),
        _iban,
    ),
    Pattern(
        "phone number",
        re.compile(
            r"(?<![\w+])(?:\+[1-9]\d{0,2}[ ()./-]{0,2}(?:\d[ ()./-]{0,2}){6,12}\d"
            r"|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4})(?![\w-])"
        ),
    ),
    Pattern(
        "card number",
        re.compile(
            r"(?<![\w.-])(?:(?:4\d|5[1-5]|2[2-7]|6[0-9])\d\d(?:[ -]?\d{4}){3}"
            r"|3[47]\d\d[ -]?\d{6}[ -]?\d{5})(?![\w-])"
        ),
        _luhn,
    ),
)

KINDS = tuple(sorted({pattern.kind for pattern in PATTERNS}))
PLACEHOLDER_TEXT = r"\[(?:" + "|".join(re.escape(kind) for kind in KINDS) + r") \d{1,6}\]"
PLACEHOLDER = re.compile(
    r"\[(?P<kind>" + "|".join(re.escape(kind) for kind in KINDS) + r") (?P<number>\d{1,6})\]"
)
