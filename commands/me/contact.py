"""How one can be reached, and whether that can wake them."""

from commands.context import Context
from domain.actor import Role, Scope
from domain.args import Nothing
from domain.call import Reply
from domain.command import Grant, command
from domain.contact import masked, wakeable
from domain.contact_card import ContactView, From, OwnContact, contact_card
from storage.contacts import Contact
from storage.people import User

SOURCES: dict[str, From] = {"email": "admin", "console": "built in"}


@command("me contact", Grant(Role.MEMBER, Scope.READ), examples=("/me contact",))
async def contact(ctx: Context, args: Nothing) -> Reply:  # noqa: ARG001 - a command's signature
    """Show how you can be reached, and whether that can wake you."""
    unit, person = ctx.unit, await ctx.unit.people.need(ctx.person)
    methods = await unit.roster.methods(person.id)
    senders, public_url = unit.installation.senders, unit.installation.public_url
    view = ContactView(
        contacts=await _own(ctx, person),
        wakeable=wakeable(methods, unit.installation.notifies),
        card=f"{public_url}/me/contact.vcf" if senders else None,
    )
    return Reply(message=contact_card(view), data=view.model_dump(mode="json"))


async def _own(ctx: Context, person: User) -> tuple[OwnContact, ...]:
    """What can ring, best first; then what is only kept."""
    given = {one.id: one for one in await ctx.unit.contacts.of(person.id)}
    methods = await ctx.unit.roster.methods(person.id)
    *ringing, built_in = [
        OwnContact(
            id=one.id,
            kind=one.kind,
            shown=masked(one.kind, one.address),
            verified=one.verified,
            source="self" if one.id in given else SOURCES.get(one.id, "account"),
        )
        for one in methods
    ]
    known = {one.id for one in methods}
    kept = [_kept(one) for one in given.values() if one.id not in known]
    tests = await ctx.unit.reach_tests.of(person.id)
    shown = (*ringing, *kept, built_in)
    return tuple([(await _with_refusal(ctx, one)).after(tests) for one in shown])


def _kept(one: Contact) -> OwnContact:
    return OwnContact(
        id=one.id,
        kind=one.kind,
        shown=masked(one.kind, one.address),
        verified=one.verified_at is not None,
        source="self",
        able=False,
    )


async def _with_refusal(ctx: Context, one: OwnContact) -> OwnContact:
    """What came of the code that was sent there."""
    if one.verified or one.source != "self":
        return one
    last = await ctx.unit.contact_codes.newest(one.id)
    return one.model_copy(update={"refused": last.refused if last else ""})
