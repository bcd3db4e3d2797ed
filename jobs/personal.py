"""Cards in direct rooms: posted once, edited in place, on the first chat that takes them."""

from typing import TypeVar

from domain.approval_jobs import ShowApprovalTo
from domain.base import Frozen
from domain.handoff_jobs import ShowHandoff
from domain.message import Message
from domain.ports import MessageRef, Place
from domain.reachability import ShowTests
from domain.rollback_jobs import ShowRollbackTo
from domain.run_jobs import ShowRunTo
from domain.swap_jobs import ShowSwap
from jobs.drawing import digest_of_message
from jobs.reaching import BUILT_IN, chats_of
from jobs.registry import Ports
from storage.unit import Unit

Showing = TypeVar(
    "Showing", ShowApprovalTo, ShowTests, ShowSwap, ShowHandoff, ShowRunTo, ShowRollbackTo
)


class DirectMessage(Frozen):
    """A message for a person's direct room on a chat, or where it stands there already."""

    platform: str
    user: str
    message: Message
    key: str
    digest: str = ""
    ref: MessageRef | None = None


async def personal_card(
    unit: Unit, job: Showing, message: Message, key: str
) -> DirectMessage | None:
    """What makes the person's card under the update key ``key`` show ``message``; None where it
    does."""
    digest = digest_of_message(message)
    cards = await unit.cards.of(key)
    card = next((one for one in cards if one.platform not in job.tried), None)
    if card and card.digest == digest:
        return None
    return DirectMessage(
        platform=card.platform if card else await _chat(unit, job),
        user=job.user,
        message=message,
        key=key,
        digest=digest,
        ref=card.ref if card else None,
    )


async def send_direct(ports: Ports, loaded: DirectMessage) -> tuple[DirectMessage, MessageRef]:
    """Edit the message that stands there, or send it."""
    chat = ports.chat(loaded.platform)
    if loaded.ref:
        await chat.edit(loaded.ref, loaded.message)
        return loaded, loaded.ref
    place = await chat.direct(loaded.user)
    return loaded, await chat.post(place, loaded.message, loaded.key, again=ports.again)


async def keep_direct(
    unit: Unit,
    job: Showing,  # noqa: ARG001 - an effect's signature
    outcome: tuple[DirectMessage, MessageRef],
) -> None:
    """Remember where the card stands and what it shows."""
    sent, ref = outcome
    place = Place(platform=ref.platform, room=ref.room)
    await unit.cards.shown(sent.key, place, ref, sent.digest)


async def on_another(unit: Unit, job: Showing, key: str) -> None:
    """The chat said no: the person's next one, the built-in one last."""
    cards = await unit.cards.of(key)
    standing = (one.platform for one in cards if one.platform not in job.tried)
    refused = next(standing, None) or await _chat(unit, job)
    if refused != BUILT_IN:
        again = job.model_copy(update={"tried": (*job.tried, refused)})
        await unit.jobs.add(again, key=f"~{key}")


async def _chat(unit: Unit, job: Showing) -> str:
    """The person's first chat that has not refused it, and at last the built-in one."""
    left = [one for one in await chats_of(unit, job.user) if one not in job.tried]
    return left[0] if left else BUILT_IN
