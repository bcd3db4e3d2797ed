"""A person's accounts on chat platforms, as only they see them."""

from datetime import datetime

from sqlalchemy import select

from domain.account import LinkedBy, Platform
from domain.base import Frozen
from storage.scope import Scope
from storage.tables.people import identities


class AccountView(Frozen):
    """An account, how it was linked, and since when."""

    platform: Platform
    workspace: str
    account: str
    linked_by: LinkedBy
    created_at: datetime


async def of(scope: Scope, viewer: str) -> tuple[AccountView, ...]:
    """The reader's accounts, the first linked first."""
    columns = (identities.c[name] for name in AccountView.model_fields)
    query = select(*columns).where(identities.c.user == viewer).order_by(identities.c.created_at)
    rows = (await scope.connection.execute(query)).mappings()
    return tuple(AccountView.model_validate(dict(row)) for row in rows)
