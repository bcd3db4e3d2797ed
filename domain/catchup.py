"""What somebody is told who comes late: the same words for everybody, whoever wrote them."""

from collections.abc import Iterable

from domain.base import Frozen
from domain.message import Context, Header, Message, Spans, Text, spans
from domain.postmortem import RULES


class Catchup(Frozen):
    """Where an incident stands in a few lines; ``written_by`` is ``rules`` or a model's name."""

    incident: str
    lines: tuple[Spans, ...]
    written_by: str = RULES


def catchup_card(catchup: Catchup) -> Message:
    """The lines, and who wrote them."""
    told = (Text(spans=line) for line in catchup.lines)
    small = Context(spans=spans(f"From the timeline, {_by(catchup)}. Only you see this."))
    return Message(nodes=(Header(text=f"{catchup.incident} in short"), *told, small))


def written(incident: str, sentences: Iterable[str], model: str) -> Message:
    """What a model wrote, as far as facts carry it."""
    lines = tuple(spans(one) for one in sentences)
    return catchup_card(Catchup(incident=incident, lines=lines, written_by=model))


def _by(catchup: Catchup) -> str:
    return "by rules" if catchup.written_by == RULES else f"written by {catchup.written_by}"
