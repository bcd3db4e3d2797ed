"""What adapters of outside chats must remember: accounts, requests, conversations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from domain.account import Account, Link, LinkedBy
from storage.scope import Scope
from storage.tables.chats import conversations, heard
from storage.tables.contacts import contact_tests
from storage.tables.people import identities


class Links:
    """Which accounts are whose. One account belongs to one person at most."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def of_account(self, account: Account) -> Link | None:
        """The person behind an account."""
        found = await self._where(
            identities.c.platform == account.platform,
            identities.c.workspace == account.workspace,
            identities.c.account == account.id,
        )
        return found[0] if found else None

    async def of(self, user: str) -> tuple[Link, ...]:
        """The person's accounts, the first linked first."""
        return await self._where(identities.c.user == user)

    async def on(self, platform: str) -> tuple[Link, ...]:
        """Every linked account of a platform."""
        return await self._where(identities.c.platform == platform)

    async def put(self, account: Account, user: str, by: LinkedBy) -> None:
        """Link ``account`` to ``user``; an account that was somebody else's changes hands."""
        await self.cut(account)
        row = {
            "platform": account.platform,
            "workspace": account.workspace,
            "account": account.id,
            "user": user,
            "linked_by": by,
            "created_at": self.scope.now,
        }
        await self.scope.connection.execute(insert(identities).values(**row))

    async def cut(self, account: Account) -> bool:
        """Undo the link, and what its person had heard there; False where there was none."""
        this = (
            identities.c.platform == account.platform,
            identities.c.workspace == account.workspace,
            identities.c.account == account.id,
        )
        theirs = contact_tests.c.user.in_(select(identities.c.user).where(*this))
        heard_there = (theirs, contact_tests.c.method == account.platform)
        await self.scope.connection.execute(delete(contact_tests).where(*heard_there))
        gone = delete(identities).where(*this)
        return bool((await self.scope.connection.execute(gone)).rowcount)

    async def _where(self, *wanted: Any) -> tuple[Link, ...]:
        known = [identities.c[name] for name in Link.model_fields]
        query = select(*known).where(*wanted).order_by(identities.c.created_at)
        rows = (await self.scope.connection.execute(query)).mappings()
        return tuple(Link.model_validate(dict(row)) for row in rows)


class Conversations:
    """How a platform's adapter finds a person or room again, by its own key."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def get(self, platform: str, key: str) -> dict[str, Any] | None:
        """The reference kept under ``key``."""
        mine = (conversations.c.platform == platform, conversations.c.key == key)
        query = select(conversations.c.reference).where(*mine)
        found: dict[str, Any] | None = (await self.scope.connection.execute(query)).scalar()
        return found

    async def newest(self, platform: str, begins: str) -> dict[str, Any] | None:
        """The reference that was kept last of those whose keys begin so."""
        fitting = (conversations.c.platform == platform, conversations.c.key.startswith(begins))
        query = select(conversations.c.reference).where(*fitting)
        newest = query.order_by(conversations.c.at.desc()).limit(1)
        found: dict[str, Any] | None = (await self.scope.connection.execute(newest)).scalar()
        return found

    async def put(self, platform: str, key: str, reference: Mapping[str, Any]) -> None:
        """Keep ``reference``, in place of what was there."""
        mine = (conversations.c.platform == platform, conversations.c.key == key)
        row = {"reference": dict(reference), "at": self.scope.now}
        changed = update(conversations).where(*mine).values(**row)
        if not (await self.scope.connection.execute(changed)).rowcount:
            made = insert(conversations).values(platform=platform, key=key, **row)
            await self.scope.connection.execute(made)


class Requests:
    """Signed requests that were heard: each counts once."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def hear(self, key: str) -> bool:
        """Whether ``key`` is heard for the first time."""
        first = self.scope.insert_new(heard, "key").values(key=key, at=self.scope.now)
        done = await self.scope.connection.execute(first.returning(heard.c.key))
        return done.first() is not None

    async def forget(self, before: datetime) -> None:
        """Drop what is too old to be accepted anyway."""
        await self.scope.connection.execute(delete(heard).where(heard.c.at < before))
