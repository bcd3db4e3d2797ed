"""Cards in direct rooms: posted once, edited in place, on the first chat that takes them."""

from domain.base import Frozen
from domain.message import Message
from domain.ports import MessageRef, Place
from jobs.drawing import digest_of_message
from jobs.reaching import BUILT_IN, chats_of
from jobs.registry import Ports
from storage.unit import Unit


class PersonalCard(Frozen):
    """A message for a person's direct room on a chat, or where it stands there already."""

    platform: str
    user: str
    message: Message
    key: str
    digest: str
    ref: MessageRef | None = None


async def personal(
    unit: Unit, user: str, message: Message, update_key: str, tried: tuple[str, ...]
) -> PersonalCard | None:
    """What makes the person's card show ``message``; None where it does."""
    digest = digest_of_message(message)
    cards = await unit.cards.of(update_key)
    if cards and cards[0].digest == digest:
        return None
    return PersonalCard(
        platform=cards[0].platform if cards else await first_chat(unit, user, tried),
        user=user,
        message=message,
        key=update_key,
        digest=digest,
        ref=cards[0].ref if cards else None,
    )


async def draw_personal(ports: Ports, loaded: PersonalCard) -> tuple[PersonalCard, MessageRef]:
    """Edit the message that stands there, or send it."""
    chat = ports.chat(loaded.platform)
    if loaded.ref:
        await chat.edit(loaded.ref, loaded.message)
        return loaded, loaded.ref
    place = await chat.direct(loaded.user)
    return loaded, await chat.post(place, loaded.message, loaded.key, again=ports.again)


async def keep_personal(unit: Unit, outcome: tuple[PersonalCard, MessageRef]) -> None:
    """Remember where the card stands and what it shows."""
    card, ref = outcome
    place = Place(platform=ref.platform, room=ref.room)
    await unit.cards.shown(card.key, place, ref, card.digest)


async def first_chat(unit: Unit, user: str, tried: tuple[str, ...]) -> str:
    """The person's first chat that has not refused, and at last the built-in one."""
    left = [one for one in await chats_of(unit, user) if one not in tried]
    return left[0] if left else BUILT_IN
