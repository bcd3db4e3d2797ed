"""The browsers that a person has asked to be rung in."""

import hashlib
from datetime import datetime

from sqlalchemy import select

from domain.base import Frozen
from domain.contact import masked
from storage.scope import Scope
from storage.tables.contacts import contact_methods


class BrowserView(Frozen):
    """One browser; ``service`` is who carries its notifications. ``digest`` tells the browser
    itself whether it is meant: the address, by which it could be rung, stands nowhere."""

    id: str
    service: str
    digest: str
    since: datetime


async def of(scope: Scope, viewer: str) -> tuple[BrowserView, ...]:
    """The reader's own, in the order in which they asked."""
    mine = (contact_methods.c.user == viewer, contact_methods.c.kind == "push")
    columns = (contact_methods.c.id, contact_methods.c.address, contact_methods.c.created_at)
    query = select(*columns).where(*mine).order_by(contact_methods.c.position)
    return tuple(
        BrowserView(
            id=one,
            service=masked("push", address),
            digest=hashlib.sha256(address.encode()).hexdigest(),
            since=since,
        )
        for one, address, since in await scope.connection.execute(query)
    )
