"""What the web asks of the store: who a secret belongs to, and what providers tell."""

import asyncio
from datetime import timedelta

from bot import passwords
from domain.actor import Actor, Scope
from domain.calendar import Calendar
from domain.receipt import HeedReceipt
from storage import people
from storage.people import User, hashed
from storage.store import Act, Store
from storage.unit import Unit
from storage.views import safe_mode
from web.ports import NewSession, Paged, Session, Tested, Token

SESSION_LASTS = timedelta(days=14)
NOTED_EVERY = timedelta(minutes=1)
LINK_MAY = frozenset({Scope.PAGE})


class StoredCredentials:
    """`web.ports.Credentials` over the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turn = asyncio.Semaphore(1)

    async def token(self, secret: str) -> Token | None:
        """The token while it is valid; at most once a minute its use is noted."""
        async with self._store.read() as unit:
            found = await unit.people.token(secret)
            if found is None:
                return None
            actor = await _actor_of(unit, found)
            now = unit.now
        if found.user is not None and actor is None:
            return None
        if found.last_used_at is None or now - found.last_used_at >= NOTED_EVERY:
            async with self._store.write(Act("tocsin", "api")) as unit:
                await unit.people.used(found.id)
        return Token(
            id=found.id,
            name=found.name,
            source=found.source,
            scopes=frozenset(found.scopes),
            actor=actor,
        )

    async def session(self, secret: str) -> Session | None:
        """The session while it lasts and its person is active."""
        async with self._store.read() as unit:
            found = await unit.people.session(secret)
            actor = await unit.people.actor(found.user) if found else None
        if found is None or actor is None:
            return None
        since = actor.model_copy(update={"logged_in_at": found.created_at})
        return Session(actor=since, csrf=found.csrf)

    async def person(self, name: str, password: str) -> str | None:
        """Whoever has this id or e-mail, if the password is right; one check at a time."""
        async with self._store.read() as unit:
            user = await _named(unit, name)
        stored = user.password_hash if user and user.active else None
        async with self._turn:
            right = await asyncio.to_thread(passwords.is_right, password, stored)
        if user is None or not right:
            return None
        if stored and passwords.is_outdated(stored):
            await self._renew(user, password)
        return user.id

    async def begin(self, user: str) -> NewSession | None:
        """Log the person in: a fresh secret each time."""
        secret, csrf = self._store.ids.secret(), self._store.ids.secret()
        async with self._store.write(Act(user, "web")) as unit:
            if await unit.people.actor(user) is None:
                return None
            ends = unit.now + SESSION_LASTS
            session = people.Session(
                hash=hashed(secret), user=user, csrf=csrf, created_at=unit.now, expires_at=ends
            )
            await unit.people.keep_session(session)
            await unit.audit.add("session_began", f"person:{user}", "done", {})
        return NewSession(secret=secret, csrf=csrf, expires_at=ends)

    async def end(self, secret: str) -> None:
        """Log out."""
        async with self._store.write(Act("tocsin", "web")) as unit:
            await unit.people.end_session(secret)

    async def _renew(self, user: User, password: str) -> None:
        fresh = await asyncio.to_thread(passwords.hash_password, password)
        async with self._store.write(Act(user.id, "web")) as unit:
            await unit.people.save(user.model_copy(update={"password_hash": fresh}))


class StoredPageLinks:
    """`web.ports.PageLinks` over the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def behind(self, code: str) -> Paged | None:
        """The page, its incident and the person; None where any of them is no more."""
        async with self._store.read() as unit:
            page = await unit.pages.by_code(code)
            incident = await unit.incidents.get(page.incident) if page else None
            actor = await unit.people.actor(page.user, LINK_MAY) if page else None
        if page is None or incident is None or actor is None:
            return None
        return Paged(page=page, incident=incident, person=actor)

    async def tested(self, code: str) -> Tested | None:
        """The test and the person; None where either is no more."""
        async with self._store.read() as unit:
            test = await unit.reach_tests.by_code(code)
            actor = await unit.people.actor(test.user, LINK_MAY) if test else None
        return Tested(test=test, person=actor) if test and actor else None


class StoredTexting:
    """`web.ports.Texting` over the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def owner(self, number: str) -> Actor | None:
        """Only a verified number counts, and only where one person has it."""
        async with self._store.read() as unit:
            owners = await unit.contacts.owners("sms", number)
            return await unit.people.actor(owners[0], LINK_MAY) if len(owners) == 1 else None


class StoredReports:
    """`web.ports.Reports` over the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def tell(self, told: HeedReceipt) -> None:
        """Once for what one message came to."""
        async with self._store.write(Act("tocsin", "web")) as unit:
            await unit.jobs.add(told, key=f"receipt:{told.receipt}:{told.told}")


async def open_banner(store: Store) -> str:
    """`web.ports.Banner` over the store."""
    async with store.read() as unit:
        return await safe_mode.open_banner(unit.scope)


class StoredCalendarLinks:
    """`web.ports.CalendarLinks` over the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def calendar(self, secret: str) -> Calendar | None:
        """The calendar as it is now."""
        async with self._store.read() as unit:
            return await unit.feeds.behind(secret)


async def _actor_of(unit: Unit, token: people.Token) -> Actor | None:
    if token.user is None:
        return None
    return await unit.people.actor(token.user, frozenset(token.scopes))


async def _named(unit: Unit, name: str) -> User | None:
    word = name.strip().lower()
    return next((one for one in await unit.people.find(word) if word in (one.id, one.email)), None)
