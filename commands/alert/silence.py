"""Silences: what should ring nobody for a while, shown before it is so, and ended early."""

from datetime import timedelta
from typing import Annotated, NamedTuple

from pydantic import Field

from commands.context import Context
from domain.actor import Role, Scope
from domain.alert import Alert, traits
from domain.args import Arg, Args, DurationArg, Nothing
from domain.authorize import roles_of, suffices
from domain.buttons import button
from domain.call import Reply
from domain.command import Grant, Words, command, held, planned
from domain.errors import NotFound, Stale
from domain.guard import Approver, Guard
from domain.matcher import Matcher, fits, parse_matchers
from domain.message import (
    Actions,
    Button,
    Header,
    Message,
    Node,
    Text,
    bold,
    moment,
    sentence,
    spans,
)
from domain.page_card import counted
from domain.plan import Plan
from domain.silence import (
    RESPONDER_MOST,
    Silence,
    SilenceAdded,
    SilenceLifted,
    TellSilenceOver,
    require_naming,
)
from domain.when import in_words

DAY = timedelta(days=1)
MOST_ENDED = 5
# Who types a line for a program has --dry-run, and nothing to press.
PROGRAMS = ("api", "cli")
FURTHER = Guard(
    id="alert-silence-further",
    command="alert silence",
    approvers=(Approver(kind="role", id="commander"),),
    danger="reversible",
    expires=timedelta(hours=1),
)


class Hide(Args):
    """What to keep quiet, for how long, and why; ``confirm`` is the preview that was looked at."""

    matchers: Annotated[
        str,
        Field(min_length=3, max_length=500, description='service=trino alertname="Slow"'),
        Arg("text", ("match",), positional=True),
    ]
    lasts: Annotated[DurationArg, Field(description="30m, 2h"), Arg("duration", ("for",))] = (
        timedelta(hours=1)
    )
    why: Annotated[str, Field(min_length=3, max_length=200, description="Why"), Arg("text")]
    confirm: Annotated[
        str, Field(max_length=64, description="7f3a9c…"), Arg("word", asked=False)
    ] = ""


class Reach(NamedTuple):
    """What a silence would hide: of the last 24 hours as an example, and whose it is.

    ``team`` owns the service it names; ``teams`` own what it would have hidden.
    """

    matchers: tuple[Matcher, ...]
    team: str | None
    teams: frozenset[str | None]
    hidden: tuple[Alert, ...]
    pages: int

    def is_within(self, team: str | None) -> bool:
        """Whether it hides alerts of ``team`` and of nobody else, as far as is known."""
        if team is None:
            return False
        return self.team == team if self.team else self.teams == {team}


async def preview(ctx: Context, args: Hide) -> Plan:
    """The plan of `silence`."""
    return _plan(await _reach(ctx, args), args)


async def further(ctx: Context, args: Hide) -> Guard | None:
    """A responder silences their own team's alerts for four hours; more waits for a commander
    (rules.md 8)."""
    reach = await _reach(ctx, args)
    if any(suffices(one, Role.COMMANDER) for one in roles_of(ctx.actor, reach.team)):
        return None
    person = await ctx.unit.people.need(ctx.person)
    allowed = args.lasts <= RESPONDER_MOST and reach.is_within(person.team)
    return None if allowed else FURTHER


@held(further)
@planned(preview)
@command(
    "alert silence",
    Grant(Role.RESPONDER),
    examples=("/alert silence service=trino for:2h why:planned restart",),
    words=Words(synonyms=("snooze",)),
)
async def silence(ctx: Context, args: Hide) -> Reply:
    """Keep alerts that fit from paging, for a while; shows first what that would have hidden."""
    reach = await _reach(ctx, args)
    plan = _plan(reach, args)
    asks = ctx.call.approved is None and ctx.call.origin.surface not in PROGRAMS
    if asks and args.confirm != plan.digest:
        return await _shown(ctx, args, plan)
    made = await _keep(ctx, reach.matchers, args)
    told = spans(f"{made.id}: {made.named} is silenced until ", moment(made.ends_at), ". ")
    nodes = (Text(spans=(*told, *spans(plan.preview))), Actions(buttons=(_lifting(made),)))
    data = {"id": made.id, "would_have_hidden": len(reach.hidden), "pages": reach.pages}
    return Reply(message=Message(nodes=nodes), data=data)


def _plan(reach: Reach, args: Hide) -> Plan:
    named = " ".join(str(one) for one in reach.matchers)
    hidden = f"{counted(len(reach.hidden), 'alert')} and {counted(reach.pages, 'page')}"
    return Plan(
        title=f"Silence {named} for {in_words(args.lasts)}",
        text=f"Alerts with {named} ring nobody for {in_words(args.lasts)}. Why: {args.why}",
        preview=f"It would have hidden {hidden} in the last 24 h.",
        team=reach.team,
    )


