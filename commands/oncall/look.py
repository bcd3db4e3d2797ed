"""A schedule ahead: its shifts, its gaps, and how fairly it is shared."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from commands.context import Context
from commands.oncall.named import schedule_meant, schedules
from domain.absence import conflicts
from domain.actor import Role, Scope
from domain.args import Arg, Args
from domain.authorize import leads
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.fairness import Load, Quality, loads, quality
from domain.message import Context as Remark
from domain.message import Header, Message, Node, Table, Text, bold, moment, sentence, spans
from domain.schedule import FinalShift, Schedule, final_shifts, gaps

MOST_LINES = 40
FEWEST = 5  # people of whom a figure for each is shown (rules.md 25)
HEADS = ("Person", "Hours", "Nights", "Weekends", "Turns")


class Ahead(Args):
    """Which schedule, and how far ahead."""

    target: Annotated[
        str,
        Field(max_length=100, description="A service, team or schedule"),
        Arg("target", positional=True),
    ] = ""
    days: Annotated[int, Field(ge=1, le=92, description="How many days"), Arg("number")] = 14


@command(
    "oncall schedule",
    Grant(Role.VIEWER, Scope.READ),
    examples=("/oncall schedule data-platform", "/oncall schedule web days:28"),
    words=Words(synonyms=("shifts", "calendar")),
)
async def schedule(ctx: Context, args: Ahead) -> Reply:
    """Show who will be on call, when nobody will, and how good the schedule is."""
    meant = await schedule_meant(ctx, args.target)
    since, until = ctx.now, ctx.now + timedelta(days=args.days)
    shifts = final_shifts(meant, since, until)
    names = await _names(ctx)
    found = quality(meant, since)
    lines = [_shift(shift, names) for shift in shifts[:MOST_LINES]]
    if len(shifts) > MOST_LINES:
        lines.append(Remark(spans=spans(f"And {len(shifts) - MOST_LINES} more: type fewer days.")))
    head = Header(text=f"{meant.name}, the next {args.days} days")
    nodes = (head, *lines, *_gap_lines([meant], ctx, args.days), _verdict(found))
    return Reply(message=Message(nodes=nodes), data=_schedule_json(meant, shifts, found))


@command(
    "oncall gaps",
    Grant(Role.VIEWER, Scope.READ),
    examples=("/oncall gaps", "/oncall gaps web days:28"),
)
async def missing(ctx: Context, args: Ahead) -> Reply:
    """Show when nobody will be on call, or only somebody who is away."""
    meant = await schedules(ctx, args.target)
    lines = [*_gap_lines(meant, ctx, args.days), *await _away_lines(ctx, meant, args.days)]
    data = [
        {"schedule": one.id, "starts": gap.starts.isoformat(), "ends": gap.ends.isoformat()}
        for one in meant
        for gap in gaps(one, ctx.now, ctx.now + timedelta(days=args.days))
    ]
    if not lines:
        told = f"Somebody is on call throughout the next {args.days} days."
        return Reply(message=sentence(told), data=data)
    nodes = (Header(text="Where nobody is there", tone="danger"), *lines)
    return Reply(message=Message(nodes=nodes), data=data)


@command(
    "oncall fairness",
    Grant(Role.VIEWER, Scope.READ),
    examples=("/oncall fairness data-platform", "/oncall fairness web days:28"),
    words=Words(synonyms=("load",)),
)
async def fairness(ctx: Context, args: Ahead) -> Reply:
    """Show hours, nights and weekends on call: yours, and to a lead everybody's."""
    meant = await schedule_meant(ctx, args.target)
    reach = timedelta(days=args.days)
    found = loads(meant, ctx.now - reach, ctx.now + reach)
    shown = _shown(ctx, meant, found)
    names = await _names(ctx)
    rows = [_row(names.get(one.user, one.user), one) for one in shown]
    rows.append(_row("Everybody together", _total(found)))
    head = Header(text=f"{meant.name}, {args.days} days back and {args.days} ahead")
    why = () if len(shown) == len(found) else (Remark(spans=spans(_withheld(found))),)
    nodes = (head, Table(head=HEADS, rows=tuple(rows)), *why)
    data = [one.model_dump() for one in shown]
    return Reply(message=Message(nodes=nodes), data=data)


def _shown(ctx: Context, meant: Schedule, found: tuple[Load, ...]) -> tuple[Load, ...]:
    """Everybody's to their lead where they are enough, else one's own."""
    if leads(ctx.actor, meant.team) and len(found) >= FEWEST:
        return found
    return tuple(one for one in found if one.user == ctx.actor.user)


def _withheld(found: tuple[Load, ...]) -> str:
    if len(found) < FEWEST:
        return f"Fewer than {FEWEST} people: each sees their own figures only."
    return "Each sees their own figures, their lead everybody's."


def _total(found: tuple[Load, ...]) -> Load:
    return Load(
        user="",
        hours=sum(one.hours for one in found),
        nights=sum(one.nights for one in found),
        weekends=sum(one.weekends for one in found),
        turns=sum(one.turns for one in found),
    )


def _row(name: str, one: Load) -> tuple[str, ...]:
    figures = (one.hours, one.nights, one.weekends, one.turns)
    return (name, *(f"{figure:g}" for figure in figures))


def _shift(shift: FinalShift, names: dict[str, str]) -> Node:
    said = (bold(names.get(shift.user, shift.user)), ": ", moment(shift.starts), " to ")
    by = " (override)" if shift.override else ""
    return Text(spans=spans(*said, moment(shift.ends), by))


def _gap_lines(meant: Iterable[Schedule], ctx: Context, days: int) -> list[Node]:
    return [
        Text(
            spans=spans(
                "⚠ ", bold(one.name), ": nobody from ", moment(gap.starts), " to ", moment(gap.ends)
            )
        )
        for one in meant
        for gap in gaps(one, ctx.now, ctx.now + timedelta(days=days))
    ]


async def _away_lines(ctx: Context, meant: Iterable[Schedule], days: int) -> list[Node]:
    """Who is on call while they have said that they are away."""
    names = await _names(ctx)
    away = await ctx.unit.absences.between(ctx.now, ctx.now + timedelta(days=days))
    found = [clash for one in away for clash in conflicts(one, meant, away)]
    return [
        Text(
            spans=spans(
                *("⚠ ", bold(one.schedule), f": {names.get(one.user, one.user)} is away from "),
                *(moment(one.starts), " to ", moment(one.ends)),
            )
        )
        for one in sorted(found, key=lambda clash: clash.starts)
    ]


def _verdict(found: Quality) -> Node:
    why = " ".join(f"{one.reason} (−{one.points})" for one in found.deductions)
    return Remark(spans=spans(f"Quality {found.score} of 100. {why}".rstrip()))


def _schedule_json(
    meant: Schedule, shifts: tuple[FinalShift, ...], found: Quality
) -> dict[str, Any]:
    return {
        "schedule": meant.id,
        "shifts": [
            {
                "user": one.user,
                "starts": one.starts.isoformat(),
                "ends": one.ends.isoformat(),
                "layer": one.layer,
                "override": one.override,
            }
            for one in shifts
        ],
        "quality": found.model_dump(mode="json"),
    }


async def _names(ctx: Context) -> dict[str, str]:
    return {one.id: one.name for one in await ctx.unit.people.everybody()}
