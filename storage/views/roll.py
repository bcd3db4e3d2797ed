"""Who can be rung as things stand, and whose turn it is in each policy."""

from sqlalchemy import select

from domain.actor import Role
from domain.projection import Member, Roll
from storage.catalog import Catalog
from storage.people import People
from storage.scope import Scope
from storage.tables.ledger import numbers

TURN = "turn:"


async def roll(scope: Scope) -> Roll:
    """Every schedule, and everybody who is active."""
    people = People(scope)
    admins = {one.id for one in await people.with_role(Role.ADMIN)}
    active = (one for one in await people.everybody() if one.active)
    return Roll(
        schedules={one.id: one for one in await Catalog(scope).schedules.everything()},
        people={
            one.id: Member(name=one.name, team=one.team, admin=one.id in admins) for one in active
        },
    )


async def turns(scope: Scope) -> dict[str, int]:
    """How often each policy was triggered in which somebody's turn is counted."""
    like = numbers.c.name.startswith(TURN, autoescape=True)
    rows = await scope.connection.execute(select(numbers.c.name, numbers.c.last).where(like))
    return {name.removeprefix(TURN): last for name, last in rows}
