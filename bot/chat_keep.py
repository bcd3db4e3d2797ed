"""What the adapters of outside chats must ask and remember, over the store."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.account import Account, Link, actor_of
from domain.actor import Actor
from domain.message import Message, Option
from domain.place import MessageRef, Place
from domain.ports import Choices
from domain.relay import Relay
from jobs.cards import card_at
from storage.people import User
from storage.store import Act, Store
from storage.unit import Unit
from storage.views import choices

VOUCHED = ("slack", "teams")
NOTED_EVERY = timedelta(seconds=20)


@dataclass(frozen=True)
class StoredChatKeep:
    """`domain.ports.ChatKeep` over the store. Each call is a unit of its own."""

    store: Store
    noted: dict[str, datetime] = field(default_factory=dict)

    async def actor(self, account: Account) -> Actor:
        """Whom the account acts as; where settings allow it, its e-mail links it (rules.md 9)."""
        async with self.store.read() as unit:
            link = await unit.links.of_account(account)
            person = await unit.people.actor(link.user) if link else None
            owner = None if link else await _owner(unit, account)
        if owner is None:
            return actor_of(account, link, person)
        return await self._linked(account, owner)

    async def account(self, user: str, platform: str) -> str | None:
        """The person's account on a platform."""
        async with self.store.read() as unit:
            mine = [one for one in await unit.links.of(user) if one.platform == platform]
        return mine[0].account if mine else None

    async def accounts(self, platform: str) -> dict[str, str]:
        """Account by person."""
        async with self.store.read() as unit:
            return {one.user: one.account for one in await unit.links.on(platform)}

    async def heard(self, platform: str) -> None:
        """Somebody does something there; noted now and then, because most of it leaves a trace."""
        now = self.store.clock.now()
        last = self.noted.get(platform)
        if last and now - last < NOTED_EVERY:
            return
        self.noted[platform] = now
        async with self.store.write(Act("tocsin", "job")) as unit:
            await unit.outages.heard(platform)

    async def incident(self, place: Place) -> str | None:
        """The incident that a room or thread belongs to."""
        async with self.store.read() as unit:
            return await unit.incidents.at(place)

    async def relay(self, place: Place) -> Relay | None:
        """What of the talk in an incident's room its other rooms read too."""
        async with self.store.read() as unit:
            name = await unit.incidents.at(place)
            incident = await unit.incidents.get(name) if name else None
        return incident.relay if incident else None

    async def ringing(self, user: str) -> str | None:
        """The incident of the person's newest page that still rings."""
        async with self.store.read() as unit:
            pages = await unit.pages.to(user)
        return pages[0].incident if pages else None

    async def stored(self, button: str) -> tuple[str, dict[str, str]] | None:
        """The command and arguments of a call that was kept for a button."""
        async with self.store.read() as unit:
            return await unit.calls.stored(button)

    async def card(self, ref: MessageRef) -> Message | None:
        """The living card of an incident that stands there, as it is now."""
        async with self.store.read() as unit:
            return await card_at(unit, ref)

    async def choices(self, asked: Choices) -> tuple[Option, ...]:
        """What the account may pick from; an outsider, nothing."""
        actor = await self.actor(asked.account)
        if not actor.bindings:
            return ()
        async with self.store.read() as unit:
            return await choices.fitting(unit.scope, actor.user, asked.kind, asked.typed)

    async def first_time(self, request: str) -> bool:
        """Whether a signed request is heard for the first time."""
        async with self.store.write(Act("tocsin", "job")) as unit:
            return await unit.requests.hear(request)

    async def reference(self, platform: str, key: str) -> dict[str, Any] | None:
        """What `refer` kept under ``key``."""
        async with self.store.read() as unit:
            return await unit.conversations.get(platform, key)

    async def refer(self, platform: str, key: str, reference: dict[str, Any]) -> None:
        """Remember how to find somebody or something on the platform again."""
        async with self.store.write(Act("tocsin", "job")) as unit:
            await unit.conversations.put(platform, key, reference)

    async def _linked(self, account: Account, owner: User) -> Actor:
        async with self.store.write(Act(owner.id, account.platform)) as unit:
            await unit.links.put(account, owner.id, "email")
            person = await unit.people.actor(owner.id)
        link = Link(
            platform=account.platform,
            workspace=account.workspace,
            account=account.id,
            user=owner.id,
            linked_by="email",
        )
        return actor_of(account, link, person)


async def _owner(unit: Unit, account: Account) -> User | None:
    """The one person whose confirmed e-mail the account has."""
    allowed = unit.installation.link_by_email and account.platform in VOUCHED
    if not allowed or account.standing != "full" or account.email is None:
        return None
    found = await unit.people.by_email(account.email)
    return found if found and found.active else None
