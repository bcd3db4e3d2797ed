"""What a message says to type, as it can be typed where it is read."""

import re
from collections.abc import Callable, Iterable

from domain.call import Reply
from domain.command import Registry
from domain.message import Context, FieldPair, Fields, Message, Node, Spans, Text
from domain.spellings import NOUN_ALIASES, Registered


class Wording:
    """One installation's way to begin commands."""

    def __init__(self, registry: Registry, registered: Registered) -> None:
        self.registered = registered
        nouns = "|".join(sorted((*registry.nouns, *NOUN_ALIASES), key=len, reverse=True))
        self._said = re.compile(rf"(?<![\w/])/(?:{nouns})(?![\w/-])")

    def of_reply(self, reply: Reply, surface: str) -> Reply:
        """``reply`` for whoever asked on ``surface``; all words of a refusal are ours."""
        told = self.of(reply.message, surface, ours=bool(reply.refused))
        return reply.model_copy(update={"message": told})

    def of(self, message: Message, surface: str, *, ours: bool = False) -> Message:
        """``message`` for readers on ``surface``.

        Lines to type stand in a face of their own; ``ours`` says that all of its words are
        Tocsin's, so that commands are found in sentences too.
        """

        def told(spans: Spans) -> Spans:
            return tuple(
                one.model_copy(update={"text": self._text(one.text, surface)})
                if one.kind == "code" or (ours and one.kind == "plain")
                else one
                for one in spans
            )

        return message.model_copy(update={"nodes": tuple(_nodes(message.nodes, told))})

    def _text(self, text: str, surface: str) -> str:
        return self._said.sub(lambda found: self.registered.shown(found[0], surface), text)


def _nodes(nodes: Iterable[Node], told: Callable[[Spans], Spans]) -> Iterable[Node]:
    for node in nodes:
        if isinstance(node, Text | Context):
            yield node.model_copy(update={"spans": told(node.spans)})
        elif isinstance(node, Fields):
            fields = (FieldPair(label=one.label, value=told(one.value)) for one in node.fields)
            yield Fields(fields=tuple(fields))
        else:
            yield node
