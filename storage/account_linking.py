"""Codes by which chat accounts are linked. Only their hashes are stored."""

from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update

from domain.account import Account
from domain.account_linking import LinkCode
from domain.one_time_code import LASTS
from storage.people import hashed
from storage.scope import Scope
from storage.tables.people import link_codes, link_misses

KEPT = timedelta(days=1)


class LinkCodes:
    """One code at a time for each account; who types wrong ones is counted."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def give(self, account: Account, code: str) -> None:
        """Let ``code`` link ``account``; an earlier one does so no more."""
        mine = delete(link_codes).where(
            link_codes.c.platform == account.platform,
            link_codes.c.workspace == account.workspace,
            link_codes.c.account == account.id,
        )
        await self.scope.connection.execute(mine)
        row = {
            "hash": hashed(code),
            "platform": account.platform,
            "workspace": account.workspace,
            "account": account.id,
            "name": account.name,
            "expires_at": self.scope.now + LASTS,
        }
        await self.scope.connection.execute(insert(link_codes).values(**row))

    async def find(self, code: str) -> LinkCode | None:
        """The code, used or expired as it may be."""
        query = select(link_codes).where(link_codes.c.hash == hashed(code))
        row = (await self.scope.connection.execute(query)).mappings().first()
        if row is None:
            return None
        account = Account(
            platform=row["platform"],
            workspace=row["workspace"],
            id=row["account"],
            name=row["name"],
        )
        return LinkCode(account=account, expires_at=row["expires_at"], used_at=row["used_at"])

    async def use(self, code: str) -> bool:
        """Let it work no more; False where somebody has used it already."""
        unused = (link_codes.c.hash == hashed(code), link_codes.c.used_at.is_(None))
        used = update(link_codes).where(*unused).values(used_at=self.scope.now)
        return bool((await self.scope.connection.execute(used)).rowcount)

    async def missed(self, user: str) -> None:
        """Count a code that was none."""
        row = {"id": self.scope.ids.new(), "user": user, "at": self.scope.now}
        await self.scope.connection.execute(insert(link_misses).values(**row))

    async def misses(self, user: str) -> int:
        """How many the person typed lately, for as long as a code lasts."""
        lately = (link_misses.c.user == user, link_misses.c.at > self.scope.now - LASTS)
        query = select(func.count()).select_from(link_misses).where(*lately)
        return int((await self.scope.connection.execute(query)).scalar_one())

    async def forget(self) -> None:
        """Drop what has not mattered for a day."""
        before = self.scope.now - KEPT
        for old in (
            delete(link_codes).where(link_codes.c.expires_at < before),
            delete(link_misses).where(link_misses.c.at < before),
        ):
            await self.scope.connection.execute(old)
