"""What is mine: pages, incidents, shifts, accounts. The same card is Slack's App Home."""

from datetime import timedelta

from commands.context import Context
from commands.oncall.shifts import shifts_of
from domain.actor import Role, Scope
from domain.args import Nothing
from domain.call import Reply
from domain.command import Grant, command
from domain.person_card import Mine, OwnShift, PersonView, Ringing, person_card
from storage.views import incidents, pages
from storage.views.incidents import IncidentFilter

AHEAD = timedelta(days=28)
MINE = IncidentFilter(open=True, mine=True)


@command("me show", Grant(Role.MEMBER, Scope.READ), examples=("/me", "/me show"))
async def show(ctx: Context, args: Nothing) -> Reply:  # noqa: ARG001 - a command's signature
    """Show your pages, incidents, shifts and accounts, and how you can be reached."""
    view = await _view(ctx)
    return Reply(message=person_card(view), data=view.model_dump(mode="json"))


async def _view(ctx: Context) -> PersonView:
    unit, person = ctx.unit, await ctx.unit.people.need(ctx.person)
    ringing = await pages.pending(unit.scope, person.id)
    mine = await incidents.listed(unit.scope, person.id, MINE)
    shifts = await shifts_of(ctx, AHEAD)
    return PersonView(
        name=person.name,
        roles=tuple(dict.fromkeys(f"{one.role}{_of(one.team)}" for one in ctx.actor.bindings)),
        timezone=person.timezone,
        now=ctx.now,
        ringing=tuple(_ringing(one) for one in ringing),
        incidents=tuple(_mine(one) for one in mine.items),
        shifts=tuple(
            OwnShift(schedule=schedule.name, starts=one.starts, ends=one.ends)
            for schedule, one in shifts
        ),
        links=await unit.links.of(person.id),
        methods=await unit.roster.methods(person.id),
        able=unit.installation.notifies,
        awake_until=person.awake_until,
        quiet=person.quiet,
        chats=unit.installation.platforms,
    )


def _ringing(one: pages.PageView) -> Ringing:
    headline = f"{one.severity} {one.title} · {one.incident}"
    return Ringing(page=one.id, incident=one.incident, headline=headline)


def _mine(one: incidents.IncidentView) -> Mine:
    return Mine(id=one.id, title=one.title, severity=one.severity, status=one.status)


def _of(team: str | None) -> str:
    return f" of {team}" if team else ""
