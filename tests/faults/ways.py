"""Kills a Tocsin at the boundaries of one page that rings by one way beside chat, and counts what
its provider took.

``python -m tests.faults.ways URL HOME WAY [DEATHS]`` copies the seeded database at URL for each
run. The provider is the server that the way's own tests use, on loopback, and what it took
outlives its process: a death may also come right after it took a message and before its answer. A
second process finishes the story. What was found is printed as JSON.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from aiosmtpd.smtp import SMTP, Envelope, Session

from domain.base import Frozen
from domain.contact import ContactKind
from domain.lasting import Alarm
from domain.message import Message
from domain.ports import Chat, Clock, Lasting, Notifier, Receipted
from domain.receipt import Emergency, Receipt
from integrations.notify.email import Email
from integrations.notify.email import mail_server as told
from integrations.notify.ntfy import Ntfy
from integrations.notify.pagerduty import PagerDuty
from integrations.notify.pushover import Pushover
from integrations.notify.sealed import packed, private_key, public_bytes
from integrations.notify.sms import Sms
from integrations.notify.voice import Voice
from integrations.notify.web_push import WebPush
from integrations.notify.webhook import Webhook
from tests.fakes.child import free_port
from tests.fakes.mail_server import MailServer, mail_server
from tests.fakes.ntfy_server import FakeNtfy
from tests.fakes.one_request import Said, hearing, listening
from tests.fakes.pagerduty_events import KEY as ROUTING
from tests.fakes.pagerduty_events import FakePagerDuty
from tests.fakes.push_service import KEY, FakeBrowser, FakePushService
from tests.fakes.pushover_api import BOB, FakePushover
from tests.fakes.stores import NOON, SYSTEM
from tests.fakes.twilio_api import FakeTwilio
from tests.fakes.webhook_receiver import FakeReceiver
from tests.faults.boundaries import AroundChat, AroundCommits, Boundaries
from tests.faults.crash import (
    PASSED,
    VERIFIED,
    Ground,
    Grounds,
    forked,
    look,
    outlive,
    prepare,
    sealed,
    spread,
)
from tests.faults.evidence import Witness
from tests.faults.invariants import broken
from tests.faults.ledger import Ledger, append
from tests.faults.story import Teller, telling

NUMBER = "+491511234567"
TAKEN, PORT = "taken.txt", "port.txt"
RUNG, OVER = timedelta(minutes=2, seconds=30), timedelta(minutes=9)

Took = Callable[[], None]
Opened = AbstractAsyncContextManager[Notifier]


class Way(NamedTuple):
    """``opens`` the provider at a port for as long as the block lasts, ``address`` is bob's there,
    ``names`` what it took so far, oldest first; ``knows_repeats`` where a name that came twice is
    one message to who reads it."""

    kind: ContactKind
    opens: Callable[[Any, int, Took, Clock], Opened]
    made: Callable[[Clock], Any]
    address: Callable[[int], str]
    names: Callable[[Any], list[str]]
    knows_repeats: bool


class Survey(Frozen):
    """What a way came to: ``sent`` undisturbed, ``extra`` messages that somebody read twice and
    ``lost`` pages over all deaths, ``unknown`` deaths of which nobody knew what came of the send.
    """

    way: str
    boundaries: tuple[str, ...]
    killed: int
    sent: int
    lost: int
    extra: int
    unknown: int
    complaints: dict[str, list[str]]


@dataclass(frozen=True)
class AroundNotifier:
    """A point before and one after each message that is handed in."""

    notifier: Notifier
    points: Boundaries

    @property
    def kind(self) -> ContactKind:
        """The other's kind."""
        return self.notifier.kind

    async def send(self, address: str, message: Message, key: str) -> Receipt:
        """Hand it in, between two points."""
        self.points.cross(f"before {self.kind}")
        receipt = await self.notifier.send(address, message, key)
        self.points.cross(f"after {self.kind}")
        return receipt

    async def settle(self, alarm: Alarm) -> None:
        """As the other's, where it rings on."""
        if isinstance(self.notifier, Lasting):
            self.points.cross(f"before {self.kind} is settled")
            await self.notifier.settle(alarm)
            self.points.cross(f"after {self.kind} is settled")

    async def state_of(self, receipt: str) -> Emergency:
        """As the other's, where it can be asked."""
        assert isinstance(self.notifier, Receipted)
        return await self.notifier.state_of(receipt)

    async def probe(self) -> None:
        """Nobody asks."""


