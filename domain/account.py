"""Accounts on chat platforms, and whom a person behind one may act as (rules 1 and 9)."""

from typing import Literal

from domain.actor import Actor, Binding, Role
from domain.authorize import suffices
from domain.base import Frozen
from domain.contact import NAMES, ContactMethod, masked

Platform = Literal["slack", "discord", "teams"]
Standing = Literal["full", "guest", "bot"]
LinkedBy = Literal["code", "email", "admin"]
# What a link that only an e-mail address vouches for may give at most.
BY_EMAIL = Role.RESPONDER
CALLED: dict[str, str] = {"slack": "Slack", "discord": "Discord", "teams": "Microsoft Teams"}
WORKSPACES: dict[str, str] = {"slack": "workspace", "discord": "server", "teams": "tenant"}


class Account(Frozen):
    """An account as its platform vouches for it, at this moment.

    ``workspace`` is the platform's id of the workspace, guild or tenant. ``guest`` is everybody
    who is no full member of the one Tocsin belongs to. ``email`` is given only where the platform
    says that it is confirmed; ``roles`` are Tocsin's roles that the settings map the platform's
    roles to, which only Discord has.
    """

    platform: Platform
    workspace: str
    id: str
    name: str
    standing: Standing = "full"
    email: str | None = None
    roles: tuple[Role, ...] = ()

    @property
    def key(self) -> str:
        """``slack:T1:U1``: how facts name an account that is linked to nobody."""
        return f"{self.platform}:{self.workspace}:{self.id}"

    @property
    def title(self) -> str:
        """The account in words, so that nobody takes it for another."""
        where = f"{WORKSPACES[self.platform]} {self.workspace}"
        return f"{CALLED[self.platform]} account {self.name} ({self.id} in {where})"

    @classmethod
    def of_key(cls, key: str, name: str) -> "Account":
        """The account that `key` names, called ``name``."""
        platform, workspace, account = key.split(":", 2)
        known = {"platform": platform, "workspace": workspace, "id": account, "name": name}
        return cls.model_validate(known)


class Link(Frozen):
    """An account that belongs to a person, and how that was shown."""

    platform: Platform
    workspace: str
    account: str
    user: str
    linked_by: LinkedBy = "code"

    @property
    def of_account(self) -> Account:
        """The account, as far as a link knows it."""
        return Account(
            platform=self.platform, workspace=self.workspace, id=self.account, name=self.account
        )


def called(platform: str) -> str:
    """The platform by the name people know."""
    return CALLED.get(platform, platform.title())


def way_called(name: str) -> str:
    """A chat, or a way to people that is none, by the name people know."""
    return next((said for kind, said in NAMES.items() if kind == name), called(name))


def actor_of(account: Account, link: Link | None, person: Actor | None) -> Actor:
    """Whom the account acts as. Guests and bots are outsiders, whoever they are linked to."""
    if account.standing != "full":
        return _nobody(account, bot=account.standing == "bot")
    if link is None or person is None:
        return _nobody(account, *(account.roles or _member(account)))
    own = {"account": account.key}
    if link.linked_by == "email":
        own_roles = capped(person.bindings)
        return person.model_copy(update=own | {"bindings": own_roles, "proven": False})
    return person.model_copy(update=own)


def capped(bindings: tuple[Binding, ...]) -> tuple[Binding, ...]:
    """The roles without what needs a link by code: approver, commander and admin."""
    given = dict.fromkeys(_lowered(binding) for binding in bindings)
    return tuple(given)


def _lowered(binding: Binding) -> Binding:
    if binding.role is Role.ADMIN:
        return binding.model_copy(update={"role": Role.VIEWER})
    if suffices(binding.role, BY_EMAIL):
        return binding.model_copy(update={"role": BY_EMAIL})
    return binding


def _member(account: Account) -> tuple[Role, ...]:
    """On Discord everything is closed until the settings map a role."""
    return () if account.platform == "discord" else (Role.MEMBER,)


def _nobody(account: Account, *roles: Role, bot: bool = False) -> Actor:
    return Actor(
        user=None,
        account=account.key,
        name=account.name,
        bindings=tuple(Binding(subject=account.key, role=role) for role in roles),
        bot=bot,
    )


def named(one: ContactMethod) -> str:
    """``Slack``, ``E-mail b…@example.com``."""
    if one.kind == "chat":
        return "The built-in chat" if one.id == "console" else called(one.address)
    return f"{NAMES[one.kind].capitalize()} {masked(one.kind, one.address)}"
