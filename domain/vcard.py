"""Tocsin as a contact for telephones: who may break through Do Not Disturb is chosen there."""

from collections.abc import Mapping

from domain.contact import ContactKind

NAME = "Tocsin pages"
NOTE = "Pages come from here. Allow it to break through Do Not Disturb."
FIELDS: dict[ContactKind, str] = {
    "email": "EMAIL;TYPE=INTERNET",
    "sms": "TEL;TYPE=CELL",
    "voice": "TEL;TYPE=VOICE",
}
LONGEST_LINE = 75


def vcard(senders: Mapping[ContactKind, str], url: str) -> str:
    """A vCard 3.0, the version that every telephone reads, of the addresses pages come from."""
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "PRODID:-//Tocsin//EN",
        f"UID:{_escaped(url)}/me/contact.vcf",
        f"FN:{NAME}",
        f"N:{NAME};;;;",
        "ORG:Tocsin",
        *(f"{FIELDS[kind]}:{_escaped(senders[kind])}" for kind in FIELDS if kind in senders),
        f"URL:{_escaped(url)}",
        f"NOTE:{_escaped(NOTE)}",
        "END:VCARD",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _escaped(value: str) -> str:
    for plain, told in (("\\", "\\\\"), (",", "\\,"), (";", "\\;"), ("\n", "\\n"), ("\r", "")):
        value = value.replace(plain, told)
    return value


def _folded(line: str) -> str:
    """At most 75 characters; what follows begins with a blank."""
    first, rest = line[:LONGEST_LINE], line[LONGEST_LINE:]
    step = LONGEST_LINE - 1
    more = (rest[at : at + step] for at in range(0, len(rest), step))
    return "\r\n ".join((first, *more))
