"""One's own addresses: adding one, showing that it is one's own, letting it go."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from commands.context import Context
from domain.actor import Role
from domain.args import Arg, Args
from domain.buttons import button
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.contact import (
    NAMES,
    KeptKind,
    email_address,
    masked,
    ntfy_topic,
    phone_number,
    pushover_user,
    routing_key,
)
from domain.contact_verification import (
    ANEW,
    MINUTES,
    ContactAdded,
    ContactRemoved,
    ContactVerified,
    SendContactCode,
    TellVerified,
    need_room,
    need_working,
)
from domain.egress import web_hook
from domain.errors import Invalid, NotAllowed, NotFound, Refused
from domain.message import Actions, Message, Text, code, sentence, spans
from domain.one_time_code import unspaced
from domain.web_push import push_address
from storage.contacts import Contact
from storage.people import User

READERS = {
    "email": email_address,
    "phone": phone_number,
    "ntfy": ntfy_topic,
    "pagerduty": routing_key,
    "push": push_address,
    "pushover": pushover_user,
    "sms": phone_number,
    "voice": phone_number,
    "webhook": web_hook,
}
LONGEST = 1000
KINDS = {"e-mail": "email", "mail": "email", "tel": "phone", "telephone": "phone", "call": "voice"}
IN_PUBLIC = "Write this to me directly, and delete the message above: it was read by others."
ONLY_REAL = "A code is typed for good: leave --dry-run out."
SETTINGS = {
    "email": "SMTP_URL",
    "ntfy": "NTFY_URL",
    "pagerduty": "PAGERDUTY_ROUTING_KEY",
    "push": "VAPID_PRIVATE_KEY",
    "pushover": "PUSHOVER_TOKEN",
    "sms": "TWILIO_ACCOUNT_SID",
    "voice": "TWILIO_ACCOUNT_SID",
    "webhook": "TOCSIN_PAGING_WEBHOOKS__KEY",
}
KEPT = "is kept. Nothing rings it: responders see it when nobody answers, each time on record."


def _kind(value: Any) -> Any:
    typed = str(value).strip().lower()
    return KINDS.get(typed, typed)


class New(Args):
    """An address, and what kind it is."""

    kind: Annotated[
        Literal[
            "email", "phone", "ntfy", "pagerduty", "push", "pushover", "sms", "voice", "webhook"
        ],
        BeforeValidator(_kind),
        Field(description="What kind"),
        Arg("choice", positional=True),
    ]
    address: Annotated[
        str,
        Field(
            min_length=3,
            max_length=LONGEST,
            description="Your address, topic, key, or number with its +49",
        ),
        Arg("text", positional=True),
    ]


@command(
    "me contact-add",
    Grant(Role.MEMBER),
    examples=(
        "/me contact add email bob@night.example",
        "/me contact add ntfy pages-of-bob-6tq2x9",
        "/me contact add pagerduty default",
        "/me contact add pushover uQiRzpo4DXghDmr9QzzfQu27cmVRsG",
        "/me contact add sms +49 151 1234567",
        "/me contact add voice +49 151 1234567",
        "/me contact add webhook https://example.com/pages",
        "/me contact add phone +49 30 1234567",
    ),
    words=Words(roots=("me contact add",)),
)
async def add(ctx: Context, args: New) -> Reply:
    """Add an address, a topic or a number to which a code goes, or a number for people to read."""
    _need_alone(ctx)
    unit, person = ctx.unit, await ctx.unit.people.need(ctx.person)
    await unit.exclusively(f"contact:{person.id}")
    known = await unit.contacts.of(person.id)
    address = next((one.address for one in known if one.id == args.address), None)
    address = address or _read(args)
    _need_able(ctx, person, args.kind, address)
    same = next((one for one in known if (one.kind, one.address) == (args.kind, address)), None)
    if same and (same.verified_at or same.kind == "phone"):
        return _told(f"{_named(same)} is there already.")
    need_room(0 if same else len(known), await unit.contact_codes.lately(person.id))
    made = same or await unit.contacts.give(person.id, args.kind, address)
    if same is None:
        added = ContactAdded(person=person.id, method=made.kind)
        await unit.facts.add(f"person:{person.id}", added)
    for words in {args.address, address}:
        await unit.console.forget(words, person.id)
    if made.kind == "push":
        return await _shown(ctx, made)
    return await _asked_for_code(ctx, made) if made.kind != "phone" else _told(_kept_phone(made))


def _need_alone(ctx: Context) -> None:
    if ctx.call.origin.public:
        raise NotAllowed(IN_PUBLIC)


def _read(args: New) -> str:
    try:
        return READERS[args.kind](args.address)
    except ValueError as wrong:
        raise Invalid(f"Type it once more: {wrong}.", field="address") from None


def _need_able(ctx: Context, person: User, kind: KeptKind, address: str) -> None:
    if kind == "phone":
        return
    if kind == "push" and ctx.call.origin.surface != "web":
        raise Refused(f"Open {ctx.unit.installation.public_url}/me/push in the browser to be rung.")
    if kind not in ctx.unit.installation.notifies:
        name = _title(kind)
        raise Refused(f"{name} is not set up here: ask an admin to set {SETTINGS[kind]}.")
    if person.email and person.email.casefold() == address.casefold():
        raise Refused("An admin gave you that address: it counts already. Look with /me contact.")


async def _asked_for_code(ctx: Context, made: Contact) -> Reply:
    given = await ctx.unit.contact_codes.give(made.user, made.id)
    job = SendContactCode(code=given.id)
    await ctx.unit.jobs.add(job, key=f"contact-code:{given.id}")
    told = f"A code is on its way to {_named(made)}. Within {MINUTES} minutes, type "
    line = Text(
        spans=spans(told, code("/me contact verify CODE"), ". Until then no page goes there.")
    )
    typed = Actions(buttons=(button("me contact-verify", "", "Type the code…", "primary"),))
    return Reply(message=Message(nodes=(line, typed)), secret=True, data={"contact": made.id})


def _kept_phone(made: Contact) -> str:
    return f"{_named(made)} {KEPT}"


class Typed(Args):
    """The code from the letter."""

    code: Annotated[
        str,
        Field(min_length=1, max_length=40, description="The code that was sent there"),
        Arg("text", positional=True),
    ]


@command(
    "me contact-verify",
    Grant(Role.MEMBER),
    examples=("/me contact verify ABCD-2345",),
    words=Words(roots=("me contact verify",)),
)
async def verify(ctx: Context, args: Typed) -> Reply:
    """Show that an address is yours, by the code that was sent to it."""
    if ctx.call.dry_run:
        raise Invalid(ONLY_REAL)
    unit, person = ctx.unit, ctx.person
    await unit.exclusively(f"contact:{person}")
    found = await unit.contact_codes.find(person, unspaced(args.code))
    made = await unit.contacts.get(found.contact) if found else None
    if found is None or made is None:
        return await _missed(ctx)
    need_working(found, ctx.now)
    await unit.contact_codes.save(found.model_copy(update={"used_at": ctx.now}))
    return await _shown(ctx, made)


async def _shown(ctx: Context, made: Contact) -> Reply:
    """It is theirs: the code came back, or their own browser has asked for it."""
    unit, person = ctx.unit, ctx.person
    await unit.contacts.verify(made.id)
    verified = ContactVerified(person=person, method=made.kind)
    await unit.facts.add(f"person:{person}", verified)
    await unit.jobs.add(TellVerified(contact=made.id), key=f"contact-verified:{made.id}")
    return _told(f"{_named(made)} is verified: your pages go there too.")


async def _missed(ctx: Context) -> Reply:
    """No exception: what is counted must be kept."""
    await ctx.unit.contact_codes.missed(ctx.person)
    await ctx.unit.audit.add("me contact-verify", f"person:{ctx.person}", "not_found", {})
    told = sentence(f"That is no code of yours that works. {ANEW}")
    return Reply(message=told, refused="not_found", field="code", secret=True)


class Which(Args):
    """One of what you added."""

    which: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST,
            description="The address; or its kind, where you gave one of it",
        ),
        Arg("text", positional=True),
    ]


@command(
    "me contact-remove",
    Grant(Role.MEMBER),
    examples=("/me contact remove bob@night.example", "/me contact remove phone"),
    words=Words(roots=("me contact remove",)),
)
async def remove(ctx: Context, args: Which) -> Reply:
    """Forget an address of yours."""
    _need_alone(ctx)
    unit, person = ctx.unit, ctx.person
    gone = _meant(args.which, await unit.contacts.of(person))
    await unit.contacts.remove(gone.id)
    await unit.console.forget(gone.address, person, told=gone.kind == "phone")
    removed = ContactRemoved(person=person, method=gone.kind)
    await unit.facts.add(f"person:{person}", removed)
    return _told(f"{_named(gone)} is forgotten.")


def _meant(typed: str, known: tuple[Contact, ...]) -> Contact:
    """The one of that id, address or number; or the only one of that kind."""
    for one in known:
        if typed == one.id or typed.casefold() == one.address.casefold():
            return one
    by_number = [one for one in known if one.kind == "phone" and _digits(one.address, typed)]
    found = by_number or [one for one in known if one.kind == _kind(typed)]
    if len(found) == 1:
        return found[0]
    many = "You gave several: type the whole address." if found else "You gave no such address."
    raise NotFound(f"{many} An admin's is theirs to change, a chat goes with /me unlink.")


def _digits(address: str, typed: str) -> bool:
    try:
        return phone_number(typed) == address
    except ValueError:
        return False


def _named(one: Contact) -> str:
    return f"{_title(one.kind)} {masked(one.kind, one.address)}"


def _title(kind: KeptKind) -> str:
    name = "phone" if kind == "phone" else NAMES[kind]
    return f"{name[:1].upper()}{name[1:]}"


def _told(text: str) -> Reply:
    """Kept nowhere, whoever asks for it again."""
    return Reply(message=sentence(text), secret=True)
