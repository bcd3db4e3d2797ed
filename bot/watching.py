"""An outside chat under watch: whether it answers, and whom it refuses."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from domain.errors import Permanent, Retry, Unavailable
from domain.message import Message
from domain.outage import LOST_CALLS, is_long
from domain.place import MessageRef, Place
from domain.ports import Chat, RoomSpec
from storage.store import Act, Store

log = structlog.get_logger()

Answer = TypeVar("Answer")
# Shorter than the patience of a ring, so that the chat is known to be silent before it gives way.
PATIENCE_S = 7.0
ROOM_S = 30.0
ROOMS = "opening rooms"


@dataclass
class WatchedChat:
    """Another chat, each call bounded in time and its outcome noted.

    While the platform is down every call raises `Unavailable` at once; only `probe` goes through.
    ``failed`` is told each call that failed, by platform.
    """

    chat: Chat
    store: Store
    failed: Callable[[str], None]
    lost: int = 0
    busy_since: datetime | None = None
    people: dict[str, str] = field(default_factory=dict)

    @property
    def platform(self) -> str:
        """The other chat's name."""
        return self.chat.platform

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        """Post, and note whether the room lets us."""
        subject = self._subject(place.room)
        known = await self._is_refused(subject)
        posting = self.chat.post(place, message, key, again=again)
        posted = await self._asked(posting, subject)
        if known:
            async with self.store.write(Act("tocsin", "job")) as unit:
                await unit.refusals.over(self.platform, subject)
        return posted

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Replace a message."""
        await self._need_up()
        await self._asked(self.chat.edit(ref, message))

    async def direct(self, user: str) -> Place:
        """The person's direct room, remembered as theirs."""
        await self._need_up()
        place = await self._asked(self.chat.direct(user), f"person:{user}")
        self.people[place.room] = user
        return place

    async def open_room(self, spec: RoomSpec) -> Place:
        """Open a room, which may take several calls."""
        await self._need_up()
        return await self._asked(self.chat.open_room(spec), ROOMS, ROOM_S)

    async def invite(self, place: Place, users: tuple[str, ...]) -> None:
        """Bring people in."""
        await self._need_up()
        await self._asked(self.chat.invite(place, users), patience_s=ROOM_S)

    async def pin(self, ref: MessageRef) -> None:
        """Keep a message at the head."""
        await self._need_up()
        await self._asked(self.chat.pin(ref))

    async def archive(self, place: Place) -> None:
        """Close a room."""
        await self._need_up()
        await self._asked(self.chat.archive(place))

    async def hold_group(self, group: str, users: tuple[str, ...], gone: tuple[str, ...]) -> None:
        """Change a group, which may take several calls."""
        await self._need_up()
        await self._asked(self.chat.hold_group(group, users, gone), patience_s=ROOM_S)

    async def is_silent(self, user: str) -> bool:
        """Ask; that the answer fails says nothing of messages."""
        return await self.chat.is_silent(user)

    async def probe(self) -> None:
        """Ask for a sign of life, whatever is known."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.chat.probe()
        except TimeoutError:
            raise Retry(f"no sign of life within {PATIENCE_S:.0f} s") from None

    async def _asked(
        self, call: Awaitable[Answer], subject: str = "", patience_s: float = PATIENCE_S
    ) -> Answer:
        try:
            async with asyncio.timeout(patience_s):
                answer = await call
        except Permanent as refusal:
            self.failed(self.platform)
            await self._refused(subject, str(refusal))
            raise
        except TimeoutError:
            self.failed(self.platform)
            silence = f"no answer within {patience_s:.0f} s"
            await self._lost(silence)
            raise Retry(silence) from None
        except Retry as busy:
            self.failed(self.platform)
            await self._put_off(busy)
            raise
        self.lost, self.busy_since = 0, None
        return answer

    async def _lost(self, error: str) -> None:
        """A call without an answer; several in a row are an outage. Raises `Unavailable` then."""
        self.lost += 1
        if self.lost >= LOST_CALLS:
            await self._is_down(error)

    async def _put_off(self, busy: Retry) -> None:
        """No answer; or it wants to be left alone, and the operator hears of a long time, once."""
        if busy.after is None:
            await self._lost(str(busy))
            return
        await self._waits(busy.after)

    async def _waits(self, after: timedelta) -> None:
        now = self.store.clock.now()
        began, until = self.busy_since is None, now + after
        since = self.busy_since = self.busy_since or now
        if not is_long(since, until):
            return
        async with self.store.write(Act("tocsin", "job")) as unit:
            known = (await unit.outages.of(self.platform)).busy_since
            await unit.outages.busy(self.platform, since, until)
        if began or known != since:
            log.warning("chat asks to wait", platform=self.platform, until=f"{until:%F %T}")

    async def _refused(self, subject: str, error: str) -> None:
        """A refusal: of this room or person alone, or of everybody, as with a revoked token."""
        try:
            await self.probe()
        except (Retry, Permanent):
            await self._is_down(error)
        if subject:
            async with self.store.write(Act("tocsin", "job")) as unit:
                await unit.refusals.note(self.platform, subject, error)

    async def _is_down(self, error: str) -> None:
        self.lost = 0
        async with self.store.write(Act("tocsin", "job")) as unit:
            await unit.outages.lost(self.platform, error)
        raise Unavailable(self.platform, fresh=True)

    async def _need_up(self) -> None:
        async with self.store.read() as unit:
            if self.platform in await unit.outages.down():
                raise Unavailable(self.platform)

    async def _is_refused(self, subject: str) -> bool:
        async with self.store.read() as unit:
            if self.platform in await unit.outages.down():
                raise Unavailable(self.platform)
            return any(one.subject == subject for one in await unit.refusals.by(self.platform))

    def _subject(self, room: str) -> str:
        return f"person:{self.people[room]}" if room in self.people else f"room:{room}"
