"""Channels and webhooks that a step tells beside people: what they hear, and what is owed them."""

from datetime import datetime
from typing import ClassVar

from domain.base import Frozen
from domain.buttons import button
from domain.escalation import Target
from domain.facts import Fact
from domain.incident import Incident
from domain.job import Job, Lane
from domain.message import Actions, Message, Node, Span, Text, link, moment, spans
from domain.message import Header as Head
from domain.page_card import TONES, headline
from domain.place import Place


class ShowAsked(Job):
    """Post the card by which a channel is asked, or redraw it."""

    kind: ClassVar[str] = "show_asked"
    lane: ClassVar[Lane] = "page"
    priority: ClassVar[int] = 20
    incident: str
    place: Place


class TellWebhook(Job):
    """Post to a webhook of the settings that step ``n`` of an escalation is rung."""

    kind: ClassVar[str] = "tell_webhook"
    lane: ClassVar[Lane] = "page"
    priority: ClassVar[int] = 20
    incident: str
    escalation: str
    n: int
    name: str


class TargetTold(Fact):
    """A step told a channel or a webhook."""

    kind: ClassVar[str] = "target_told"
    template: ClassVar[str] = "{step} tells {target}"
    target: str
    step: str


class TargetRefused(Fact):
    """A channel or webhook was not told; what it said is the text."""

    kind: ClassVar[str] = "target_refused"
    template: ClassVar[str] = "{target} was not told: {text}"
    target: str


class AskedView(Frozen):
    """What a channel is shown: ``step`` in words, who is paged next and when, and once somebody
    has it, who."""

    incident: Incident
    step: str
    following: str = ""
    at: datetime | None = None
    taken_by: str = ""


def places(target: Target, platforms: tuple[str, ...]) -> tuple[Place, ...]:
    """Where a channel is: on every platform by its name, or on the one it names: ``slack/ops``."""
    platform, _, room = target.id.rpartition("/")
    return tuple(
        Place(platform=one, room=room) for one in platforms if one == platform or not platform
    )


def why_untold(
    target: Target, incident: Incident, platforms: tuple[str, ...], *, safe_mode: bool
) -> str:
    """Why a channel or webhook cannot or must not hear of it; empty where it may."""
    if incident.private:
        return "a private incident is shown to its members only"
    if safe_mode and target.kind == "webhook":
        return "safe mode is on"
    if target.kind == "channel" and not places(target, platforms):
        return "its chat is not set up here"
    return ""


def asked_key(incident: str) -> str:
    """The update key of the cards by which channels are asked."""
    return f"asked:{incident}"


def asked_card(view: AskedView) -> Message:
    """The card in a channel; whoever has the right may take it, and nobody waits for that."""
    incident = view.incident
    if not incident.open or view.taken_by:
        return Message(nodes=(Head(text=headline(incident)), _outcome(view)), urgency="quiet")
    nodes: list[Node] = [Head(text=headline(incident), tone=TONES[incident.severity])]
    nodes.append(Text(spans=spans(f"This channel is asked by {view.step}.", *_next(view))))
    buttons = (
        button("incident ack", incident.id, "Ack", "primary"),
        button("incident show", incident.id, "Open"),
    )
    return Message(nodes=(*nodes, Actions(buttons=buttons)), urgency="notice")


def webhook_letter(view: AskedView, read: str) -> Message:
    """What a webhook is posted; ``read`` is the incident's page."""
    told = Text(spans=spans(f"Rung by {view.step}."))
    where = Text(spans=spans(link("read the incident", read)))
    head = Head(text=headline(view.incident), tone=TONES[view.incident.severity])
    return Message(nodes=(head, told, where), urgency="page")


def _next(view: AskedView) -> tuple[str | Span, ...]:
    if not view.following or view.at is None:
        return ()
    verb = "are" if "," in view.following else "is"
    return (f" {view.following} {verb} paged at ", moment(view.at), " unless somebody acks.")


def _outcome(view: AskedView) -> Text:
    incident = view.incident
    if not incident.open:
        return Text(spans=spans(f"○ {incident.id} is {incident.status.value}. Nothing to do."))
    return Text(spans=spans(f"◐ Taken by {view.taken_by}. Nothing to do."))
