"""`tocsin user`: people and their roles, for whoever runs the installation."""

import re
from typing import Annotated, Any

import typer

from bot import passwords
from bot.cli.output import NOT_FOUND, USAGE, command_line, fail, show, tell
from bot.cli.settled import on_database, writing
from bot.wiring import Core
from domain.account import CALLED, Account, Platform
from domain.account_linking import AccountLinked, AccountUnlinked
from domain.actor import Binding, Role
from domain.contact import email_address
from storage.people import User
from storage.unit import Unit

HANDLE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
SHORTEST_PASSWORD = 12
Handle = Annotated[str, typer.Argument(help="the name people type after @")]
Given = Annotated[Role, typer.Option("--role", help="what they may do")]
Chat = Annotated[Platform, typer.Argument(help="slack, discord or teams")]
Workspace = Annotated[str, typer.Argument(help="the platform's id of workspace, server or tenant")]
AccountId = Annotated[str, typer.Argument(help="the platform's id of the account, like U012AB3CD")]
Team = Annotated[str | None, typer.Option("--team", help="only for this team")]

app = command_line("People and their roles.")


@app.command()
def add(
    handle: Handle,
    role: Given = Role.RESPONDER,
    email: Annotated[str | None, typer.Option(help="e-mail address")] = None,
    name: Annotated[str | None, typer.Option(help="full name")] = None,
    team: Annotated[str | None, typer.Option(help="the team they belong to")] = None,
) -> None:
    """Add a person. Give them a way in with `tocsin user password` or `tocsin token create`."""
    if not HANDLE.fullmatch(handle):
        fail("A handle has small letters, digits, dots, dashes and underscores", USAGE)
    address = _address(email) if email else None
    person = {"id": handle, "name": name or handle.title(), "email": address, "team": team}

    async def work(core: Core) -> None:
        async with writing(core) as unit:
            if await unit.people.get(handle):
                fail(f"Somebody is called {handle} already", USAGE)
            await unit.people.add(User.model_validate(person | {"created_at": unit.now}))
            await unit.people.bind(Binding(subject=handle, role=role))
            await _noted(unit, "person_added", handle)

    on_database(work)
    tell(person | {"role": role}, f"{handle} has the role {role} now.")


@app.command("list")
def everybody() -> None:
    """Everybody, with what they may do."""
    show(on_database(_rows))


@app.command()
def role(
    handle: Handle,
    given: Annotated[Role, typer.Argument(metavar="ROLE", help=", ".join(Role))],
    team: Team = None,
    remove: Annotated[bool, typer.Option("--remove", help="take it away, everywhere")] = False,
) -> None:
    """Give a role, or take it away."""

    async def work(core: Core) -> None:
        async with writing(core) as unit:
            await _need(unit, handle)
            if remove:
                await unit.people.unbind(handle, given)
            else:
                await unit.people.bind(Binding(subject=handle, role=given, team=team))
            await _noted(unit, "role_removed" if remove else "role_given", handle)

    on_database(work)
    told = {"user": handle, "role": given, "team": team, "removed": remove}
    tell(told, f"{handle} is {'no longer ' if remove else ''}a {given}{_of(team)}.")


@app.command()
def password(handle: Handle) -> None:
    """Set a password; it is asked for, or read as one line of input."""
    secret = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if len(secret) < SHORTEST_PASSWORD:
        fail(f"A password has at least {SHORTEST_PASSWORD} characters", USAGE)
    hashed = passwords.hash_password(secret)

    async def work(core: Core) -> None:
        async with writing(core) as unit:
            person = await _need(unit, handle)
            await unit.people.save(person.model_copy(update={"password_hash": hashed}))
            await _noted(unit, "password_set", handle)

    on_database(work)
    tell({"user": handle}, f"{handle} can log in with it.")


@app.command("email")
def set_email(
    handle: Handle,
    address: Annotated[str, typer.Argument(help="it counts at once, nobody is asked")],
) -> None:
    """Set the e-mail address at which a person is paged."""
    email = _address(address)

    async def work(core: Core) -> None:
        async with writing(core) as unit:
            person = await _need(unit, handle)
            await unit.people.save(person.model_copy(update={"email": email}))
            await unit.reach_tests.drop(handle, "email")
            await _noted(unit, "email_set", handle)

    on_database(work)
    tell({"user": handle, "email": email}, f"{handle} is written to at {email}.")


@app.command()
def deactivate(handle: Handle) -> None:
    """End everything a person could act with: sessions, tokens, linked accounts."""

    async def work(core: Core) -> None:
        async with writing(core) as unit:
            await _need(unit, handle)
            for one in await unit.contacts.of(handle):
                await unit.console.forget(one.address, handle, told=one.kind == "phone")
            await unit.people.deactivate(handle)
            await _noted(unit, "person_deactivated", handle)

    on_database(work)
    tell({"user": handle, "active": False}, f"{handle} is out.")


@app.command()
def link(handle: Handle, platform: Chat, workspace: Workspace, account: AccountId) -> None:
    """Tie a chat account to a person. They can do it themselves: /me link."""

    async def work(core: Core) -> None:
        async with writing(core) as unit:
            await _need(unit, handle)
            tied = Account(platform=platform, workspace=workspace, id=account, name=account)
            await unit.links.put(tied, handle, "admin")
            fact = AccountLinked(account=tied.key, person=handle)
            await unit.facts.add(f"person:{handle}", fact)

    on_database(work)
    told = {"user": handle, "platform": platform, "workspace": workspace, "account": account}
    tell(told, f"{account} acts as {handle} now.")


@app.command()
def unlink(handle: Handle, platform: Chat) -> None:
    """Let a person's accounts on a chat act as nobody any more."""

    async def work(core: Core) -> int:
        async with writing(core) as unit:
            await _need(unit, handle)
            mine = [one for one in await unit.links.of(handle) if one.platform == platform]
            for one in mine:
                await unit.links.cut(one.of_account)
                fact = AccountUnlinked(account=one.of_account.key, person=handle)
                await unit.facts.add(f"person:{handle}", fact)
            return len(mine)

    cut = on_database(work)
    if not cut:
        fail(f"{handle} has no {CALLED[platform]} account", NOT_FOUND)
    tell({"user": handle, "platform": platform, "unlinked": cut}, f"{cut} unlinked.")


async def _rows(core: Core) -> list[dict[str, Any]]:
    async with core.store.read() as unit:
        return [
            {
                "user": one.id,
                "name": one.name,
                "e-mail": one.email,
                "team": one.team,
                "roles": [roles_of(found) for found in await unit.people.bindings_of(one.id)],
                "active": one.active,
            }
            for one in await unit.people.everybody()
        ]


def roles_of(binding: Binding) -> str:
    """A role with the team it is for, and the group that gives it where one does."""
    kind, _, name = binding.subject.partition(":")
    by = f" ({kind} {name})" if kind == "group" else ""
    return f"{binding.role}{_of(binding.team)}{by}"


def _address(typed: str) -> str:
    try:
        return email_address(typed).lower()
    except ValueError as wrong:
        fail(str(wrong), USAGE)


async def _need(unit: Unit, handle: str) -> User:
    found = await unit.people.get(handle)
    return found or fail(f"There is no person {handle}", NOT_FOUND)


async def _noted(unit: Unit, action: str, handle: str) -> None:
    await unit.audit.add(action, f"person:{handle}", "done", {})


def _of(team: str | None) -> str:
    return f" of {team}" if team else ""