# --- the providers


@dataclass
class _Post(MailServer):
    """A mail server that says when it has taken a letter."""

    took: Took = lambda: None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        said = await super().handle_DATA(server, session, envelope)
        self.took()
        return said


@asynccontextmanager
async def _posting(end: _Post, _port: int, took: Took, clock: Clock) -> AsyncIterator[Notifier]:
    end.took = took
    async with mail_server(made=end):
        yield Email(told(end.url), clock)


def _asked(build: Callable[[Any, Clock], Notifier]) -> Callable[[Any, int, Took, Clock], Opened]:
    """A provider that is asked over HTTP."""

    @asynccontextmanager
    async def opened(end: Any, port: int, took: Took, clock: Clock) -> AsyncIterator[Notifier]:
        def answer(*request: Any) -> Any:
            said: Said = end.answer(*request)
            took()
            return said

        headers = isinstance(end, FakePushService | FakeReceiver)
        async with (hearing if headers else listening)(answer, port) as end.port:
            yield build(end, clock)

    return opened


def _browser_key() -> FakeBrowser:
    return FakeBrowser(private_key(KEY), bytes(range(16)))


def _service(clock: Clock) -> FakePushService:
    return FakePushService(clock, browsers=[_browser_key()])


def _subscribed(port: int) -> str:
    one = _browser_key()
    keys = f"{packed(public_bytes(one.key.public_key()))}.{packed(one.auth)}"
    return f"http://127.0.0.1:{port}/push/0#{keys}"


def _receiver(_clock: Clock) -> FakeReceiver:
    return FakeReceiver()


def _webhook(end: FakeReceiver, clock: Clock) -> Notifier:
    end.secret = end.terms.told(end.address)
    return Webhook(end.terms, clock)


def _numbered(taken: list[dict[str, str]]) -> list[str]:
    """Nothing tells one of them from another."""
    return [f"message {n}" for n in range(len(taken))]


def _keys(end: FakePushService) -> list[str]:
    return [str(end.browsers[0].read(body)["key"]) for body in end.bodies]


WAYS: tuple[Way, ...] = (
    Way("email", _posting, lambda _: _Post(), lambda _: "bob@night.example",
        lambda end: [str(one["Message-ID"]) for one in end.letters], True),
    Way("sms", _asked(lambda end, _: Sms(end.account)), lambda _: FakeTwilio(), lambda _: NUMBER,
        lambda end: _numbered(end.sent), False),
    Way("voice", _asked(lambda end, _: Voice(end.account)), lambda _: FakeTwilio(),
        lambda _: NUMBER, lambda end: _numbered(end.called), False),
    Way("ntfy", _asked(lambda end, _: Ntfy(end.told)), lambda _: FakeNtfy(), lambda _: "bobs",
        lambda end: [one["sequence_id"] for one in end.published], True),
    Way("pushover", _asked(lambda end, _: Pushover(end.app)), lambda _: FakePushover(),
        lambda _: BOB, lambda end: _numbered(end.sent), False),
    Way("pagerduty", _asked(lambda end, _: PagerDuty(end.service)), lambda _: FakePagerDuty(),
        lambda _: ROUTING,
        lambda end: [one for one, made in end.incidents.items() for _ in range(made.triggers)],
        True),
    Way("webhook", _asked(_webhook), _receiver,
        lambda port: FakeReceiver(port).address, lambda end: list(end.events), True),
    Way("push", _asked(lambda end, clock: WebPush(end.vapid, end.outside, clock)), _service,
        _subscribed, _keys, True),
)  # fmt: skip


# --- the story


def main(url: str, home: str, kind: str, deaths: str = "") -> None:
    """Print what one way came to."""
    prepare()
    way = next(one for one in WAYS if one.kind == kind)
    template, grounds = Ground(url, Path(home) / "template"), Grounds(Path(home))
    (template.home / PORT).write_text(str(free_port()))
    found = Run(grounds, template, way).survey(int(deaths) if deaths else None)
    print(found.model_dump_json())


