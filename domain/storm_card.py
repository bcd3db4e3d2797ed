"""A storm's card: one message for the incidents of a room that are too many for one each."""

from collections.abc import Iterator, Sequence

from domain.base import Frozen
from domain.buttons import button
from domain.incident import Incident
from domain.incident_card import ICONS, MARKS
from domain.message import Actions, Context, Header, Message, Node, Text, link, moment, spans

MOST_TOLD = 10


class Storm(Frozen):
    """The incidents of a storm, newest first; ``url`` is Tocsin's own."""

    id: str
    incidents: tuple[Incident, ...]
    url: str


def storm_key(storm: str) -> str:
    """One card for a storm."""
    return f"storm:{storm}"


def storm_card(storm: Storm) -> Message:
    """The counter, the newest of them, and where the rest is."""
    incidents = storm.incidents
    open_ones = [one for one in incidents if one.open]
    began = min(one.declared_at for one in incidents)
    count = f"{len(incidents)} more incident{'s' if len(incidents) > 1 else ''}"
    head = f"🌩 Alert storm: {count}, {len(open_ones)} open"
    nodes: tuple[Node, ...] = (
        Header(text=head, tone="warning" if open_ones else "good"),
        Text(spans=spans("Since ", moment(began), ", beside those with a card above.")),
        *_lines(open_ones or incidents, storm.url),
        Actions(buttons=(button("incident list", "open", "Show all open ones"),)),
        Context(spans=spans("Each pages whoever is on call. Taking one gives it its own card.")),
    )
    return Message(nodes=nodes, update_key=storm_key(storm.id))


def _lines(incidents: Sequence[Incident], url: str) -> Iterator[Text]:
    for one in incidents[:MOST_TOLD]:
        named = f"{ICONS[one.severity]} {one.severity} "
        told = f" {one.title}  {MARKS[one.status]} {one.status.value}"
        yield Text(spans=spans(named, link(one.id, f"{url}/incidents/{one.id}"), told))
    if len(incidents) > MOST_TOLD:
        yield Text(spans=spans(f"and {len(incidents) - MOST_TOLD} more"))
