"""Telephone numbers of who was paged and did not answer, for people to call (rules.md 11)."""

from commands.context import Context
from commands.incident.target import meant
from domain.actor import Role
from domain.args import Args, IncidentId
from domain.call import Reply
from domain.command import Grant, command
from domain.errors import NotAllowed, Refused, Stale
from domain.incident import Incident
from domain.message import Header, Message, Node, Text, bold, code, spans
from domain.paging import EscalationExhausted

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
    paged = dict.fromkeys(one.user for one in await unit.pages.of(incident.id))
    await _check(ctx, incident, tuple(paged))
    people = [await unit.people.need(user) for user in paged if user != ctx.person]
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


async def _check(ctx: Context, incident: Incident, paged: tuple[str, ...]) -> None:
    """Only where nobody has answered, and only for who has to do with it."""
    if not incident.open:
        raise Stale(f"{incident.id} is {incident.status.value} already. Nothing to do.")
    happened = [one.kind for one in await ctx.unit.facts.of(incident.subject)]
    if EscalationExhausted.kind not in happened:
        raise Refused(NOT_YET)
    if ctx.person not in (*paged, *incident.people):
        raise NotAllowed(NOT_YOURS)
