"""Who somebody in Teams is, and how to reach them alone."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.account import Account
from domain.base import Frozen
from domain.errors import Permanent, Retry
from domain.ports import ChatKeep, Clock
from integrations.chat.teams.activity import Activity, Party
from integrations.chat.teams.connector import PLATFORM, Connector

FRESH = timedelta(minutes=10)
DIRECT = "direct:"


class Member(Frozen):
    """What the tenant says of one of its people; nothing where it could not be asked."""

    account: str
    guest: bool = True
    email: str | None = None


class Looked(Frozen):
    """What was found, and when."""

    member: Member
    at: datetime


@dataclass
class People:
    """The people of the one ``tenant`` that is served; everybody else is a guest."""

    connector: Connector
    keep: ChatKeep
    clock: Clock
    tenant: str
    looked: dict[str, Looked] = field(default_factory=dict)

    async def account(self, activity: Activity, party: Party) -> Account:
        """The account behind ``activity``, as the tenant vouches for it now."""
        about = Account(
            platform="teams",
            workspace=activity.tenant or "",
            id=party.aad_object_id or party.id,
            name=party.name,
        )
        if party.bot:
            return about.model_copy(update={"standing": "bot"})
        if activity.tenant != self.tenant or party.aad_object_id is None:
            return about.model_copy(update={"standing": "guest"})
        member = await self.member(activity.conversation.id, party.id)
        standing = "guest" if member.guest else "full"
        return about.model_copy(update={"standing": standing, "email": member.email})

    async def member(self, conversation: str, person: str) -> Member:
        """Somebody who takes part in a conversation; asked again every ten minutes.

        Where Teams does not answer, what it said last holds, and nothing is given to a stranger.
        """
        known = self.looked.get(person)
        if known and self.clock.now() - known.at < FRESH:
            return known.member
        try:
            found = await self._asked(conversation, person)
        except (Retry, Permanent):
            return known.member if known else Member(account=person)
        self.looked[person] = Looked(member=found, at=self.clock.now())
        return found

    async def handles(self, activity: Activity) -> dict[str, str]:
        """How Tocsin calls the people mentioned: by their handle, else by their name there."""
        if not activity.others:
            return {}
        known = {account: user for user, account in (await self.keep.accounts(PLATFORM)).items()}
        named: dict[str, str] = {}
        for entity in activity.others:
            if party := entity.mentioned:
                member = await self.member(activity.conversation.id, party.id)
                user = known.get(member.account)
                named[party.id] = f"@{user}" if user else party.name
        return named

    async def direct(self, account: str) -> str:
        """The conversation with an account alone. Raises as a `Chat` does."""
        known = await self._known(account)
        if "conversation" in known:
            return known["conversation"]
        made = await self.connector.direct(known.get("member", account), self.tenant)
        await self.keep.refer(PLATFORM, _direct(account), known | {"conversation": made})
        return made

    async def met(self, activity: Activity) -> None:
        """Remember how somebody is reached alone: by their id in Teams, or their chat itself."""
        party = activity.sender
        if party is None or party.aad_object_id is None:
            return
        known = await self._known(party.aad_object_id)
        now = known | {"member": party.id}
        if activity.personal:
            now |= {"conversation": activity.conversation.id}
        if now != known:
            await self.keep.refer(PLATFORM, _direct(party.aad_object_id), now)

    async def _known(self, account: str) -> dict[str, str]:
        return await self.keep.reference(PLATFORM, _direct(account)) or {}

    async def _asked(self, conversation: str, person: str) -> Member:
        found = await self.connector.member(conversation, person)
        ours = found.tenant_id in (None, self.tenant)
        return Member(
            account=found.aad_object_id or found.id,
            guest=found.user_role in ("guest", "anonymous") or not ours,
            email=found.email or found.user_principal_name,
        )


def _direct(account: str) -> str:
    return f"{DIRECT}{account}"
