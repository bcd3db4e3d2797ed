"""Codes on their way to the addresses that they verify."""

from domain.contact import ContactMethod, masked
from domain.contact_verification import (
    SendContactCode,
    TellRefused,
    TellVerified,
    code_letter,
    refused_notice,
    verified_letter,
)
from jobs.reaching import Sending, SendOutcome, chats_of, send
from jobs.registry import Effect
from storage.unit import Unit


async def load(unit: Unit, job: SendContactCode) -> Sending | None:
    """The letter; None where the code works no more, or its address has gone."""
    found = await unit.contact_codes.get(job.code)
    contact = await unit.contacts.get(found.contact) if found else None
    if found is None or contact is None or not found.works(unit.now):
        return None
    method = contact.method(unit.installation.notifies)
    person = await unit.people.need(contact.user)
    if method is None or not person.active:
        return None
    return Sending(
        user=person.id,
        way=ContactMethod(kind=method.kind, address=method.address, id=method.id),
        message=code_letter(person.name, unit.contact_codes.words(found.id)),
        key=f"contact-code:{found.id}",
        others=False,
    )


async def save(unit: Unit, job: SendContactCode, outcome: SendOutcome) -> None:
    """A refusal is told and kept; a letter that was taken leaves nothing."""
    found = await unit.contact_codes.get(job.code)
    if found and outcome.refused:
        kept = found.model_copy(update={"refused": outcome.kept["error"]})
        await unit.contact_codes.save(kept)
        await unit.jobs.add(TellRefused(code=found.id), key=f"code-refused:{found.id}")


async def load_refused(unit: Unit, job: TellRefused) -> Sending | None:
    """The sentence; None where the address has gone meanwhile."""
    found = await unit.contact_codes.get(job.code)
    contact = await unit.contacts.get(found.contact) if found else None
    if found is None or contact is None:
        return None
    chat = (await chats_of(unit, contact.user))[0]
    return Sending(
        user=contact.user,
        way=ContactMethod(kind="chat", address=chat, id=chat),
        message=refused_notice(masked(contact.kind, contact.address), found.refused),
        key=f"code-refused:{found.id}",
        others=False,
    )


async def load_news(unit: Unit, job: TellVerified) -> Sending | None:
    """The letter; None where there is nobody else to tell."""
    new = await unit.contacts.get(job.contact)
    person = await unit.people.get(new.user) if new else None
    if new is None or person is None or person.email is None:
        return None
    known = [one for one in await unit.roster.methods(person.id) if one.address == person.email]
    if not known:
        return None
    return Sending(
        user=person.id,
        way=known[0],
        message=verified_letter(person.name, masked(new.kind, new.address)),
        key=f"contact-verified:{new.id}",
        others=False,
    )


SEND = Effect(SendContactCode, load, send, save)
TELL_REFUSED = Effect(TellRefused, load_refused, send)
TELL = Effect(TellVerified, load_news, send)
