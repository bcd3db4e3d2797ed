"""Chat platforms that do not answer, and what those that answer refuse.

A change of state owes what must follow: the repository adds that job itself. What was said during
an outage is not said again after it; what stands in rooms is brought up to date.
"""

from datetime import datetime

from sqlalchemy import delete, func, select, update

from domain.base import Frozen
from domain.ids import first_id
from domain.incident_jobs import PostAnnouncement
from domain.outage import (
    REMEMBERED,
    TOLD_AGAIN,
    AnsweredElsewhere,
    ChatState,
    alive,
    deafened,
    heard,
    is_deaf,
    lost,
    silent,
)
from domain.outage_jobs import ChatCameBack, ChatWentDown, TellRefusals
from storage.jobs import Jobs
from storage.rows import Rows
from storage.scope import Scope
from storage.tables.chats import chat_refusals, chat_states
from storage.tables.ledger import audit
from storage.tables.paging import pages, rings

LONGEST_ERROR = 300


class Outages(Rows[ChatState]):
    """How each outside platform stands; one that never failed has no row."""

    table = chat_states
    model = ChatState
    noun = "chat"

    def __init__(self, scope: Scope, jobs: Jobs) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self.jobs = jobs

    async def down(self) -> frozenset[str]:
        """The platforms that are down."""
        query = select(chat_states.c.platform).where(chat_states.c.up.is_(False))
        return frozenset((await self.connection.execute(query)).scalars())

    async def of(self, platform: str) -> ChatState:
        """How a platform stands; locked in a write unit."""
        found = await self.first(chat_states.c.platform == platform)
        return found or ChatState(platform=platform, since=self.scope.now)

    async def lost(self, platform: str, error: str) -> None:
        """Calls get no answer: it is down."""
        state = await self.of(platform)
        await self._change(state, lost(state, error[:LONGEST_ERROR], self.scope.now))

    async def probed(self, platform: str, error: str) -> None:
        """A sign of life was asked for; ``error`` says why none came, and is empty where it did."""
        state = await self.of(platform)
        if error:
            after = silent(state, error[:LONGEST_ERROR], self.scope.now)
        else:
            after = alive(state, self.scope.now)
            if after.up and await self._is_deaf(after):
                after = deafened(after, self.scope.now)
        await self._change(state, after)

    async def heard(self, platform: str) -> None:
        """Somebody did something there."""
        state = await self.of(platform)
        await self._change(state, heard(state, self.scope.now))

    async def busy(self, platform: str, since: datetime, until: datetime) -> None:
        """It wants to be left alone for long."""
        state = await self.of(platform)
        asked = {"busy_since": since, "busy_until": until}
        await self._change(state, state.model_copy(update=asked))

    async def told(self, platform: str) -> None:
        """Note that people know."""
        here = update(chat_states).where(chat_states.c.platform == platform)
        await self.connection.execute(here.values(told_at=self.scope.now))

    async def _is_deaf(self, state: ChatState) -> bool:
        """Whether people answer its pages elsewhere; what they do there is in the audit trail."""
        answered = await self._answered(state.platform)
        if not is_deaf(answered, state.heard_at):
            return False
        here = (audit.c.surface == state.platform, audit.c.id >= self._remembered)
        done = await self.connection.execute(select(func.max(audit.c.at)).where(*here))
        times = [one for one in (state.heard_at, done.scalar()) if one]
        return is_deaf(answered, max(times, default=None))

    async def _answered(self, platform: str) -> tuple[AnsweredElsewhere, ...]:
        """The pages of the last hour that it delivered and that their people answered."""
        query = select(pages.c.id, pages.c.user, rings.c.at, rings.c.ref)
        query = query.join(rings, rings.c.page == pages.c.id).order_by(rings.c.at.desc())
        acked = (pages.c.state == "acked", pages.c.ended_by == pages.c.user)
        sent = (rings.c.result == "sent", pages.c.id >= self._remembered)
        found = (await self.connection.execute(query.where(*acked, *sent))).all()
        first = {row.id: row for row in found if row.ref.get("platform") == platform}
        return tuple(AnsweredElsewhere(user=row.user, rung_at=row.at) for row in first.values())

    @property
    def _remembered(self) -> str:
        return first_id(self.scope.now - REMEMBERED)

    async def _change(self, before: ChatState, after: ChatState) -> None:
        if after == before:
            return
        row = self.write(after)
        await self.connection.execute(self.scope.upsert(chat_states, "platform").values(**row))
        if before.up and not after.up:
            gone = ChatWentDown(platform=after.platform, since=after.since)
            await self.jobs.add(gone, key=f"down:{after.platform}:{after.since.isoformat()}")
        elif after.up and not before.up:
            await self.jobs.drop(after.platform, (PostAnnouncement,))
            await self.jobs.go_on(after.platform)
            back = ChatCameBack(platform=after.platform, down_since=before.since)
            await self.jobs.add(back, key=f"back:{after.platform}:{before.since.isoformat()}")
        if after.up != before.up:
            self.scope.topics.add("chats")


class Refusal(Frozen):
    """A person (``person:bob``) or room (``room:incidents``) that a platform does not let
    Tocsin speak to, though it answers."""

    platform: str
    subject: str
    error: str
    since: datetime
    told_at: datetime | None = None


class Refusals(Rows[Refusal]):
    """What is refused now; what works again is forgotten."""

    table = chat_refusals
    model = Refusal
    noun = "refusal"

    def __init__(self, scope: Scope, jobs: Jobs) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self.jobs = jobs

    async def by(self, platform: str) -> tuple[Refusal, ...]:
        """What a platform refuses, the oldest first."""
        wanted = chat_refusals.c.platform == platform
        return await self.where(wanted, order=chat_refusals.c.since)

    async def everything(self) -> tuple[Refusal, ...]:
        """What any platform refuses, the oldest first."""
        return await self.where(order=chat_refusals.c.since)

    async def note(self, platform: str, subject: str, error: str) -> None:
        """Something is refused: the admins hear of it, once, and of several things together."""
        row = {
            "platform": platform,
            "subject": subject,
            "error": error[:LONGEST_ERROR],
            "since": self.scope.now,
        }
        made = self.scope.insert_new(chat_refusals, "platform", "subject").values(**row)
        done = await self.connection.execute(made.returning(chat_refusals.c.subject))
        if done.first() is None:
            return
        times = [one.told_at for one in await self.by(platform) if one.told_at]
        due = max(times) + TOLD_AGAIN if times else self.scope.now
        tell = TellRefusals(platform=platform)
        await self.jobs.add(tell, due=max(due, self.scope.now), key=f"~refusals:{platform}")
        self.scope.topics.add("chats")

    async def over(self, platform: str, subject: str) -> None:
        """It works again."""
        mine = (chat_refusals.c.platform == platform, chat_refusals.c.subject == subject)
        await self.connection.execute(delete(chat_refusals).where(*mine))
        self.scope.topics.add("chats")

    async def told(self, platform: str) -> None:
        """Note that the admins know of all of it."""
        fresh = (chat_refusals.c.platform == platform, chat_refusals.c.told_at.is_(None))
        done = update(chat_refusals).where(*fresh).values(told_at=self.scope.now)
        await self.connection.execute(done)
