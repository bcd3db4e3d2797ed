"""Tests of the ways to people. The code in a letter's link proves itself and is not stored."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select

from domain.contact import ContactMethod
from domain.reachability import KEPT, ReachTest
from storage.rows import Rows
from storage.scope import Scope
from storage.tables.contacts import contact_tests

# what tells the code of a test from that of a page
CODED = "test_"


class ReachTests(Rows[ReachTest]):
    """Every test; whose it is is the caller's to check."""

    table = contact_tests
    model = ReachTest
    noun = "test"

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope

    async def begin(
        self, user: str, ways: Iterable[tuple[ContactMethod, str]]
    ) -> tuple[ReachTest, ...]:
        """A round: one test for each method, called by the words beside it."""
        number = self.scope.ids.new()
        made = [
            ReachTest(
                id=self.scope.ids.new(),
                round=number,
                user=user,
                method=one.id,
                kind=one.kind,
                name=words,
                at=self.scope.now,
            )
            for one, words in ways
        ]
        await self.add_all(made)
        return tuple(made)

    def code(self, test: str) -> str:
        """The code that may confirm this one test, for the link in a letter."""
        return self.scope.codes.code(f"{CODED}{test}")

    async def by_code(self, code: str) -> ReachTest | None:
        """The test that ``code`` may confirm."""
        named = self.scope.codes.page_of(code) or ""
        return await self.get(named.removeprefix(CODED)) if named.startswith(CODED) else None

    async def by_receipt(self, receipt: str) -> ReachTest | None:
        """The test whose message the provider calls so."""
        return await self.first(contact_tests.c.receipt == receipt)

    async def in_round(self, number: str) -> tuple[ReachTest, ...]:
        """The tests of a round, in the order of the methods."""
        return await self.where(contact_tests.c.round == number, order=contact_tests.c.id)

    async def of(self, user: str) -> tuple[ReachTest, ...]:
        """Every test of the person's, oldest first."""
        return await self.where(contact_tests.c.user == user, order=contact_tests.c.id)

    async def last_begun(self, user: str) -> datetime | None:
        """When the person's last round began."""
        query = select(contact_tests.c.at).where(contact_tests.c.user == user)
        newest = query.order_by(contact_tests.c.id.desc()).limit(1)
        found: datetime | None = (await self.connection.execute(newest)).scalar()
        return found

    async def drop(self, user: str, method: str) -> None:
        """Another address stands behind the method now: what was heard there says nothing."""
        mine = (contact_tests.c.user == user, contact_tests.c.method == method)
        await self.connection.execute(delete(contact_tests).where(*mine))

    async def forget(self) -> None:
        """Drop what is as old as the audit trail gets."""
        old = contact_tests.c.at < self.scope.now - KEPT
        await self.connection.execute(delete(contact_tests).where(old))
