"""Telephone numbers of who was paged and did not answer, for people to call (rules.md 11)."""

from collections.abc import Iterable

from commands.context import Context
from commands.incident.target import meant
from domain.actor import Role
from domain.args import Args, IncidentId
from domain.call import Reply
from domain.command import Grant, command
from domain.errors import NotAllowed, Refused, Stale
from domain.incident import Incident, Status
from domain.message import Header, Message, Node, Text, bold, code, spans
from domain.paging import Page

NOT_YET = "Numbers are shown only where nobody has answered: page somebody with /page."
NOT_YOURS = "Numbers are for its responders: press “I've got it” first, or type /incident ack."
NONE_GIVEN = "no number given"


class Unanswered(Args):
    """An incident that nobody has answered."""

    incident: IncidentId = None


@command("incident phones", Grant(Role.RESPONDER), examples=("/incident phones INC-42",))
async def phones(ctx: Context, args: Unanswered) -> Reply:
    """Show you alone the telephone numbers of who was paged, where nobody has answered."""
    unit, incident = ctx.unit, await meant(ctx, args.incident)
    paged = await unit.pages.of(incident.id)
    exhausted = await _exhausted(ctx, incident)
    if ctx.person not in {*incident.people, *(page.user for page in paged)}:
        raise NotAllowed(NOT_YOURS)
    asked = _unanswered(page for page in paged if page.escalation in exhausted)
    people = [await unit.people.need(user) for user in asked if user != ctx.person]
    numbers = {
        person.id: [one.address for one in await unit.contacts.of(person.id) if one.kind == "phone"]
        for person in people
        if person.active
    }
    await unit.audit.add("phones_shown", incident.subject, "done", {})
    names = {person.id: person.name for person in people}
    nodes: list[Node] = [Header(text=f"{incident.id}: who was paged", tone="neutral")]
    for user, found in numbers.items():
        shown = spans(*(code(one) for one in found)) or spans(NONE_GIVEN)
        nodes += [Text(spans=spans(bold(f"{names[user]}: "), one)) for one in shown]
    nodes.append(Text(spans=spans("Only you see this, and that you looked is on record.")))
    data = [{"user": user, "phones": found} for user, found in numbers.items()]
    return Reply(message=Message(nodes=tuple(nodes)), secret=True, data=data)


async def _exhausted(ctx: Context, incident: Incident) -> frozenset[str]:
    """The escalations that nobody has answered; while there are none, no number is shown."""
    if not incident.open:
        raise Stale(f"{incident.id} is {incident.status.value} already. Nothing to do.")
    running = await ctx.unit.escalations.running(incident.id)
    found = frozenset(one.id for one in running if one.state == "exhausted")
    if incident.status is not Status.TRIGGERED or not found:
        raise Refused(NOT_YET)
    return found


def _unanswered(paged: Iterable[Page]) -> tuple[str, ...]:
    """Who was paged, in turn, and has neither taken it nor passed it on."""
    asked = tuple(paged)
    said = {page.user for page in asked if page.state in ("acked", "passed")}
    return tuple(dict.fromkeys(page.user for page in asked if page.user not in said))
