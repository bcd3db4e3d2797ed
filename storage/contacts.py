"""Contact methods: the addresses at which a person wants to be paged beside chat."""

from datetime import datetime

from sqlalchemy import delete, func, select, update

from domain.base import Frozen
from domain.contact import ContactKind, ContactMethod, KeptKind
from storage.rows import Rows
from storage.scope import Scope
from storage.tables.contacts import contact_codes, contact_methods, contact_tests


class Contact(Frozen):
    """An address somebody gave; ``position`` is their order. It counts once it is verified."""

    id: str
    user: str
    kind: KeptKind
    address: str
    position: int
    verified_at: datetime | None = None
    created_at: datetime

    def method(self, able: frozenset[ContactKind]) -> ContactMethod | None:
        """As decisions see it; None for what nothing sends by."""
        if self.kind == "phone" or self.kind not in able:
            return None
        verified = self.verified_at is not None
        return ContactMethod(kind=self.kind, address=self.address, verified=verified, id=self.id)


class Contacts(Rows[Contact]):
    """Everybody's contact methods; whose they are is the caller's to check."""

    table = contact_methods
    model = Contact
    noun = "contact method"

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope

    async def of(self, user: str) -> tuple[Contact, ...]:
        """The person's methods in their order."""
        order = contact_methods.c.position
        return await self.where(contact_methods.c.user == user, order=order)

    async def owners(self, kind: KeptKind, address: str) -> tuple[str, ...]:
        """Who has shown that the address is theirs."""
        same = (contact_methods.c.kind == kind, contact_methods.c.address == address)
        found = await self.where(*same, contact_methods.c.verified_at.is_not(None))
        return tuple(one.user for one in found)

    async def give(self, user: str, kind: KeptKind, address: str) -> Contact:
        """Add an address at the end, not yet verified; one that is there stays as it is."""
        mine = contact_methods.c.user == user
        same = (mine, contact_methods.c.kind == kind, contact_methods.c.address == address)
        if found := await self.first(*same):
            return found
        last = select(func.max(contact_methods.c.position)).where(mine)
        position = (await self.connection.execute(last)).scalar() or 0
        made = Contact(
            id=self.scope.ids.new(),
            user=user,
            kind=kind,
            address=address,
            position=position + 1,
            created_at=self.scope.now,
        )
        return await self.add(made)

    async def verify(self, contact: str) -> None:
        """From now on it counts: its owner has shown that it is theirs."""
        mine = update(contact_methods).where(contact_methods.c.id == contact)
        await self.connection.execute(mine.values(verified_at=self.scope.now))

    async def lose(self, contact: str) -> None:
        """Forget an address that is no more; that it was tried stays on record."""
        for gone in (
            delete(contact_methods).where(contact_methods.c.id == contact),
            delete(contact_codes).where(contact_codes.c.contact == contact),
        ):
            await self.connection.execute(gone)

    async def remove(self, contact: str) -> None:
        """Forget an address, and what was sent to it."""
        for gone in (
            delete(contact_methods).where(contact_methods.c.id == contact),
            delete(contact_codes).where(contact_codes.c.contact == contact),
            delete(contact_tests).where(contact_tests.c.method == contact),
        ):
            await self.connection.execute(gone)
