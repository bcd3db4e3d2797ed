"""Drawing: a message that is posted once and edited in place from then on."""

import hashlib
from collections.abc import Iterable

from domain.base import Frozen
from domain.message import Message
from domain.ports import MessageRef, Place
from jobs.registry import Ports
from storage.cards import Card
from storage.unit import Unit


class Drawn(Frozen):
    """A message, where it goes, and the message it replaces where there is one."""

    place: Place
    message: Message
    key: str
    digest: str = ""
    ref: MessageRef | None = None


async def draw(ports: Ports, loaded: Drawn) -> tuple[Drawn, MessageRef]:
    """Edit the message that stands there, or post it."""
    chat = ports.chat(loaded.place.platform)
    if loaded.ref:
        await chat.edit(loaded.ref, loaded.message)
        return loaded, loaded.ref
    posted = await chat.post(loaded.place, loaded.message, loaded.key, again=ports.again)
    return loaded, posted


def redrawn(place: Place, message: Message, key: str, card: Card | None) -> Drawn | None:
    """What makes ``card`` show ``message``; None where it does."""
    digest = digest_of_message(message)
    if card and card.digest == digest:
        return None
    return Drawn(
        place=place, message=message, key=key, digest=digest, ref=card.ref if card else None
    )


def digest_of_message(message: Message) -> str:
    """What a card shows, as one short word to compare."""
    return hashlib.sha256(message.model_dump_json().encode()).hexdigest()


def thread_of(ref: MessageRef) -> Place:
    """The thread that hangs on a message."""
    return Place(platform=ref.platform, room=ref.room, thread=ref.message)


def connected(unit: Unit, cards: Iterable[Card]) -> list[Card]:
    """Those on platforms that are connected, of the home platform first."""
    platforms = unit.installation.platforms
    known = [card for card in cards if card.platform in platforms]
    return sorted(known, key=lambda card: platforms.index(card.platform))