async def _reach(ctx: Context, args: Hide) -> Reach:
    """Raises `Invalid` for matchers that name nothing."""
    matchers = parse_matchers(args.matchers)
    require_naming(matchers)
    owners = {one.id: one.team for one in await ctx.unit.catalog.services.where()}
    named = {one.value for one in matchers if one.name == "service" and one.op == "="}
    team = next((owners[one] for one in sorted(named) if one in owners), None)
    recent = await ctx.unit.alerts.since(ctx.now - DAY)
    hidden = tuple(one for one in recent if fits(matchers, traits(one)))
    teams = frozenset(owners.get(one.service or "") for one in hidden)
    ctx.about(team)
    return Reach(matchers, team, teams, hidden, await _pages(ctx, hidden))


async def _pages(ctx: Context, hidden: tuple[Alert, ...]) -> int:
    """How many pages would not have been: those of incidents with no other alert."""
    ids = {one.id for one in hidden}
    count = 0
    for incident in {one.incident for one in hidden if one.incident}:
        if all(one.id in ids for one in await ctx.unit.alerts.of(incident)):
            count += len(await ctx.unit.pages.of(incident))
    return count


async def _shown(ctx: Context, args: Hide, plan: Plan) -> Reply:
    """Nothing is kept yet: the button makes the call of exactly this plan."""
    if args.confirm:
        raise Stale("That was another preview: type /alert silence again and look.")
    given = ctx.call.args | {"confirm": plan.digest}
    made = await ctx.unit.calls.store("alert silence", given)
    go = Button(id=made, label=f"Silence for {in_words(args.lasts)}", style="primary")
    told = spans(f"{plan.title}? {plan.preview}")
    nodes = (Text(spans=told), Actions(buttons=(go,)))
    return Reply(message=Message(nodes=nodes), refused="confirm", data={"plan": plan.text})


async def _keep(ctx: Context, matchers: tuple[Matcher, ...], args: Hide) -> Silence:
    unit = ctx.unit
    number = await unit.numbers.next("SIL")
    made = Silence(
        id=f"SIL-{number}",
        matchers=matchers,
        starts_at=ctx.now,
        ends_at=ctx.now + args.lasts,
        created_by=ctx.actor.by,
        why=args.why,
    )
    await unit.alerts.silence(made)
    fact = SilenceAdded(silence=made.id, matchers=made.named, until=made.ends_at)
    await unit.facts.add(made.subject, fact, args.why)
    over = TellSilenceOver(silence=made.id, user=ctx.person)
    await unit.jobs.add(over, due=made.ends_at, subject=made.subject)
    return made


def _lifting(one: Silence) -> Button:
    return button("alert unsilence", one.id, "End it now")


@command("alert silences", Grant(Role.VIEWER, Scope.READ), examples=("/alert silences",))
async def silences(ctx: Context, args: Nothing) -> Reply:  # noqa: ARG001 - a command's signature
    """List what is silenced now, by whom and until when."""
    found = await ctx.unit.alerts.silences()
    if not found:
        return Reply(message=sentence("Nothing is silenced."), data=[])
    head = Header(text=counted(len(found), "silence"))
    ends = (button("alert unsilence", one.id, f"End {one.id}") for one in found[:MOST_ENDED])
    nodes: tuple[Node, ...] = (head, *map(_line, found), Actions(buttons=tuple(ends)))
    data = [one.model_dump(mode="json") for one in found]
    return Reply(message=Message(nodes=nodes), data=data)


def _line(one: Silence) -> Text:
    by = f", by {one.created_by}: {one.why}"
    told = spans(bold(one.id), f" {one.named} until ", moment(one.ends_at), by)
    return Text(spans=told)


class Which(Args):
    """A silence."""

    silence: Annotated[str, Field(max_length=60, description="SIL-3"), Arg("word", positional=True)]


@command(
    "alert unsilence",
    Grant(Role.RESPONDER),
    examples=("/alert unsilence SIL-3",),
    words=Words(synonyms=("unsnooze",)),
)
async def unsilence(ctx: Context, args: Which) -> Reply:
    """End a silence now: what fits rings again from its next episode on."""
    unit = ctx.unit
    wanted = args.silence.strip().upper()
    found = next((one for one in await unit.alerts.silences() if one.id.upper() == wanted), None)
    if found is None:
        raise NotFound(f"{args.silence} silences nothing now: see /alert silences.")
    await unit.alerts.lift(found)
    await unit.jobs.cancel(found.subject, (TellSilenceOver,))
    fact = SilenceLifted(silence=found.id, matchers=found.named)
    await unit.facts.add(found.subject, fact)
    if found.created_by != ctx.person:
        await unit.jobs.add(TellSilenceOver(silence=found.id, user=found.created_by))
    text = f"{found.named} rings again from now on. {found.id} is over."
    return Reply(message=sentence(text), data={"id": found.id})
