"""Alerts: what arrived, what was done about it and why, and whose matter it is."""

from typing import Annotated, Literal

from pydantic import Field

from commands.context import Context
from commands.incident.answer import take
from commands.incident.target import meant
from domain.actor import Role, Scope
from domain.alert_facts import BaselinePaged
from domain.alert_jobs import PageBaseline
from domain.args import Arg, Args, IncidentId
from domain.buttons import button
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import Invalid, NotFound, Stale
from domain.incident import Incident
from domain.incident_facts import ServiceSplit
from domain.incident_jobs import SplitOff
from domain.message import Actions, Header, Message, Node, Table, Text, sentence, spans
from domain.page_card import counted
from storage.views.alerts import AlertFilter, AlertView, listed, shown
from storage.views.listing import Cut

SHOWN = 25


class List(Args):
    """Which ones."""

    which: Annotated[
        Literal["firing", "all"], Field(description="Which ones"), Arg("choice", positional=True)
    ] = "firing"


@command(
    "alert list",
    Grant(Role.VIEWER, Scope.READ),
    examples=("/alert list", "/alert list all"),
    words=Words(synonyms=("ls",)),
)
async def alerts(ctx: Context, args: List) -> Reply:
    """List alerts with what was done about each."""
    wanted = AlertFilter(status="firing") if args.which == "firing" else AlertFilter()
    found = await listed(ctx.unit.scope, ctx.actor.user, wanted, Cut(limit=SHOWN))
    if not found.items:
        text = "No alert is firing." if args.which == "firing" else "No alerts yet."
        return Reply(message=sentence(text), data=[])
    rows = tuple(_row(one) for one in found.items)
    table = Table(head=("id", "status", "name", "what was done"), rows=rows)
    data = [one.model_dump(mode="json") for one in found.items]
    return Reply(message=Message(nodes=(table,)), data=data)


def _row(one: AlertView) -> tuple[str, str, str, str]:
    done = one.verdict.action if one.verdict else "not decided yet"
    where = f" {one.incident}" if one.incident else ""
    return one.id, one.status, one.name, f"{done}{where}"


class About(Args):
    """An alert."""

    alert: Annotated[str, Field(description="ALR-7"), Arg("alert", positional=True)]


@command("alert why", Grant(Role.VIEWER, Scope.READ), examples=("/alert why ALR-7",))
async def why(ctx: Context, args: About) -> Reply:
    """Say what was decided about an alert, and why."""
    one = await shown(ctx.unit.scope, ctx.actor.user, _alert_id(args.alert))
    verdict = one.verdict
    done = f"{verdict.action}: {verdict.reason}" if verdict else "not decided yet"
    lines = [
        f"{one.name} is {one.status}, {one.severity}, {counted(one.count, 'episode')} so far.",
        f"What was done: {done}.",
        f"It belongs to {one.incident}." if one.incident else "It belongs to no incident.",
    ]
    told = (Text(spans=spans(line)) for line in lines)
    nodes: list[Node] = [Header(text=f"{one.id} · why"), *told, *await _parting(ctx, one)]
    return Reply(message=Message(nodes=tuple(nodes)), data=one.model_dump(mode="json"))


async def _parting(ctx: Context, one: AlertView) -> tuple[Actions, ...]:
    """What is of another service than its incident may be another matter."""
    incident = await ctx.unit.incidents.get(one.incident or "")
    if incident is None or not incident.open or one.service in (None, incident.service):
        return ()
    target = f"{incident.id},{one.service}"
    return (Actions(buttons=(button("alert split", target, "Not the same: split"),)),)


def _alert_id(word: str) -> str:
    digits = word.upper().removeprefix("ALR-")
    return f"ALR-{digits}"


@command(
    "alert ack",
    Grant(Role.RESPONDER, Scope.PAGE),
    examples=("/alert ack ALR-7",),
)
async def ack(ctx: Context, args: About) -> Reply:
    """Take the incident that an alert belongs to."""
    one = await shown(ctx.unit.scope, ctx.actor.user, _alert_id(args.alert))
    if one.incident is None:
        raise NotFound(f"{one.id} belongs to no incident: see /alert why {one.id}.")
    incident = await ctx.unit.incidents.readable(one.incident, ctx.actor.user)
    ctx.about(incident.team)
    return await take(ctx, incident)


class Split(Args):
    """The service whose alerts are another matter."""

    incident: IncidentId = None
    service: Annotated[
        str,
        Field(min_length=1, max_length=100, description="A service among its alerts"),
        Arg("service", ("svc",), positional=True),
    ]


@command(
    "alert split",
    Grant(Role.RESPONDER),
    examples=("/alert split INC-42 trino",),
)
async def split(ctx: Context, args: Split) -> Reply:
    """Give a service's alerts an incident, and a page, of their own: they are not the same."""
    incident = await meant(ctx, args.incident)
    count = await _symptoms(ctx, incident, args.service)
    await ctx.unit.facts.add(incident.subject, ServiceSplit(service=args.service))
    job = SplitOff(incident=incident.id, service=args.service)
    await ctx.unit.jobs.add(job, key=f"~split:{incident.id}:{args.service}")
    alerts = f"{counted(count, 'alert')} of {incident.id}"
    told = f"{args.service} gets an incident of its own, with {alerts}."
    return Reply(message=sentence(told), data={"id": incident.id, "alerts": count})


async def _symptoms(ctx: Context, incident: Incident, service: str) -> int:
    """How many alerts would leave; refused where none can."""
    if not incident.open:
        raise Stale(f"{incident.id} is {incident.status.value}: /incident reopen comes first.")
    if service == incident.service:
        raise Invalid(
            f"{incident.id} is about {service} itself: name another service in it.", field="service"
        )
    alerts = await ctx.unit.alerts.of(incident.id)
    count = sum(one.service == service for one in alerts)
    if not count:
        others = sorted({one.service for one in alerts if one.service} - {incident.service})
        known = f": name {' or '.join(others)}" if others else ""
        raise NotFound(f"{incident.id} has no alert of {service}{known}.")
    return count


class Source(Args):
    """A source that was heard for the first time."""

    source: Annotated[
        str, Field(max_length=100, description="alertmanager"), Arg("word", positional=True)
    ]


@command("alert baseline", Grant(Role.COMMANDER), examples=("/alert baseline alertmanager",))
async def baseline(ctx: Context, args: Source) -> Reply:
    """Page for what was firing before a source was first heard."""
    alerts = await ctx.unit.alerts.baseline(args.source)
    if not alerts:
        raise NotFound(f"{args.source} has no baseline: see /alert list for what fires.")
    job = PageBaseline(integration=args.source)
    await ctx.unit.jobs.add(job, key=f"~page-baseline:{args.source}")
    fact = BaselinePaged(source=args.source, alerts=len(alerts))
    await ctx.unit.facts.add(f"source:{args.source}", fact)
    return Reply(message=sentence(f"{len(alerts)} alerts of {args.source} are decided about now."))
