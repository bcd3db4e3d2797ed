"""The handoff as both people read it: what is going on, what is kept quiet, and a note."""

from domain.base import Frozen
from domain.buttons import button
from domain.freeze import Freeze
from domain.handoff import Handoff
from domain.incident import Incident
from domain.message import Actions, Context, Header, Message, Node, Span, Text, bold, moment, spans
from domain.page_card import counted, headline
from domain.silence import Silence

SHOWN = 8


class Flapping(Frozen):
    """An alert that came and went ``times`` in the last day."""

    name: str
    service: str | None
    times: int

    @property
    def line(self) -> str:
        """``KafkaConsumerLag (kafka), 4 times``."""
        where = f" ({self.service})" if self.service else ""
        return f"{self.name}{where}, {self.times} times"


class Snoozed(Frozen):
    """An incident that rings ``user`` again at ``until``."""

    incident: str
    user: str
    until: Span


class Matter(Frozen):
    """What the next shift should know, as far as its reader may."""

    incidents: tuple[Incident, ...] = ()
    snoozed: tuple[Snoozed, ...] = ()
    silences: tuple[Silence, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    flapping: tuple[Flapping, ...] = ()
    safe_mode: str = ""


class HandoffView(Frozen):
    """A handoff, the name of its schedule, names of people by id, and what is going on."""

    handoff: Handoff
    schedule: str
    names: dict[str, str]
    matter: Matter = Matter()

    def named(self, users: tuple[str, ...]) -> str:
        """What people call them."""
        return ", ".join(self.names.get(one, one) for one in users) or "nobody"


def update_key(handoff: str, user: str) -> str:
    """One card for each person."""
    return f"handoff:{handoff}@{user}"


def handoff_card(view: HandoffView, reader: str) -> Message:
    """The card as it stands now; edited in place."""
    handoff = view.handoff
    change = handoff.change
    title = f"🔄 {view.schedule}: {view.named(change.leaving)} → {view.named(change.coming)}"
    nodes: list[Node] = [Header(text=title), Text(spans=spans(*_when(view, reader)))]
    if reader in handoff.people:
        nodes += _matter(view)
        nodes += _answer(view, reader)
    return Message(nodes=tuple(nodes), update_key=update_key(handoff.id, reader))


def handoff_preview(view: HandoffView) -> Message:
    """What the card will hold, for whoever writes the note."""
    at = moment(view.handoff.change.starts)
    head = spans(f"Next: {view.named(view.handoff.change.coming)} at ", at, ".")
    return Message(nodes=(Text(spans=head), *_matter(view)))


def unconfirmed_notice(view: HandoffView) -> Message:
    """What those who left, and then the lead, are told."""
    change = view.handoff.change
    told = spans(
        f"{view.named(change.coming)} has not said “I'm on” for {view.schedule}. The shift is "
        f"theirs since ",
        moment(change.starts),
        " either way: pages go to them.",
    )
    return Message(nodes=(Text(spans=told),))


def _when(view: HandoffView, reader: str) -> tuple[str | Span, ...]:
    change = view.handoff.change
    at, begun = moment(change.starts), view.handoff.state == "begun"
    if reader in change.coming:
        return ("Your shift began at " if begun else "Your shift starts at ", at, " either way.")
    if reader in change.leaving:
        return ("Your shift ended at " if begun else "Your shift ends at ", at, " either way.")
    return ("The schedule has changed: this shift is not yours any more.",)


def _matter(view: HandoffView) -> list[Node]:
    matter = view.matter
    nodes: list[Node] = []
    lines = [f"{headline(one)} · {one.status}" for one in matter.incidents]
    nodes += _listed("Open", lines, "No open incident.")
    for one in matter.snoozed:
        named = view.names.get(one.user, one.user)
        nodes.append(Text(spans=spans(f"{one.incident} rings {named} again at ", one.until)))
    for silence in matter.silences[:SHOWN]:
        told = spans(
            f"Silenced: {silence.named} until ", moment(silence.ends_at), f": {silence.why}"
        )
        nodes.append(Text(spans=told))
    for freeze in matter.freezes[:SHOWN]:
        until = (" until ", moment(freeze.ends_at)) if freeze.ends_at else ()
        nodes.append(Text(spans=spans(f"Frozen: {freeze.what}", *until, f": {freeze.why}")))
    nodes += _listed("Came and went within a day", [one.line for one in matter.flapping], "")
    if matter.safe_mode:
        nodes.append(Text(spans=spans(matter.safe_mode)))
    if view.handoff.note:
        by = view.names.get(view.handoff.note_by or "", "the last shift")
        nodes.append(Text(spans=spans(bold(f"{by}'s note"), f": {view.handoff.note}")))
    return nodes


def _listed(title: str, lines: list[str], empty: str) -> list[Node]:
    if not lines:
        return [Text(spans=spans(empty))] if empty else []
    more = [f"and {counted(len(lines) - SHOWN, 'other')}"] if len(lines) > SHOWN else []
    return [
        Text(spans=spans(bold(title))),
        *(Text(spans=spans(f"• {line}")) for line in (*lines[:SHOWN], *more)),
    ]


def _answer(view: HandoffView, reader: str) -> list[Node]:
    handoff = view.handoff
    if handoff.confirmed_at:
        by = view.names.get(handoff.confirmed_by or "", "Somebody")
        return [Context(spans=spans(f"✔ {by} is on, said at ", moment(handoff.confirmed_at)))]
    if reader in handoff.change.coming:
        ready = button("oncall confirm", handoff.id, "I'm on", "primary")
        return [Actions(buttons=(ready,))]
    if handoff.state == "planned":
        note = spans("Leave a note: /oncall handoff watch the metastore's memory")
        return [Context(spans=note)]
    return []
