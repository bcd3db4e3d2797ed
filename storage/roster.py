"""Who is meant: the people behind a person, schedule, team or service, and why they are."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.actor import Role
from domain.base import Frozen
from domain.contact import ContactMethod, wakeable
from domain.escalation import EscalationPolicy, Round, Target, round_at
from domain.schedule import OnCall, Schedule, on_call
from storage.catalog import Catalog
from storage.chats import Links
from storage.contacts import Contacts
from storage.people import People, User


class Duty(Frozen):
    """A person who is asked, and why in words that fit after "You are"."""

    user: str
    why: str


class Roster:
    """Reads schedules and teams as they are now."""

    def __init__(self, catalog: Catalog, people: People, links: Links, contacts: Contacts) -> None:
        self.catalog = catalog
        self.people = people
        self.links = links
        self.contacts = contacts

    async def behind(self, target: Target, at: datetime) -> tuple[Duty, ...]:
        """The active people that ``target`` means at the instant ``at``."""
        if target.kind == "schedule":
            return await self._on_schedule(target.id, at)
        if not target.rings:
            return ()
        if target.kind == "team":
            members = await self.people.in_team(target.id)
            return tuple(Duty(user=one.id, why=f"in team {target.id}") for one in members)
        person = await self.people.get(target.id)
        return (Duty(user=target.id, why="named by the policy"),) if _active(person) else ()

    async def at_round(self, one: Round, at: datetime) -> tuple[Duty, ...]:
        """Everybody a step rings, each once."""
        found: dict[str, Duty] = {}
        for target in one.targets:
            for duty in await self.behind(target, at):
                found.setdefault(duty.user, duty)
        return tuple(found.values())

    async def beyond(self, policy: EscalationPolicy, user: str, at: datetime) -> EscalationPolicy:
        """The policy without the steps that would ring nobody but ``user`` at ``at``."""
        rounds = [round_at(policy, n, at) for n in range(len(policy.steps))]
        rung = [{duty.user for duty in await self.at_round(one, at)} for one in rounds]
        steps = [step for step, people in zip(policy.steps, rung, strict=True) if people != {user}]
        return policy.model_copy(update={"steps": tuple(steps)})

    async def admins(self) -> tuple[Duty, ...]:
        """Who is asked when nobody else is there."""
        admins = await self.people.with_role(Role.ADMIN)
        return tuple(Duty(user=one.id, why="an admin, and nobody is on call") for one in admins)

    async def methods(self, user: str) -> tuple[ContactMethod, ...]:
        """How the person can be reached, by what is set up: a linked account is verified, as is
        the e-mail an admin gave; the built-in chat, which comes last, knows everybody."""
        person = await self.people.get(user)
        chats = [
            _chat(one) for one in dict.fromkeys(one.platform for one in await self.links.of(user))
        ]
        able = self.contacts.scope.installation.notifies
        own = [_own(person.email)] if person and person.email and "email" in able else []
        given = [one.method(able) for one in await self.contacts.of(user)]
        others = {(one.kind, one.address): one for one in (*given, *own) if one}
        return (*chats, *others.values(), _chat("console"))

    async def asleep(self, users: Iterable[str]) -> dict[str, str]:
        """Those of ``users`` whom no page would wake, each with the reason."""
        able = self.contacts.scope.installation.notifies
        found = {user: wakeable(await self.methods(user), able) for user in dict.fromkeys(users)}
        return {user: one.reason for user, one in found.items() if not one.ok}

    async def _on_schedule(self, schedule: str, at: datetime) -> tuple[Duty, ...]:
        found = await self.catalog.schedules.get(schedule)
        if found is None:
            return ()
        duties = [await self._duty(found, one) for one in on_call(found, at)]
        return tuple(duty for duty in duties if duty)

    async def _duty(self, schedule: Schedule, one: OnCall) -> Duty | None:
        person = await self.people.get(one.user)
        if person is None or not person.active:
            return None
        until = f" until {clock(one.until, person.timezone)}" if one.until else ""
        return Duty(user=one.user, why=f"on call for {schedule.name}{until}")


def _chat(platform: str) -> ContactMethod:
    return ContactMethod(kind="chat", address=platform, verified=True, id=platform)


def _own(email: str) -> ContactMethod:
    return ContactMethod(kind="email", address=email, verified=True, id="email")


def clock(at: datetime, zone: str) -> str:
    """``Mon 09:00`` in the reader's zone."""
    return f"{at.astimezone(ZoneInfo(zone)):%a %H:%M}"


def _active(person: User | None) -> bool:
    return person is not None and person.active
