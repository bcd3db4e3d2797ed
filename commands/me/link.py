"""Tie a chat account to oneself: a code asked for there, typed in the browser (rules.md 9)."""

from typing import Annotated, Literal

from pydantic import Field

from commands.context import Context
from domain.account import CALLED, Account, Platform
from domain.account_linking import (
    ANEW,
    AccountLinked,
    AccountUnlinked,
    LinkCode,
    TellLinked,
    check_tries,
    need_working,
)
from domain.actor import Role
from domain.args import Arg, Args
from domain.buttons import button
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import Invalid, NotAllowed, NotFound, Stale
from domain.message import Actions, Header, Message, Node, Text, bold, sentence, spans
from domain.one_time_code import LASTS, code_from, spaced, unspaced

ONLY_IN_A_BROWSER = "Type the code where you are signed in, in your browser: {page}. Never here."
# A guess that leaves no trace could be repeated for ever.
ONLY_REAL = "A code is asked for and typed for good: leave --dry-run out."
HOW = "Type /me link to Tocsin in the chat whose account is yours, then the code at {page}."


class Code(Args):
    """Nothing in a chat; in the browser the code that the chat has shown."""

    code: Annotated[
        str,
        Field(max_length=40, description="The code that your chat has shown, in the browser only"),
        Arg("word", positional=True),
    ] = ""
    sure: Annotated[
        Literal["no", "yes"],
        Field(description="Whether the account that was named is yours"),
        Arg("choice", positional=True),
    ] = "no"


@command("me link", Grant(Role.MEMBER), examples=("/me link",))
async def link(ctx: Context, args: Code) -> Reply:
    """Tie your chat account to you: it shows a code, which you type in your browser."""
    if ctx.call.dry_run:
        raise Invalid(ONLY_REAL)
    page = f"{ctx.unit.installation.public_url}/link"
    if ctx.call.origin.surface in CALLED:
        if args.code:
            raise NotAllowed(ONLY_IN_A_BROWSER.format(page=page))
        return await _given(ctx, page)
    if not args.code:
        raise Invalid(HOW.format(page=page), field="code")
    if ctx.call.origin.surface != "web" or ctx.actor.logged_in_at is None:
        raise NotAllowed(ONLY_IN_A_BROWSER.format(page=page))
    return await _claimed(ctx, unspaced(args.code), sure=args.sure == "yes")


async def _given(ctx: Context, page: str) -> Reply:
    """A fresh code for the account that asks, shown to it alone and kept nowhere."""
    account = Account.of_key(ctx.actor.account or "", ctx.actor.name)
    found = await ctx.unit.links.of_account(account)
    if found and found.linked_by != "email":
        undo = f"To undo that, type /me unlink {account.platform}."
        return Reply(message=sentence(f"This account acts as {ctx.actor.name} already. {undo}"))
    given = code_from(ctx.unit.ids.secret())
    await ctx.unit.link_codes.give(account, given)
    await ctx.unit.audit.add("link_code_given", f"account:{account.key}", "done", {})
    minutes = int(LASTS.total_seconds()) // 60
    told = (
        Text(spans=spans("Your code: ", bold(spaced(given)))),
        Text(spans=spans(f"Type it at {page} within {minutes} minutes. It works once.")),
        Text(spans=spans("Tell it to nobody: whoever types it makes this account theirs.")),
    )
    return Reply(message=Message(nodes=told), secret=True)


async def _claimed(ctx: Context, typed: str, *, sure: bool) -> Reply:
    """Name the account first, and link it when the person says that it is theirs."""
    unit, person = ctx.unit, ctx.person
    await unit.exclusively(f"link:{person}")
    check_tries(await unit.link_codes.misses(person))
    found = await unit.link_codes.find(typed)
    if found is None:
        return await _missed(ctx)
    need_working(found, ctx.now)
    if not sure:
        return await _named(ctx, found, typed)
    if not await unit.link_codes.use(typed):
        raise Stale(f"That code was used already. {ANEW}", field="code")
    await _linked(ctx, found.account)
    return Reply(message=sentence(f"Linked. {found.account.title} acts as you from now on."))


async def _missed(ctx: Context) -> Reply:
    """No exception: what is counted must be kept."""
    await ctx.unit.link_codes.missed(ctx.person)
    await ctx.unit.audit.add("me link", f"person:{ctx.person}", "not_found", {})
    told = sentence(f"That is no code of ours. {ANEW}")
    return Reply(message=told, refused="not_found", field="code", secret=True)


async def _named(ctx: Context, found: LinkCode, typed: str) -> Reply:
    held = await ctx.unit.links.of_account(found.account)
    title = bold(found.account.title)
    lines: list[Node] = [Header(text="Is this account yours?"), Text(spans=spans(title))]
    if held and held.user != ctx.person:
        owner = await ctx.unit.people.need(held.user)
        lines.append(Text(spans=spans(f"It acts as {owner.name} now, and would no more.")))
    roles = ", ".join(dict.fromkeys(one.role.value for one in ctx.actor.bindings))
    what = f"Whoever writes from it will act as {ctx.actor.name} ({roles or 'no role'})."
    warning = "If you did not ask for this code yourself a moment ago, leave it."
    lines.append(Text(spans=spans(f"{what} {warning}")))
    yes = button("me link", f"{typed},yes", "Yes, it is mine", "primary")
    asked = Message(nodes=(*lines, Actions(buttons=(yes,))))
    return Reply(message=asked, refused="confirm", secret=True)


async def _linked(ctx: Context, account: Account) -> None:
    unit, person = ctx.unit, ctx.person
    held = await unit.links.of_account(account)
    if held and held.user != person:
        await _record_loss(ctx, account.key, held.user)
    await unit.links.put(account, person, "code")
    linked = AccountLinked(account=account.key, person=person)
    await unit.facts.add(f"person:{person}", linked)
    tell = TellLinked(
        user=person,
        platform=account.platform,
        workspace=account.workspace,
        account=account.id,
        told=unit.ids.new(),
    )
    await unit.jobs.add(tell, key=f"linked:{tell.told}")


class Chat(Args):
    """Which chat."""

    platform: Annotated[Platform, Field(description="Which chat"), Arg("choice", positional=True)]


@command(
    "me unlink",
    Grant(Role.MEMBER),
    examples=("/me unlink slack",),
    words=Words(synonyms=("forget",)),
)
async def unlink(ctx: Context, args: Chat) -> Reply:
    """Let your account on a chat act as nobody any more."""
    called = CALLED[args.platform]
    mine = [one for one in await ctx.unit.links.of(ctx.person) if one.platform == args.platform]
    if not mine:
        raise NotFound(f"You have no {called} account. To link one, type /me link there.")
    for one in mine:
        await ctx.unit.links.cut(one.of_account)
        await _record_loss(ctx, one.of_account.key, ctx.person)
    again = " Its e-mail address links it again at its next word." if _by_email(ctx) else ""
    text = f"Unlinked. Pages do not reach you in {called} any more.{again}"
    return Reply(message=sentence(text))


def _by_email(ctx: Context) -> bool:
    return ctx.unit.installation.link_by_email


async def _record_loss(ctx: Context, account: str, person: str) -> None:
    lost = AccountUnlinked(account=account, person=person)
    await ctx.unit.facts.add(f"person:{person}", lost)
