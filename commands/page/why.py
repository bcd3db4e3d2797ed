"""Why somebody was paged: the rule, the step, the layer, every attempt, and what comes next."""

from commands.context import Context
from commands.page.answer import Answer, named
from commands.page.foresee import roll_of, steps_table
from domain.actor import Role, Scope
from domain.alert import Alert
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import NotFound
from domain.escalation import EscalationPolicy, describe
from domain.incident import Incident
from domain.message import Context as Remark
from domain.message import Header, Message, Node, Table, Text, spans
from domain.paging import Escalation, Page, Ring
from domain.projection import Projected, project

RECEIPT = ("platform", "room", "message")


@command(
    "page why",
    Grant(Role.VIEWER, Scope.READ),
    examples=("/page why 42", "/why 42"),
    words=Words(roots=("why",)),
)
async def why(ctx: Context, args: Answer) -> Reply:
    """Say why you were paged, everything that was tried, and what comes next."""
    pages, incident = await _about(ctx, args.page)
    alert = next(iter(await ctx.unit.alerts.of(incident.id)), None)
    nodes: list[Node] = [Header(text=f"Why {incident.id} paged"), _rule(alert, incident)]
    for page in pages:
        nodes += await _of(ctx, page)
    coming = await _coming(ctx, incident)
    nodes += [steps_table(coming)] if coming else [_nothing(incident)]
    data = {
        "incident": incident.id,
        "pages": [page.id for page in pages],
        "page": pages[-1].id if pages else None,
        "why": pages[-1].why if pages else None,
        "next": [one.model_dump(mode="json") for one in coming],
    }
    return Reply(message=Message(nodes=tuple(nodes)), data=data)


async def _about(ctx: Context, word: str) -> tuple[tuple[Page, ...], Incident]:
    """The reader's own page, or every page of an incident that they may read."""
    found = await named(ctx, word)
    digits = word.lower().removeprefix("inc-")
    if found is None and not digits.isdigit():
        raise NotFound("No page of yours fits: type /oncall me to see your pages.", field="page")
    name = found.incident if found else f"INC-{digits}"
    incident = await ctx.unit.incidents.readable(name, ctx.actor.user)
    return (found,) if found else await ctx.unit.pages.of(name), incident


def _rule(alert: Alert | None, incident: Incident) -> Node:
    if alert is None or alert.verdict is None:
        return Text(spans=spans(f"By hand: declared by {incident.source}."))
    return Text(spans=spans(f"Rule: {alert.id} {alert.verdict.action}: {alert.verdict.reason}."))


async def _of(ctx: Context, page: Page) -> list[Node]:
    """One page: which step, which layer or override, and each attempt with its receipt."""
    person = await ctx.unit.people.need(page.user)
    told = [f"{person.name}: {page.why}", *await _step(ctx, page)]
    told += ["by direct message alone: said to be awake"] if page.dm_only else []
    told += [f"late by {page.late_s} s"] if page.late_s >= 1 else []
    rings: list[tuple[str, ...]] = [
        (f"ring {ring.k + 1} by {ring.method}", f"{ring.at:%H:%M:%S}", _came(ring), _receipt(ring))
        for ring in await ctx.unit.pages.rings(page.id)
    ]
    first = ("paged", f"{page.created_at:%H:%M:%S}", page.state, "")
    table = Table(head=("what", "at (UTC)", "result", "receipt"), rows=(first, *rings))
    return [Text(spans=spans("; ".join(told) + ".")), table]


async def _step(ctx: Context, page: Page) -> list[str]:
    """The step of the policy as it was then, and the layer or override as the schedule is now."""
    if page.escalation is None:
        return []
    escalation = await ctx.unit.escalations.look(page.escalation)
    if escalation is None:
        return []
    policy = _policy(escalation)
    at_step = project(policy, page.step, page.created_at, await roll_of(ctx))[0]
    by = next((one.why for one in at_step.rung if one.user == page.user), "")
    step = f"{describe(policy, page.step)} of {policy.name} ({escalation.cause})"
    return [step, by] if by else [step]


def _came(ring: Ring) -> str:
    """What came of it, and when that was told."""
    at = f" {ring.told_at:%H:%M:%S}" if ring.told_at else ""
    return f"{ring.told or ring.result}{at}"


def _receipt(ring: Ring) -> str:
    """What the provider gave back: where the message stands or what it is called there, or why
    it was refused."""
    told = [str(ring.ref[name]) for name in RECEIPT if ring.ref.get(name)]
    told += [one for one in (ring.receipt, ring.ref.get("error")) if one]
    return " ".join(told)


async def _coming(ctx: Context, incident: Incident) -> tuple[Projected, ...]:
    """What the running escalation will do unless somebody answers."""
    running = await ctx.unit.escalations.running(incident.id)
    going = next((one for one in running if one.state != "paused" and one.due), None)
    if going is None or going.due is None:
        return ()
    return project(_policy(going), going.n, going.due, await roll_of(ctx))


def _nothing(incident: Incident) -> Node:
    return Remark(spans=spans(f"{incident.id} is {incident.status.value}: no step is to come."))


def _policy(escalation: Escalation) -> EscalationPolicy:
    return EscalationPolicy.model_validate(escalation.policy)
