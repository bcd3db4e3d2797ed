"""Every command that changes something, used once from some chat: each use is in the trail."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import pytest

from bot.demo.bodies import Firing, alertmanager_body
from bot.organisation import apply, plan, read_files
from commands.discovery import registry
from domain.account import Account, Platform
from domain.actor import Role, Scope
from domain.call import Call, Origin, Reply
from domain.chat import Words
from domain.errors import Retry
from domain.grammar import Parsed, parse
from domain.place import Place
from domain.plain import plain
from domain.run import StepOrder, StepOutcome
from domain.server import Server
from tests.fakes.codes import CODE
from tests.fakes.conditions import KAFKA, MINUTE, condition
from tests.fakes.deployers import Pipeline
from tests.fakes.mail_server import MailServer, mailing, words
from tests.fakes.outside import connected
from tests.fakes.stores import SYSTEM
from tests.fakes.tocsin import Tocsin
from tests.stories.test_runbooks import PAGE

pytestmark = pytest.mark.parametrize("copied", ["sqlite"], indirect=True)

ALL = registry()
OUTSIDE: tuple[Platform, ...] = ("slack", "discord", "teams")
CHATS = ("console", *OUTSIDE)
PEOPLE = ("alice", "bob", "carol", "dave", "erin")
PATRONI = condition("patroni", "critical", "PatroniNoLeader", "The cluster has no leader")
TRINO_FAILS = condition("trino", "critical", "TrinoCatalogueErrors", "Queries fail")
RAIN = [condition(f"shop-{number}", "critical") for number in range(4)]
LAST = condition("depot", "critical")
IN_A_STORM = {"page ackall", "incident phones"}


@dataclass
class Well:
    """Every step goes well."""

    async def perform(self, order: StepOrder) -> StepOutcome:
        return StepOutcome(ok=True, output=order.key)


@dataclass
class Uses:
    """Says lines, each from the next chat, and looks into the trail after each."""

    tocsin: Tocsin
    used: set[str] = field(default_factory=set)
    chats: Iterator[str] = field(default_factory=lambda: cycle(CHATS))

    async def say(self, line: str, chat: str = "") -> None:
        """``who: /a line``, taken; it left a row of theirs, from that chat."""
        who, _, text = line.partition(": ")
        chat = chat or next(self.chats)
        before = len(await self.tocsin.audited())
        reply = await self._said(who, text, chat)
        assert reply.refused == "", (line, plain(reply.message))
        await self.settled(text, who, chat, before)

    async def settled(self, text: str, who: str, chat: str, before: int) -> None:
        """Everything due was done, and the rows since ``before`` tell of the use."""
        await self.tocsin.settle()
        parsed = parse(text, ALL)
        assert isinstance(parsed, Parsed), text
        self.used.add(parsed.command)
        rows = (await self.tocsin.audited())[before:]
        theirs = [row for row in rows if row.surface == chat and row.outcome == "done"]
        changes = ALL.commands[parsed.command].scope is not Scope.READ
        assert not changes or any(who in row.by for row in theirs), (text, rows)

    async def _said(self, who: str, text: str, chat: str) -> Reply:
        if chat == "console":
            return await self.tocsin.say(who, text)
        place = Place.model_validate({"platform": chat, "room": f"D-{who}"})
        account = Account.model_validate(
            {"platform": chat, "workspace": "T1", "id": f"U-{who}", "name": who}
        )
        key = self.tocsin.ids.new()
        words = Words(account=account, place=place, key=key, text=text, direct=True)
        return await self.tocsin.parts.edge.line(words)


AT_FIRST = """
bob: /page @carol metastore again
bob: /page pass 13
carol: /page ack 13
carol: /page back 13
bob: /incident ack INC-13
bob: /page @dave INC-13 look
bob: /page cancel INC-13 @dave
bob: /page snooze 13 30m
carol: /alert unsilence SIL-1
bob: /alert split INC-13 trino
bob: /page notours 15 web looks like the proxy
bob: /alert ack ALR-3
alice: /alert baseline alertmanager/new
bob: /incident lead INC-13 me
bob: /incident role INC-13 scribe @carol
bob: /incident severity INC-13 1
bob: /incident update INC-13 rolling back, half done status:fixing next:30m
dave: /incident note INC-13 metastore GC pauses of 40 s
bob: /incident impact INC-13 38 % of queries fail
bob: /incident times INC-13 impact 2026-11-21T11:40Z
bob: /incident invite INC-13 @dave
bob: /incident escalate INC-13 @carol
bob: /incident link INC-13 DEP-12
bob: /incident call INC-13 https://meet.example.com/13
bob: /incident bridge INC-13
bob: /incident mitigate INC-13
dave: /incident say INC-13 the metastore was restarted at 02:00
dave: /incident catchup INC-13
"""
AFTERWARDS = """
bob: /rollback settle DEP-14 done
bob: /rollback keep DEP-14
bob: /incident judge INC-13 DEP-12 no
bob: /deploy freeze prod the quarter ends
carol: /deploy thaw FRZ-1 it has ended
bob: /server test db-3
alice: /server pin db-4 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHA
bob: /runbook import https://books.example.com/disk-full.md
bob: /runbook pause RUN-1
carol: /runbook resume RUN-1
bob: /runbook approve RUN-1 2
bob: /runbook stop RUN-1
carol: /runbook undo RUN-1
alice: /runbook rearm look
bob: /incident action INC-13 add an alert on GC pauses owner:@bob due:fri
dave: /incident declare checkout down sev:3
alice: /incident cancel INC-16 declared by mistake
dave: /incident declare trino slow service:trino
alice: /incident merge INC-17 into:INC-13
bob: /incident resolve INC-13 rolled back to v247
alice: /incident reopen INC-13 it came back
bob: /incident resolve INC-13 rolled back again
bob: /postmortem draft INC-13
bob: /postmortem edit INC-13 summary Queries failed for 40 minutes.
bob: /postmortem action INC-13 alert on GC pauses owner:@bob due:2w
bob: /postmortem done ACT-1
bob: /postmortem publish INC-13
bob: /oncall override @carol "fri 18:00" 22:00 schedule:data-platform
bob: /oncall cover me "sat 18:00" 22:00 by:@carol schedule:data-platform
bob: /oncall swap @carol 2h 3h schedule:data-platform
carol: /oncall decline SWP-1
bob: /oncall swap @carol 2h 3h schedule:data-platform
carol: /oncall accept SWP-2
bob: /oncall swap @carol 12h 2h schedule:data-platform
bob: /oncall withdraw SWP-3
carol: /oncall take data-platform for:30m
bob: /oncall ical data-platform
bob: /oncall handoff watch the metastore schedule:data-platform
bob: /oncall confirm
bob: /me timezone Europe/Berlin
bob: /me awake 60m
bob: /me quiet 22-07
bob: /me away 20d 2d
bob: /me back AWY-1
bob: /me contact add email bob@night.example
bob: /me test
bob: /rollback trino
carol: /approval deny APR-2 wait for the failover
bob: /rollback trino
alice: /approval grant APR-3
alice: /approval guard "incident resolve" by:role:commander
alice: /approval unguard rollback-start-environment-prod
alice: /safe-mode on why:the network is being moved
erin: /safe-mode off
dave: /me unlink slack
bob: /incident declare payroll leaked sev:2 private:yes
"""


@pytest.fixture
async def mail(tocsin: Tocsin) -> AsyncIterator[MailServer]:
    """Where letters go."""
    async with mailing(tocsin) as server:
        yield server


def code_in(mail: MailServer) -> str:
    """The code that was sent last."""
    letters = "\n".join(map(words, mail.letters))
    return str(CODE.findall(letters)[-1])


@pytest.fixture
async def uses(tocsin: Tocsin, mail: MailServer) -> Uses:
    """All and a second admin are in every chat; an incident with a symptom goes on."""
    await tocsin.hire("erin", Role.ADMIN)
    for platform in OUTSIDE:
        await connected(tocsin, *PEOPLE, platform=platform)
    tocsin.forgiven.add("roll_back")
    tocsin.deploys_by(Pipeline(Retry("no answer")))
    began = tocsin.clock.now() - timedelta(hours=2)
    old = alertmanager_body([Firing(condition=KAFKA, starts_at=began)])
    await tocsin.deliver("alertmanager", old, "new")
    await tocsin.fire(PATRONI)
    await tocsin.fire(TRINO_FAILS)
    return Uses(tocsin)


async def silenced(tocsin: Tocsin, uses: Uses) -> None:
    """Bob silences something: a preview, then its button."""
    line = "/alert silence service=trino for:2h why:planned restart"
    before = len(await tocsin.audited())
    await tocsin.press("bob", await tocsin.say("bob", line), "Silence")
    await uses.settled(line, "bob", "console", before)


async def ran(tocsin: Tocsin, uses: Uses, tmp_path: Path) -> None:
    """Bob runs something that reads: a preview, then its button; a step asks for a person."""
    tocsin.steps_by(Well())
    step = 'http: {url: "http://${host}/"}\nundo: {message: Back}'
    rule = "automatic: {match: alertname=Nothing, given: {host: trino-1}}\n"
    page = PAGE.format(name="look", step=step).replace("service: trino\n", rule)
    asking = "".join(f"```yaml step\nname: {one}\nmanual: Look.\n```\n" for one in "abcd")
    (tmp_path / "look.md").write_text(page + asking)
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHA"
    server = f"servers:\n  - {{id: db-3, host: db-3.internal, user: ops, host_keys: [{key}]}}\n"
    (tmp_path / "servers.yaml").write_text(server)
    async with tocsin.parts.store.write(SYSTEM) as unit:
        await apply(unit, await plan(unit, read_files(tmp_path), ALL))
        await unit.catalog.servers.put(Server(id="db-4", host="db-4.internal", user="ops"))
    line = "/runbook run look host=trino-1"
    before = len(await tocsin.audited())
    await tocsin.press("bob", await tocsin.say("bob", line), "Run ")
    await uses.settled(line, "bob", "console", before)


async def test_every_use_of_a_command_that_changes_something_is_in_the_trail(
    tocsin: Tocsin, uses: Uses, mail: MailServer, tmp_path: Path
):
    """By whom and from which chat; no command is left out."""
    await silenced(tocsin, uses)
    for line in AT_FIRST.strip().splitlines():
        await uses.say(line)
    await broken_glass(tocsin, uses)
    await ran(tocsin, uses, tmp_path)
    for line in AFTERWARDS.strip().splitlines():
        await uses.say(line)
    await uses.say("alice: /incident join INC-18 asked by the data protection officer")
    (entry, *_) = [one.id for one in await tocsin.timeline() if one.kind == "note_added"]
    await uses.say(f"alice: /incident redact INC-13 {entry} why:personal data")
    await uses.say("dave: /me link", "slack")
    await uses.say(f"bob: /me contact verify {code_in(mail)}")
    await uses.say("bob: /me contact remove bob@night.example")
    async with tocsin.looking() as unit:
        test, *_ = await unit.reach_tests.of("bob")
        schedule = await unit.catalog.schedules.need("data-platform")
    await uses.say(f"bob: /oncall cancel {schedule.overrides[0].id}")
    await uses.say(f"bob: /me got {test.id}")
    writing = {one.name for one in ALL.commands.values() if one.writes}
    assert writing - uses.used == IN_A_STORM


async def test_answers_to_many_pages_at_once_are_in_the_trail(tocsin: Tocsin):
    """They need a storm, and somebody whom nobody has answered."""
    uses = Uses(tocsin, chats=cycle(["console"]))
    tocsin.settled(default_policy="data-platform")
    for one in RAIN:
        await tocsin.fire(one)
    await tocsin.advance(MINUTE)
    await uses.say("bob: /page ackall")
    await tocsin.fire(LAST)
    await tocsin.advance(15 * MINUTE)
    await uses.say(f"bob: /incident phones {(await tocsin.open_incidents())[-1]}")
    assert uses.used == IN_A_STORM


async def broken_glass(tocsin: Tocsin, uses: Uses) -> None:
    """On the dashboard, by who logged in a moment ago."""
    asked = await tocsin.say("bob", "/rollback trino")
    await tocsin.advance(3 * MINUTE)
    bob = (await tocsin.actor("bob")).model_copy(update={"logged_in_at": tocsin.clock.now()})
    line = f"/approval break-glass {asked.approval} trino every query fails, nobody answers"
    parsed, before = parse(line, ALL), len(await tocsin.audited())
    assert isinstance(parsed, Parsed)
    call = Call(command=parsed.command, args=parsed.args, actor=bob, origin=Origin(surface="web"))
    done = await tocsin.parts.dispatch(call)
    assert done.refused == "", plain(done.message)
    await uses.settled(line, "bob", "web", before)
