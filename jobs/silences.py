"""Whoever set a silence is told when it is over, and what it hid."""

from domain.buttons import button
from domain.message import Actions, Message, Node, Text, moment, spans
from domain.page_card import counted
from domain.silence import Silence, TellSilenceOver
from jobs.reaching import Sending, by_another, send, ways_of
from jobs.registry import Effect
from storage.unit import Unit

WAYS = ("chat", "email")


async def load(unit: Unit, job: TellSilenceOver) -> Sending | None:
    """What it hid; None where it still holds, or its author has left."""
    silence = await unit.alerts.silenced(job.silence)
    person = await unit.people.get(job.user)
    if silence is None or silence.ends_at > unit.now or person is None or not person.active:
        return None
    way, *others = await ways_of(unit, job.user, WAYS, job.tried)
    message = await _message(unit, silence)
    key = f"silence-over:{silence.id}"
    return Sending(user=job.user, way=way, message=message, key=key, others=bool(others))


async def _message(unit: Unit, silence: Silence) -> Message:
    recent = await unit.alerts.since(silence.starts_at)
    hidden = [one for one in recent if one.verdict and silence.has_hidden(one.verdict.reason)]
    firing = [one for one in hidden if one.status == "firing"]
    ended = spans(f"Your silence of {silence.named} is over since ", moment(silence.ends_at), ". ")
    told = f"It hid {counted(len(hidden), 'alert')}, {len(firing)} still firing."
    nodes: tuple[Node, ...] = (Text(spans=(*ended, *spans(told))),)
    if firing:
        again = button("alert why", firing[0].id, f"Why {firing[0].id}")
        nodes = (*nodes, Actions(buttons=(again,)))
    return Message(nodes=nodes)


TELL_SILENCE_OVER = Effect(TellSilenceOver, load, send, by_another)
