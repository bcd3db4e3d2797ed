"""A plan: exactly what a call will do, as text that a person can agree to."""

import hashlib

from domain.base import Frozen
from domain.message import Context, Fields, Message, Node, Span, Spans, Text
from domain.plain import plain

COUNTED = Span(text="(counted from then on)")


class Plan(Frozen):
    """Exactly what a call will do, as text: ``title`` in a line, ``text`` in full.

    It must read the same as long as nothing has changed, so it holds no time but past ones.
    ``service`` is what is typed to break glass; ``incident`` and ``team`` are what it is about.
    """

    title: str
    text: str
    service: str | None = None
    incident: str | None = None
    team: str | None = None

    @property
    def digest(self) -> str:
        """A short word that is another as soon as a letter of it is."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


def rehearsed(line: str, answer: Message) -> Plan:
    """The plan of a command that declares none: its line, and what it answers in a rehearsal."""
    timeless = Message(nodes=tuple(_timeless(node) for node in answer.nodes))
    return Plan(title=line, text=f"{line}\n{plain(timeless)}")


def _timeless(node: Node) -> Node:
    """Instants move on while the plan waits; the words around them do not."""
    if isinstance(node, Text | Context):
        return node.model_copy(update={"spans": _without_times(node.spans)})
    if isinstance(node, Fields):
        told = tuple(
            pair.model_copy(update={"value": _without_times(pair.value)}) for pair in node.fields
        )
        return node.model_copy(update={"fields": told})
    return node


def _without_times(spans: Spans) -> Spans:
    return tuple(COUNTED if span.kind == "time" else span for span in spans)