@dataclass(frozen=True)
class Run:
    """A way, and the ground on which each of its stories begins."""

    grounds: Grounds
    start: Ground
    way: Way

    def survey(self, deaths: int | None) -> Survey:
        """Tell it undisturbed, then die at the boundaries and finish it."""
        with self.grounds.copied(self.start) as ground:
            assert forked(lambda: tell(ground, self.way)) == 0
            names = tuple((ground.home / PASSED).read_text().splitlines())
            sent, complaints = read_by(ground, self.way), {"undisturbed": broken(look(ground))}
        extra = lost = unknown = killed = 0
        for number in spread(len(names), deaths):
            with self.grounds.copied(self.start) as ground:
                if forked(lambda at=number: tell(ground, self.way, at)) == 0:  # type: ignore[misc]
                    continue
                unknown += _is_unknown(ground, self.way)
                outlive(ground)
                assert forked(lambda: tell(ground, self.way)) == 0, names[number - 1]
                killed += 1
                more = read_by(ground, self.way) - sent
                lost, extra = lost + max(-more, 0), extra + max(more, 0)
                wrong = [*broken(look(ground)), *_too_many(self.way, more)]
                complaints[f"{number} {names[number - 1]}"] = wrong
        return Survey(
            way=self.way.kind,
            boundaries=names,
            killed=killed,
            sent=sent,
            lost=lost,
            extra=extra,
            unknown=unknown,
            complaints={name: found for name, found in complaints.items() if found},
        )


def _is_unknown(ground: Ground, way: Way) -> bool:
    """Whether the provider had more than our record says when the process died."""
    witness = Witness(ground.url)
    rings = witness.evidence(Ledger(), NOON, up=False).rings
    witness.close()
    known = sum((one.method, one.result) == (way.kind, "sent") for one in rings)
    return len(_taken(ground)) > known


def _too_many(way: Way, more: int) -> list[str]:
    """One death leaves one outcome unknown."""
    most = 0 if way.knows_repeats else 1
    return [] if 0 <= more <= most else [f"{more:+} messages by {way.kind}"]


def read_by(ground: Ground, way: Way) -> int:
    """How many messages whoever reads there has seen."""
    names = _taken(ground)
    return len(set(names)) if way.knows_repeats else len(names)


def _taken(ground: Ground) -> list[str]:
    """All that the provider took, oldest first."""
    file = ground.home / TAKEN
    return file.read_text().splitlines() if file.exists() else []


def tell(ground: Ground, way: Way, fatal: int | None = None) -> None:
    """Tell the story in this process, to its end or death."""
    points = Boundaries(fatal)
    asyncio.run(_tell(ground, way, points))
    (ground.home / PASSED).write_text("\n".join(points.passed))


async def _tell(ground: Ground, way: Way, points: Boundaries) -> None:
    def listened(parts: Any, chat: Chat) -> Chat:
        AroundCommits(points).listen(parts.store.database.write_engine)
        return AroundChat(chat, points)

    port = int((ground.home / PORT).read_text())
    async with telling(ground.url, ground.home, listened) as teller:
        end = way.made(teller.clock)
        async with way.opens(end, port, _taking(ground, way, end, points), teller.clock) as sender:
            await _reach_by(teller, AroundNotifier(sender, points), way.address(port))
            await _story(teller)
        verified = await sealed(teller)
    (ground.home / VERIFIED).write_text(verified.model_dump_json())


def _taking(ground: Ground, way: Way, end: Any, points: Boundaries) -> Took:
    """What the provider took is on its own disk before it answers."""
    known = [0]

    def took() -> None:
        names = way.names(end)
        for name in names[known[0] :]:
            append(ground.home / TAKEN, f"{name}\n")
            points.cross(f"{way.kind} took it")
        known[0] = len(names)

    return took


async def _reach_by(teller: Teller, notifier: AroundNotifier, address: str) -> None:
    """Bob has this way, verified, and no other beside the built-in chat."""
    store, worker = teller.parts.store, teller.parts.worker
    worker.ports = replace(worker.ports, notifiers={notifier.kind: notifier})
    able = frozenset({notifier.kind})
    store.installation = store.installation.model_copy(update={"notifies": able})
    if not teller.ledger.events:
        fatal, notifier.points.fatal = notifier.points.fatal, None
        async with store.write(SYSTEM) as unit:
            mine = await unit.contacts.give("bob", notifier.kind, address)
            await unit.contacts.verify(mine.id)
        notifier.points.passed.clear()
        notifier.points.fatal = fatal


async def _story(teller: Teller) -> None:
    """Bob is paged and rung; he answers, and is rung no more."""
    await teller.begin()
    await teller.is_delivered()
    await teller.is_time(RUNG)
    await teller.is_called("bob", "incident ack")
    await teller.is_time(OVER)


if __name__ == "__main__":
    main(*sys.argv[1:])
