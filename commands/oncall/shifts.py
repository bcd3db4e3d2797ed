"""Your own shifts."""

from datetime import timedelta

from commands.context import Context
from domain.actor import Role, Scope
from domain.args import Nothing
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.message import Header, Message, Text, bold, moment, sentence, spans
from domain.schedule import FinalShift, Schedule, final_shifts

AHEAD = timedelta(days=28)


@command(
    "oncall me",
    Grant(Role.VIEWER, Scope.READ),
    examples=("/oncall me",),
    words=Words(roots=("me shifts",)),
)
async def me(ctx: Context, args: Nothing) -> Reply:  # noqa: ARG001 - a command's signature
    """Show your shifts and your pages that still ring."""
    shifts = await shifts_of(ctx, AHEAD)
    ringing = await ctx.unit.pages.to(ctx.person)
    lines = [Text(spans=spans(f"● {page.incident}: {page.why}")) for page in ringing]
    lines += [_shift(schedule, shift) for schedule, shift in shifts]
    if not lines:
        return Reply(message=sentence("You have no shifts in the next four weeks."), data=[])
    data = [_json(schedule, shift) for schedule, shift in shifts]
    head = Header(text="Your pages and shifts")
    return Reply(message=Message(nodes=(head, *lines)), data=data)


@command("oncall next", Grant(Role.VIEWER, Scope.READ), examples=("/oncall next",))
async def upcoming(ctx: Context, args: Nothing) -> Reply:  # noqa: ARG001 - a command's signature
    """Say when your next shift begins."""
    shifts = [one for one in await shifts_of(ctx, AHEAD) if one[1].ends > ctx.now]
    if not shifts:
        return Reply(message=sentence("You have no shift in the next four weeks."))
    schedule, shift = shifts[0]
    return Reply(message=Message(nodes=(_shift(schedule, shift),)), data=_json(schedule, shift))


async def shifts_of(ctx: Context, ahead: timedelta) -> list[tuple[Schedule, FinalShift]]:
    """The shifts of the person who asks that end within ``ahead``, the next one first."""
    found = [
        (schedule, shift)
        for schedule in await ctx.unit.catalog.schedules.everything()
        for shift in final_shifts(schedule, ctx.now, ctx.now + ahead)
        if shift.user == ctx.person
    ]
    return sorted(found, key=lambda one: one[1].starts)


def _json(schedule: Schedule, shift: FinalShift) -> dict[str, str]:
    return {
        "schedule": schedule.id,
        "starts": shift.starts.isoformat(),
        "ends": shift.ends.isoformat(),
        "reason": shift.reason,
    }


def _shift(schedule: Schedule, shift: FinalShift) -> Text:
    line = spans(bold(f"{schedule.name}: "), moment(shift.starts), " to ", moment(shift.ends), "")
    return Text(spans=line)
