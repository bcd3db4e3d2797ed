"""Tying a chat account to a person: a code shown to the account, typed in the person's browser."""

from datetime import datetime
from typing import ClassVar

from domain.account import Account, Platform
from domain.base import Frozen
from domain.errors import Refused, Stale
from domain.facts import Fact
from domain.job import Job
from domain.one_time_code import LASTS, TRIES

ANEW = "Ask for a new one: type /me link in your chat."


class LinkCode(Frozen):
    """A code that was given to ``account``; it works once, until ``expires_at``."""

    account: Account
    expires_at: datetime
    used_at: datetime | None = None


class AccountLinked(Fact):
    """A chat account acts as a person from now on."""

    kind: ClassVar[str] = "account_linked"
    template: ClassVar[str] = "{by} linked {account} to {person}"
    account: str
    person: str


class AccountUnlinked(Fact):
    """A chat account acts as nobody any more."""

    kind: ClassVar[str] = "account_unlinked"
    template: ClassVar[str] = "{by} unlinked {account} from {person}"
    account: str
    person: str


class TellLinked(Job):
    """Tell an account in its own chat that it was linked, so that a wrong link is noticed.

    ``told`` is different for every time that it is.
    """

    kind: ClassVar[str] = "tell_linked"
    user: str
    platform: Platform
    workspace: str
    account: str
    told: str


def need_working(found: LinkCode, now: datetime) -> None:
    """Raises `Stale` for a code that works no more, saying how to get another."""
    if found.used_at is not None:
        raise Stale(f"That code was used already. {ANEW}", field="code")
    if found.expires_at <= now:
        raise Stale(f"That code has expired. {ANEW}", field="code")


def check_tries(misses: int) -> None:
    """Raises `Refused` after too many codes that were none."""
    if misses >= TRIES:
        minutes = int(LASTS.total_seconds()) // 60
        raise Refused(f"Too many wrong codes: wait {minutes} minutes, then type /me link again.")
