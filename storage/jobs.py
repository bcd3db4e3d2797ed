"""The jobs table: outbox, durable timer and retry queue in one.

A job is claimed by compare-and-set with a fence that grows at each claim; whoever finishes it
must still hold the fence. A key that starts with ``~`` only coalesces: from the claim on the same
may be owed again, so that a change made meanwhile is worked on; but not before the first has come
to its end, or the older of two cards could be drawn last. Any other key is taken for good.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    Select,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from domain.base import Frozen
from domain.job import Job, Lane
from storage.scope import Scope
from storage.tables.ledger import jobs

Made = TypeVar("Made", bound=Job)
KEPT = timedelta(days=7)
ENDED = ("done", "cancelled")
SQLITE_TIME = "%Y-%m-%d %H:%M:%f"


class Planned(NamedTuple, Generic[Made]):
    """A job that nobody has begun, and when it is due."""

    job: Made
    due: datetime


class Claimed(Frozen):
    """A job in hand; ``fence`` must still match when it is finished."""

    id: str
    kind: str
    version: int
    payload: dict[str, Any]
    subject: str | None
    due: datetime
    attempts: int
    fence: int
    correlation_id: str | None
    key: str | None = None

    @property
    def holds_back(self) -> bool:
        """Whether the same may be owed meanwhile, and waits for the end of this one."""
        return self.key is not None and self.key.startswith("!")


def _database_clock(*, sqlite: bool) -> ColumnElement[Any]:
    return func.strftime(SQLITE_TIME, "now") if sqlite else func.clock_timestamp()


@cache
def _asking_the_time(*, sqlite: bool) -> Select[Any]:
    return select(_database_clock(sqlite=sqlite))


def _in_hand(key: ColumnElement[Any]) -> ColumnElement[Any]:
    """What becomes of a coalescing key while its job is carried out."""
    return literal("!").concat(func.substr(key, 2))


def _given_back() -> ColumnElement[Any]:
    """The key of a job that is no longer carried out."""
    return case((jobs.c.key.like("!%"), None), else_=jobs.c.key)


def _is_free() -> ColumnElement[bool]:
    """No job is being carried out under the same coalescing key."""
    other = jobs.alias()
    in_hand = exists().where(other.c.key == _in_hand(jobs.c.key))
    return or_(jobs.c.key.is_(None), jobs.c.key.not_like("~%"), ~in_hand)


@cache
def _taking(kinds: tuple[type[Job], ...]) -> Update:
    """Claims jobs of a lane, most urgent first; a lost lease only where that may run again."""
    again = [kind.kind for kind in kinds if kind.delivery == "at_least_once"]
    lost = and_(jobs.c.state == "running", jobs.c.leased_until < bindparam("clock"))
    due = and_(jobs.c.state == "pending", jobs.c.due <= bindparam("now"), _is_free())
    known = jobs.c.kind.in_([kind.kind for kind in kinds])
    ready = or_(due, and_(lost, jobs.c.kind.in_(again)))
    chosen = select(jobs.c.id).where(jobs.c.lane == bindparam("in_lane"), known, ready)
    chosen = chosen.order_by(jobs.c.priority, jobs.c.due, jobs.c.id).limit(
        bindparam("free", type_=Integer)
    )
    chosen = chosen.with_for_update(skip_locked=True)
    when = jobs.c.leased_until.type
    until = [
        (jobs.c.kind == kind.kind, bindparam(_until(kind.lease), type_=when)) for kind in kinds
    ]
    return (
        update(jobs)
        .where(jobs.c.id.in_(chosen.scalar_subquery()))
        .values(
            state="running",
            fence=jobs.c.fence + 1,
            attempts=jobs.c.attempts + 1,
            leased_until=case(*until),
            key=case((jobs.c.key.like("~%"), _in_hand(jobs.c.key)), else_=jobs.c.key),
        )
        .returning(*(jobs.c[name] for name in Claimed.model_fields), jobs.c.priority)
    )


def _until(lease: timedelta) -> str:
    """The parameter that says when a lease of that length ends."""
    return f"until_{lease.total_seconds():.0f}"


@cache
def _due_in(lanes: tuple[Lane, ...], *, sqlite: bool) -> Select[*tuple[bool, ...]]:
    due = and_(jobs.c.state == "pending", jobs.c.due <= bindparam("now"))
    lost = and_(jobs.c.state == "running", jobs.c.leased_until < _database_clock(sqlite=sqlite))
    found = [exists().where(jobs.c.lane == lane, or_(due, lost)) for lane in lanes]
    return select(*found)


@cache
def _absorbing(kind: type[Job]) -> Update:
    """Ends due jobs of a kind that nobody has tried yet, the oldest first."""
    fresh = and_(jobs.c.state == "pending", jobs.c.lane == kind.lane, jobs.c.attempts == 0)
    due = and_(jobs.c.kind == kind.kind, jobs.c.due <= bindparam("now"))
    chosen = select(jobs.c.id).where(fresh, due).order_by(jobs.c.due, jobs.c.id)
    chosen = chosen.limit(bindparam("most", type_=Integer)).with_for_update(skip_locked=True)
    ending = update(jobs).where(jobs.c.id.in_(chosen.scalar_subquery()))
    return ending.values(state="done", finished_at=bindparam("ended")).returning(jobs.c.payload)


@cache
def _leaving(kinds: tuple[str, ...]) -> Executable:
    """Gives up what was in hand when its lease ended."""
    lost = and_(jobs.c.state == "running", jobs.c.leased_until < bindparam("clock"))
    leaving = update(jobs).where(lost, jobs.c.kind.in_(kinds))
    leaving = leaving.values(state="unknown", key=_given_back())
    return leaving.returning(*(jobs.c[name] for name in Claimed.model_fields))


MOVING = (
    update(jobs)
    .where(
        jobs.c.id == bindparam("job"), jobs.c.fence == bindparam("held"), jobs.c.state == "running"
    )
    .values(key=_given_back())
)


class Jobs:
    """What is owed, and by when."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._leasing: datetime | None = None

    async def add(
        self,
        job: Job,
        *,
        due: datetime | None = None,
        key: str | None = None,
        subject: str | None = None,
    ) -> bool:
        """Owe ``job`` from ``due`` (now) on; False where ``key`` is taken already."""
        row = {
            "id": self.scope.ids.new(),
            "kind": job.kind,
            "version": job.version,
            "key": key,
            "subject": subject,
            "payload": job.model_dump(mode="json"),
            "lane": job.lane,
            "priority": job.priority,
            "due": due or self.scope.now,
            "state": "pending",
            "attempts": 0,
            "fence": 0,
            "created_at": self.scope.now,
            "correlation_id": self.scope.correlation_id,
        }
        adding = self.scope.insert_new(jobs, "key").returning(jobs.c.id)
        added = (await self.scope.connection.execute(adding, row)).first() is not None
        self.scope.wake = True
        return added

    async def cancel(self, subject: str, kinds: Iterable[type[Job]]) -> int:
        """Cancel what is pending for ``subject``; returns how many jobs that were."""
        names = [kind.kind for kind in kinds]
        wanted = and_(jobs.c.subject == subject, jobs.c.kind.in_(names), jobs.c.state == "pending")
        values = {"state": "cancelled", "finished_at": self.scope.now, "key": None}
        done = await self.scope.connection.execute(update(jobs).where(wanted).values(**values))
        return int(done.rowcount)

    async def planned(
        self, kind: type[Made], subject: str | None = None
    ) -> tuple[Planned[Made], ...]:
        """What is pending of a kind (for ``subject``), by when it is due."""
        wanted = [jobs.c.kind == kind.kind, jobs.c.state == "pending"]
        wanted += [jobs.c.subject == subject] if subject else []
        query = select(jobs.c.payload, jobs.c.due).where(*wanted).order_by(jobs.c.due, jobs.c.id)
        rows = await self.scope.connection.execute(query)
        return tuple(Planned(kind.model_validate(payload), due) for payload, due in rows)

    async def claim(self, lane: Lane, kinds: Iterable[type[Job]], free: int) -> list[Claimed]:
        """Take up to ``free`` due jobs of the kinds this process knows, most urgent first."""
        clock = await self._lease_clock()
        known = tuple(kinds)
        leases = {kind.lease for kind in known}
        given = {"in_lane": lane, "now": self.scope.now, "clock": clock, "free": free}
        given |= {_until(lease): clock + lease for lease in leases}
        taken = await self.scope.connection.execute(_taking(known), given)
        rows = sorted(taken.mappings(), key=lambda row: (row["priority"], row["due"], row["id"]))
        return [Claimed(**{name: row[name] for name in Claimed.model_fields}) for row in rows]

    async def absorb(self, kind: type[Made], most: int) -> tuple[Made, ...]:
        """Take up to ``most`` due jobs into the one in hand; they end with it, or are as before."""
        given = {"now": self.scope.now, "ended": self.scope.now, "most": most}
        taken = await self.scope.connection.execute(_absorbing(kind), given)
        return tuple(kind.model_validate(payload) for payload in taken.scalars())

    async def renew(self, job: Claimed, lease: timedelta) -> None:
        """Hold the claim for another ``lease`` from now; one that was lost stays lost."""
        until = await self._lease_clock() + lease
        await self.scope.connection.execute(
            update(jobs).where(self._held(job)).values(leased_until=until)
        )

    async def finish(self, job: Claimed) -> bool:
        """Mark done; False where another worker holds the fence by now."""
        return await self._move(job, state="done", finished_at=self.scope.now, error=None)

    async def retry(self, job: Claimed, error: str, due: datetime) -> bool:
        """Give back for another try at ``due``."""
        return await self._give_back(job, state="pending", due=due, error=error)

    async def put_off(self, job: Claimed, due: datetime) -> bool:
        """Give back until ``due`` before anything was tried; the attempt does not count."""
        return await self._give_back(job, state="pending", due=due, attempts=job.attempts - 1)

    async def wait(self, job: Claimed, platform: str) -> bool:
        """Give back until ``platform`` answers again; the attempt does not count."""
        waiting = {"state": "waiting", "waits_for": platform, "attempts": job.attempts - 1}
        return await self._give_back(job, **waiting)

    async def go_on(self, platform: str) -> None:
        """What waited for ``platform`` is due."""
        waited = update(jobs).where(jobs.c.state == "waiting", jobs.c.waits_for == platform)
        due = {"state": "pending", "waits_for": None, "due": self.scope.now}
        await self.scope.connection.execute(waited.values(**due))
        self.scope.wake = True

    async def drop(self, platform: str, kinds: Iterable[type[Job]]) -> None:
        """Of what waits for ``platform``, cancel what nobody needs any more."""
        names = [kind.kind for kind in kinds]
        waited = (jobs.c.state == "waiting", jobs.c.waits_for == platform, jobs.c.kind.in_(names))
        gone = update(jobs).where(*waited).values(state="cancelled", finished_at=self.scope.now)
        await self.scope.connection.execute(gone)

    async def bury(self, job: Claimed, error: str) -> bool:
        """Give up: the job stays visible as a dead letter."""
        return await self._move(job, state="dead", finished_at=self.scope.now, error=error)

    async def abandon(self, kinds: Iterable[type[Job]]) -> list[Claimed]:
        """Mark what may run at most once and whose lease ran out as ``unknown``; returns it."""
        names = tuple(kind.kind for kind in kinds if kind.delivery == "at_most_once")
        if not names:
            return []
        given = {"clock": await self._lease_clock(), "finished_at": self.scope.now}
        rows = (await self.scope.connection.execute(_leaving(names), given)).mappings()
        return [Claimed.model_validate(dict(row)) for row in rows]

    async def forget(self) -> int:
        """Drop what was done or cancelled over seven days ago; dead letters stay to be seen."""
        ended = and_(jobs.c.state.in_(ENDED), jobs.c.finished_at < self.scope.now - KEPT)
        return int((await self.scope.connection.execute(delete(jobs).where(ended))).rowcount)

    async def due_lanes(self, lanes: Iterable[Lane]) -> tuple[Lane, ...]:
        """Those of ``lanes`` in which a claim would find something; asks without a lock."""
        asked = tuple(lanes)
        if not asked:
            return ()
        query, given = _due_in(asked, sqlite=self.scope.sqlite), {"now": self.scope.now}
        row = (await self.scope.connection.execute(query, given)).one()
        return tuple(lane for lane, any_due in zip(asked, row, strict=True) if any_due)

    async def next_due(self, after: datetime) -> datetime | None:
        """When the earliest pending job is due that is not due by ``after``."""
        query = select(func.min(jobs.c.due)).where(jobs.c.state == "pending", jobs.c.due > after)
        found: datetime | None = (await self.scope.connection.execute(query)).scalar()
        return found

    async def depth(self) -> dict[tuple[str, str], int]:
        """How many jobs stand in each (lane, state) that matters to an operator."""
        query = select(jobs.c.lane, jobs.c.state, func.count()).group_by(jobs.c.lane, jobs.c.state)
        rows = await self.scope.connection.execute(query.where(jobs.c.state != "done"))
        return {(lane, state): count for lane, state, count in rows}

    async def database_now(self) -> datetime:
        """The database server's clock."""
        stamp = await self.scope.connection.execute(_asking_the_time(sqlite=self.scope.sqlite))
        if self.scope.sqlite:
            return datetime.fromisoformat(str(stamp.scalar())).replace(tzinfo=UTC)
        found: datetime = stamp.scalar_one()
        return found

    async def _lease_clock(self) -> datetime:
        """The clock by which leases are held: the database server's, asked once a unit."""
        if self._leasing is None:
            self._leasing = await self.database_now()
        return self._leasing

    async def _give_back(self, job: Claimed, **values: Any) -> bool:
        """End the claim. What was owed again meanwhile makes up for this one, which ends."""
        key = f"~{job.key[1:]}" if job.key and job.holds_back else job.key
        if job.holds_back and await self._is_taken(str(key)):
            return await self._move(job, state="cancelled", finished_at=self.scope.now)
        held = update(jobs).where(self._held(job))
        given = await self.scope.connection.execute(
            held.values(**values, key=key, leased_until=None)
        )
        return bool(given.rowcount)

    async def _is_taken(self, key: str) -> bool:
        """Whether another job coalesces under ``key``."""
        query = select(jobs.c.id).where(jobs.c.key == key)
        return (await self.scope.connection.execute(query)).first() is not None

    async def _move(self, job: Claimed, **values: Any) -> bool:
        mine = {"job": job.id, "held": job.fence}
        moved = await self.scope.connection.execute(MOVING, mine | values)
        self.scope.wake = self.scope.wake or job.holds_back
        return bool(moved.rowcount)

    @staticmethod
    def _held(job: Claimed) -> ColumnElement[bool]:
        return and_(jobs.c.id == job.id, jobs.c.fence == job.fence, jobs.c.state == "running")
