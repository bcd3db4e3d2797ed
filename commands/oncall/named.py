"""Which schedule is meant, and whom on it no page would wake."""

from collections.abc import Iterable

from commands.context import Context
from domain.errors import Invalid, NotFound
from domain.message import Context as Remark
from domain.message import Node, spans
from domain.schedule import Schedule
from domain.service import Catalogue


async def schedules(ctx: Context, word: str) -> tuple[Schedule, ...]:
    """Those of a service, team or schedule's name; all of them for an empty word."""
    found = await ctx.unit.catalog.schedules.everything()
    if not word:
        return found
    name = word.removeprefix("@").lower()
    service = Catalogue(await ctx.unit.catalog.services.where()).named(name)
    wanted = {name, service.team if service else name}
    fitting = tuple(one for one in found if {one.id, one.team, one.name.lower()} & wanted)
    if not fitting:
        known = ", ".join(one.id for one in found) or "there is none yet"
        raise NotFound(f"No schedule fits {word}: type one of {known}.", field="target")
    return fitting


async def schedule_meant(ctx: Context, word: str) -> Schedule:
    """The one schedule of a service, team or schedule's name; where there is but one, that.

    One that bears exactly this name is meant before others of a team or service called alike.
    """
    found = await schedules(ctx, word)
    named = tuple(one for one in found if one.id == word.removeprefix("@").lower())
    found = named or found
    if len(found) != 1:
        known = ", ".join(one.id for one in found)
        raise Invalid(f"Which schedule? Type schedule:… with one of {known}.", field="schedule")
    return found[0]


async def asleep(ctx: Context, users: Iterable[str]) -> list[Node]:
    """A line for each of ``users`` whom no page would wake (rules.md 3)."""
    found = await ctx.unit.roster.asleep(users)
    people = {user: await ctx.unit.people.need(user) for user in found}
    return [
        Remark(spans=spans(f"{people[user].name} is {reason}.")) for user, reason in found.items()
    ]
