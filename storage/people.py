"""People, their roles, tokens, sessions and accounts elsewhere."""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from domain.actor import ALL_SCOPES, Actor, Binding, Role, Scope
from domain.authorize import suffices
from domain.base import Frozen
from domain.rest import Quiet, quiet_hours
from storage.groups import Groups
from storage.rows import Rows
from storage.scope import Scope as UnitScope
from storage.tables.catalog import feeds
from storage.tables.contacts import contact_codes, contact_methods, contact_tests
from storage.tables.people import bindings, identities, sessions, tokens, users


class User(Frozen):
    """A person: ``id`` is the handle people type after ``@``.

    ``awake_until`` and ``quiet`` (``22:00-07:00``) are what they said of themselves.
    """

    id: str
    name: str
    email: str | None = None
    timezone: str = "UTC"
    team: str | None = None
    active: bool = True
    password_hash: str | None = None
    created_at: datetime
    awake_until: datetime | None = None
    quiet: str | None = None

    @property
    def quiet_hours(self) -> Quiet | None:
        """When what can wait is not told them."""
        return quiet_hours(self.quiet) if self.quiet else None


class Token(Frozen):
    """A credential: of a person (``user``), or of a source that may only send (``source``)."""

    id: str
    hash: str
    name: str
    user: str | None = None
    source: str | None = None
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class Session(Frozen):
    """A browser that has logged in; ``csrf`` must come back with every change."""

    hash: str
    user: str
    csrf: str
    created_at: datetime
    expires_at: datetime


def hashed(secret: str) -> str:
    """How secrets with 256 random bits are stored: a plain hash is enough for them."""
    return hashlib.sha256(secret.encode()).hexdigest()


