"""Who is behind an account: what Slack vouches for, asked once in a few minutes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from domain.account import Account, Standing
from domain.errors import Permanent, Retry
from domain.ports import ChatKeep, Clock
from integrations.chat.slack.api import SlackApi

FRESH = timedelta(minutes=5)
# While Slack cannot say who somebody is, what it said today counts: pages must be answered
STALE = timedelta(hours=24)
MOST_KEPT = 20_000
A_PAGE = 200
MOST_PAGES = 50
SOMEBODY = "somebody"


class Home(NamedTuple):
    """The workspace Tocsin is installed in, and its own account there."""

    team: str
    bot: str


class Known(NamedTuple):
    """An account as Slack described it at an instant; ``handle`` is its name without spaces."""

    account: Account
    handle: str
    at: datetime


@dataclass
class SlackPeople:
    """Accounts of one workspace. ``loopback`` says that Slack is a stand-in on this machine,
    which never says whether an e-mail is confirmed (rules.md 9)."""

    api: SlackApi
    keep: ChatKeep
    clock: Clock
    loopback: bool = False
    _known: dict[str, Known] = field(default_factory=dict)
    _home: Home | None = None

    async def home(self) -> Home:
        """Where we are, and as whom. Raises `Retry` or `Permanent`."""
        if self._home is None:
            answer = await self.api.ask(lambda slack: slack.auth_test())
            self._home = Home(answer["team_id"], answer["user_id"])
        return self._home

    async def account(self, user: str) -> Account:
        """The account of that id. Raises `Retry` where Slack cannot say who it is."""
        return (await self._need(user)).account

    async def handle(self, user: str) -> str:
        """How a mentioned account is typed: the person it acts as, else the name it has."""
        try:
            known = await self._need(user)
        except (Retry, Permanent):
            return user
        actor = await self.keep.actor(known.account)
        return actor.user or known.handle

    async def name(self, user: str | None) -> str:
        """Who wrote a message, for people to read."""
        try:
            return (await self._need(user)).account.name if user else SOMEBODY
        except (Retry, Permanent):
            return SOMEBODY

    async def meet(self) -> None:
        """Let every member's e-mail link them, so that a page finds who never said a word."""
        cursor = ""
        for _ in range(MOST_PAGES):
            answer = await self._listed(cursor)
            for member in answer["members"]:
                known = self._remember(member, (await self.home()).team)
                if known.account.email and known.account.standing == "full":
                    await self.keep.actor(known.account)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return

    async def _listed(self, cursor: str) -> dict[str, Any]:
        return await self.api.ask(lambda slack: slack.users_list(cursor=cursor, limit=A_PAGE))

    async def _need(self, user: str) -> Known:
        known, now = self._known.get(user), self.clock.now()
        if known and now - known.at < FRESH:
            return known
        try:
            answer = await self.api.ask(lambda slack: slack.users_info(user=user))
            return self._remember(answer["user"], (await self.home()).team)
        except Retry:
            if known and now - known.at < STALE:
                return known
            raise

    def _remember(self, user: Mapping[str, Any], team: str) -> Known:
        known = Known(self._described(user, team), str(user.get("name")), self.clock.now())
        if len(self._known) >= MOST_KEPT:
            del self._known[next(iter(self._known))]
        self._known[user["id"]] = known
        return known

    def _described(self, user: Mapping[str, Any], team: str) -> Account:
        profile = user.get("profile") or {}
        confirmed = user.get("is_email_confirmed", self.loopback)
        named = profile.get("real_name") or user.get("real_name") or user.get("name")
        return Account(
            platform="slack",
            workspace=team,
            id=user["id"],
            name=str(named or user["id"])[:100],
            standing=standing(user, team),
            email=profile.get("email") if confirmed else None,
        )


def standing(user: Mapping[str, Any], team: str) -> Standing:
    """A full member of this workspace, a guest of any kind, or a bot."""
    if user.get("is_bot") or user.get("id") == "USLACKBOT":
        return "bot"
    teams = (user.get("team_id"), *(user.get("enterprise_user") or {}).get("teams", ()))
    outside = team not in teams or user.get("deleted")
    lesser = ("is_restricted", "is_ultra_restricted", "is_stranger")
    return "guest" if outside or any(user.get(one) for one in lesser) else "full"
