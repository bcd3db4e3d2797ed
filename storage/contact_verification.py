"""Codes that verify contact methods. Only their hashes are stored."""

from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import RowMapping

from domain.contact_verification import HOUR, ContactCode
from domain.one_time_code import LASTS, code_from
from storage.people import hashed
from storage.rows import Rows
from storage.scope import Scope
from storage.tables.contacts import contact_codes

KEPT = timedelta(days=1)


class ContactCodes(Rows[ContactCode]):
    """At most one code works for a contact method. Whose it is stands in each question."""

    table = contact_codes
    model = ContactCode
    noun = "code"

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope

    def read(self, row: RowMapping) -> ContactCode:
        """A row as a value, without the hash by which it is found."""
        return ContactCode.model_validate({name: row[name] for name in ContactCode.model_fields})

    async def give(self, user: str, contact: str) -> ContactCode:
        """Make a code for a contact method; an earlier one works no more."""
        earlier = update(contact_codes).where(
            contact_codes.c.contact == contact, contact_codes.c.expires_at > self.scope.now
        )
        await self.connection.execute(earlier.values(expires_at=self.scope.now))
        made = ContactCode(
            id=self.scope.ids.new(),
            contact=contact,
            user=user,
            created_at=self.scope.now,
            expires_at=self.scope.now + LASTS,
        )
        row = made.model_dump() | {"hash": hashed(self.words(made.id))}
        await self.connection.execute(insert(contact_codes), row)
        return made

    def words(self, code: str) -> str:
        """The code itself, made from its id."""
        return code_from(self.scope.codes.code(f"contact:{code}"))

    async def find(self, user: str, typed: str) -> ContactCode | None:
        """The person's code, used or expired as it may be."""
        mine = (contact_codes.c.user == user, contact_codes.c.hash == hashed(typed))
        return await self.first(*mine)

    async def newest(self, contact: str) -> ContactCode | None:
        """The last code for a contact method."""
        found = await self.where(
            contact_codes.c.contact == contact, order=contact_codes.c.id.desc(), limit=1
        )
        return found[0] if found else None

    async def lately(self, user: str) -> int:
        """How many the person asked for within an hour."""
        mine = (contact_codes.c.user == user, contact_codes.c.created_at > self.scope.now - HOUR)
        query = select(func.count()).select_from(contact_codes).where(*mine)
        return int((await self.connection.execute(query)).scalar_one())

    async def missed(self, user: str) -> None:
        """Count a wrong code against every one of the person's that still works."""
        mine = update(contact_codes).where(
            contact_codes.c.user == user, contact_codes.c.expires_at > self.scope.now
        )
        await self.connection.execute(mine.values(tries=contact_codes.c.tries + 1))

    async def forget(self) -> None:
        """Drop what has not mattered for a day."""
        old = contact_codes.c.expires_at < self.scope.now - KEPT
        await self.connection.execute(delete(contact_codes).where(old))
