"""Where each living card was posted, so that it is edited instead of posted again."""

from datetime import datetime

from sqlalchemy import insert, select, update

from domain.base import Frozen
from domain.pace import next_edit
from domain.ports import MessageRef, Place
from storage.scope import Scope
from storage.tables.incidents import cards


class Card(Frozen):
    """A posted card; ``digest`` is the hash of what it shows.

    ``asked`` is the room as it was asked for, which may be a name; ``room`` is the platform's id.
    """

    update_key: str
    platform: str
    asked: str = ""
    room: str
    message: str
    thread: str | None = None
    digest: str
    edited_at: datetime

    @property
    def ref(self) -> MessageRef:
        """The message to edit."""
        return MessageRef(
            platform=self.platform, room=self.room, message=self.message, thread=self.thread
        )


class Cards:
    """The posted cards."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def at(self, update_key: str, place: Place) -> Card | None:
        """The card of ``update_key`` in a room."""
        here = [card for card in await self.of(update_key) if card.platform == place.platform]
        return next((card for card in here if place.room in (card.asked, card.room)), None)

    async def of(self, update_key: str) -> tuple[Card, ...]:
        """Every place where the card was posted."""
        query = select(cards).where(cards.c.update_key == update_key).order_by(cards.c.room)
        rows = (await self.scope.connection.execute(query)).mappings()
        return tuple(Card.model_validate(dict(row)) for row in rows)

    async def standing(self, ref: MessageRef) -> str | None:
        """The update key of the card that a message is."""
        query = select(cards.c.update_key).where(
            cards.c.platform == ref.platform,
            cards.c.room == ref.room,
            cards.c.message == ref.message,
        )
        return (await self.scope.connection.execute(query)).scalar()

    async def under(self, beginning: str) -> dict[str, Card]:
        """The cards whose update key begins so, one for each key."""
        like = cards.c.update_key.startswith(beginning, autoescape=True)
        rows = (await self.scope.connection.execute(select(cards).where(like))).mappings()
        found = (Card.model_validate(dict(row)) for row in rows)
        return {card.update_key: card for card in found}

    async def next_edit(self, update_key: str, place: Place) -> datetime:
        """When the card may be drawn again: at once in the built-in chat, which costs nobody."""
        card = None if place.platform == "console" else await self.at(update_key, place)
        return next_edit(card.edited_at if card else None, self.scope.now)

    async def shown(self, update_key: str, place: Place, ref: MessageRef, digest: str) -> None:
        """Remember that ``ref``, in the ``place`` asked for, shows the card of that ``digest``."""
        where = (
            cards.c.update_key == update_key,
            cards.c.platform == ref.platform,
            cards.c.room == ref.room,
        )
        shown = {"asked": place.room, "digest": digest, "edited_at": self.scope.now}
        row = ref.model_dump(exclude={"direct"}) | shown
        changed = await self.scope.connection.execute(update(cards).where(*where).values(**row))
        if not changed.rowcount:
            made = insert(cards).values(update_key=update_key, **row)
            await self.scope.connection.execute(made)
