"""What people read when a chat platform is down, back, or refuses something."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.account import called, way_called
from domain.base import Frozen
from domain.contact import NAMES
from domain.incident import Incident
from domain.message import Header, Message, Node, Span, Text, Tone, code, link, moment, spans
from domain.outage import ChatState

MOST_TOLD = 10


class Refused(Frozen):
    """A person by name, or a room, that the platform does not let Tocsin speak to."""

    name: str
    error: str


def down_notice(state: ChatState, incidents: tuple[Incident, ...], url: str, zone: str) -> Message:
    """Where the reader's incidents go on while their chat is silent; ``zone`` is the reader's."""
    name = called(state.platform)
    head = f"{name} has not answered since {_clock(state.since, zone)}"
    nodes: list[Node] = [Header(text=head, tone="danger"), *_going_on(incidents, url)]
    told = f"Pages go by other ways until {name} is back. It said: "
    nodes.append(Text(spans=spans(told, code(state.error or "nothing"))))
    return Message(nodes=tuple(nodes), urgency="page")


def back_notice(state: ChatState, down_since: datetime, zone: str) -> Message:
    """That it is over, and how long it was."""
    name = called(state.platform)
    lasted = _lasting(state.since - down_since)
    head = f"{name} answers again since {_clock(state.since, zone)}"
    told = f"It did not for {lasted}. What waited is being brought up to date."
    return _notice(head, "good", told)


def refusal_notice(platform: str, refused: tuple[Refused, ...]) -> Message:
    """What does not work though the platform answers, for whoever can put it right."""
    name = way_called(platform)
    wrong = (
        "does not reach everybody" if platform in NAMES else "does not let Tocsin speak everywhere"
    )
    head = f"{name[:1].upper()}{name[1:]} {wrong}"
    lines = [f"{one.name}: {one.error}" for one in refused[:MOST_TOLD]]
    if len(refused) > MOST_TOLD:
        lines.append(f"and {len(refused) - MOST_TOLD} more")
    return _notice(head, "warning", *lines, "Pages to them go by other ways: tocsin doctor")


def back_line(platform: str, down_since: datetime, up_since: datetime, url: str) -> Message:
    """The one line in an incident's room after an outage."""
    told = spans(
        f"{called(platform)} is back. It did not answer from ",
        moment(down_since),
        " to ",
        moment(up_since),
        "; what happened meanwhile is in the ",
        link("timeline", url),
        ".",
    )
    return Message(nodes=(Text(spans=told),))


def moved_line(platform: str, room: str) -> Message:
    """The one line in the room that led meanwhile."""
    told = spans(f"{called(platform)} is back: it goes on in ", code(f"#{room}"), " there.")
    return Message(nodes=(Text(spans=told),))


def _going_on(incidents: tuple[Incident, ...], url: str) -> Iterator[Node]:
    for one in incidents[:MOST_TOLD]:
        titled = f"Private {one.severity} incident {one.id}" if one.private else one.id
        said: list[str | Span] = [f"{titled} goes on ", link("here", f"{url}/incidents/{one.id}")]
        if one.call_url and not one.private:
            said += [" · ", link("call", one.call_url)]
        yield Text(spans=spans(*said))


def _notice(head: str, tone: Tone, *lines: str) -> Message:
    return Message(nodes=(Header(text=head, tone=tone), *(Text(spans=spans(one)) for one in lines)))


def _clock(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def _lasting(lasted: timedelta) -> str:
    minutes = max(1, lasted // timedelta(minutes=1))
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{minutes} min"