class People(Rows[User]):
    """The people and everything by which they are known."""

    table = users
    model = User
    noun = "person"
    found_by = "type a handle like @bob, or ask an admin to add them"

    def __init__(self, scope: UnitScope) -> None:
        super().__init__(scope.connection, locking=False)
        self.scope = scope
        self.groups = Groups(scope.connection, locking=False)

    async def everybody(self) -> tuple[User, ...]:
        """All people, by handle."""
        return await self.where(order=users.c.id)

    async def in_team(self, team: str) -> tuple[User, ...]:
        """The active members of a team."""
        return await self.where(users.c.team == team, users.c.active, order=users.c.id)

    async def bind(self, binding: Binding) -> None:
        """Give a role; giving it twice is giving it once."""
        row = {"subject": binding.subject, "role": binding.role, "team": binding.team or ""}
        given = self.scope.insert_new(bindings, "subject", "role", "team")
        await self.connection.execute(given, row)

    async def unbind(self, subject: str, role: Role) -> None:
        """Take a role away, everywhere."""
        gone = delete(bindings).where(bindings.c.subject == subject, bindings.c.role == role)
        await self.connection.execute(gone)

    async def bindings_of(self, user: str) -> tuple[Binding, ...]:
        """The person's own roles, and those of the groups they are in."""
        person = await self.get(user)
        return await self._bindings(user, person.team if person else None)

    async def _bindings(self, user: str, team: str | None) -> tuple[Binding, ...]:
        own, groups = await self._own_bindings(user), await self.groups.of(user, team)
        return (*own, *(binding for group in groups for binding in group.bindings))

    async def _own_bindings(self, user: str) -> tuple[Binding, ...]:
        query = select(bindings).where(bindings.c.subject == user)
        rows = (await self.connection.execute(query.order_by(bindings.c.role))).mappings()
        return tuple(
            Binding(subject=row["subject"], role=Role(row["role"]), team=row["team"] or None)
            for row in rows
        )

    async def with_role(self, role: Role) -> tuple[User, ...]:
        """Active people who hold ``role`` everywhere, themselves or in a group."""
        return await self._holders((role,), ("",))

    async def holding(self, needed: Role, team: str | None) -> tuple[User, ...]:
        """Active people with at least a role, everywhere or for ``team``."""
        enough = tuple(role for role in Role if suffices(role, needed))
        return await self._holders(enough, ("", team or ""))

    async def _holders(self, roles: tuple[Role, ...], teams: tuple[str, ...]) -> tuple[User, ...]:
        own = select(bindings.c.subject).where(bindings.c.role.in_(roles))
        group = await self.groups.holding(roles, teams)
        fitting = or_(
            users.c.id.in_(own.where(bindings.c.team.in_(teams))),
            users.c.id.in_(group.people),
            users.c.team.in_(group.teams),
        )
        return await self.where(fitting, users.c.active, order=users.c.id)

    async def actor(self, user: str, scopes: frozenset[Scope] | None = None) -> Actor | None:
        """The person as an actor; None for nobody and for the deactivated."""
        found = await self.get(user)
        if found is None or not found.active:
            return None
        return Actor(
            user=user,
            name=found.name,
            bindings=await self._bindings(user, found.team),
            scopes=ALL_SCOPES if scopes is None else scopes,
            timezone=found.timezone,
        )

    async def keep_token(self, token: Token) -> None:
        """Store a new token; the secret itself is never stored."""
        row = token.model_dump() | {"scopes": sorted(token.scopes)}
        await self.connection.execute(insert(tokens), row)

    async def token(self, secret: str) -> Token | None:
        """The token of ``secret`` while it is neither expired nor revoked."""
        query = select(tokens).where(tokens.c.hash == hashed(secret), tokens.c.revoked_at.is_(None))
        row = (await self.connection.execute(query)).mappings().first()
        found = Token.model_validate(dict(row)) if row else None
        return found if found and found.expires_at > self.scope.now else None

    async def tokens(self, user: str | None = None) -> tuple[Token, ...]:
        """Every token (of ``user``), oldest first."""
        query = select(tokens).order_by(tokens.c.id)
        if user is not None:
            query = query.where(tokens.c.user == user)
        rows = (await self.connection.execute(query)).mappings()
        return tuple(Token.model_validate(dict(row)) for row in rows)

    async def used(self, token: str) -> None:
        """Note when a token was last used."""
        seen = update(tokens).where(tokens.c.id == token).values(last_used_at=self.scope.now)
        await self.connection.execute(seen)

    async def revoke(self, token: str) -> bool:
        """End a token now."""
        live = (tokens.c.id == token, tokens.c.revoked_at.is_(None))
        ended = update(tokens).where(*live).values(revoked_at=self.scope.now)
        return bool((await self.connection.execute(ended)).rowcount)

    async def keep_session(self, session: Session) -> None:
        """Store a login."""
        await self.connection.execute(insert(sessions), session.model_dump())

    async def session(self, secret: str) -> Session | None:
        """The login of a cookie while it lasts."""
        query = select(sessions).where(sessions.c.hash == hashed(secret))
        row = (await self.connection.execute(query)).mappings().first()
        found = Session.model_validate(dict(row)) if row else None
        return found if found and found.expires_at > self.scope.now else None

    async def end_session(self, secret: str) -> None:
        """Log out."""
        await self.connection.execute(delete(sessions).where(sessions.c.hash == hashed(secret)))

    async def forget_sessions(self) -> None:
        """Drop logins that have run out."""
        over = sessions.c.expires_at < self.scope.now
        await self.connection.execute(delete(sessions).where(over))

    async def deactivate(self, user: str) -> None:
        """End everything the person could act with, in this commit (rules.md 14)."""
        off = update(users).where(users.c.id == user).values(active=False)
        await self.connection.execute(off)
        await self.connection.execute(delete(sessions).where(sessions.c.user == user))
        await self.connection.execute(delete(identities).where(identities.c.user == user))
        gone = update(feeds).where(feeds.c.owner == user, feeds.c.revoked_at.is_(None))
        await self.connection.execute(gone.values(revoked_at=self.scope.now))
        for table in (contact_methods, contact_codes, contact_tests):
            await self.connection.execute(delete(table).where(table.c.user == user))
        live = (tokens.c.user == user, tokens.c.revoked_at.is_(None))
        ended = update(tokens).where(*live).values(revoked_at=self.scope.now)
        await self.connection.execute(ended)

    async def by_email(self, email: str) -> User | None:
        """The person with that e-mail address."""
        return await self.first(users.c.email == email.lower())

    async def find(self, word: str) -> tuple[User, ...]:
        """People whose handle, name or e-mail is ``word``."""
        lowered = word.lower()
        named = or_(users.c.id == lowered, users.c.email == lowered, users.c.name.ilike(lowered))
        return await self.where(named, order=users.c.id)

    def write(self, value: Any) -> dict[str, Any]:
        """A person as a row."""
        return dict(value.model_dump())
