"""The addresses in a message that act when they are posted to, and those that are only read."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from domain.message import Message, Span, Text

# Where a POST answers (rules.md 7); everything else is only read.
ANSWERS = "/a/"
LABELS = {"answer this page": "Ack"}
# Several codes are one address; codes hold no full stop.
BETWEEN = "."
ACKNOWLEDGED_AT = "/a/acknowledged/"
MOST_PAGES = 20
LONGEST = 2000


def answering(message: Message) -> list[Span]:
    """Links that answer: a page, or a test."""
    return [one for one in _links(message) if _answers(one)]


def reading(message: Message) -> list[Span]:
    """All other links."""
    return [one for one in _links(message) if not _answers(one)]


def together(
    message: Message, path: str, longest: int = LONGEST, most: int = MOST_PAGES
) -> str | None:
    """One address below ``path`` that acts for what the message lists, as many as fit and ``most``
    at most; None for nothing.

    Of a test it keeps what tells it from a page: ``test/`` before the code.
    """
    links = [one.url.rpartition(ANSWERS) for one in answering(message) if one.url][:most]
    codes = [code for _, _, code in links]
    while codes:
        address = f"{links[0][0]}{path}{BETWEEN.join(codes)}"
        if len(address) <= longest:
            return address
        codes.pop()
    return None


def told(message: Message) -> str:
    """The words, and no address."""
    texts = [one.spans for one in message.nodes if isinstance(one, Text)]
    lines = ["".join(one.text for one in spans if one.kind != "link") for spans in texts]
    return "\n".join(line.strip(" ·") for line in lines if line.strip(" ·"))


def label(one: Span) -> str:
    """What a button for it says."""
    return LABELS.get(one.text.casefold(), one.text)


def _links(message: Message) -> Iterator[Span]:
    """The addresses Tocsin gave; one in an alert's words is no link."""
    for node in message.nodes:
        if isinstance(node, Text):
            yield from (one for one in node.spans if one.kind == "link" and one.url)


def _answers(one: Span) -> bool:
    return urlsplit(one.url or "").path.startswith(ANSWERS)
