"""Tocsin as a state machine: anything that may happen, in any order, under a moving clock."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.alert import Signal
from tests.faults.invariants import broken
from tests.faults.rig import RINGING_ONLY, Fault, rigged
from tests.faults.rooms import Trouble
from tests.faults.world import Condition, world

PEOPLE = st.sampled_from(["bob", "carol"])
TROUBLES: tuple[Trouble, ...] = ("busy", "cut", "no")
ANY = st.integers(min_value=0, max_value=7)
SOON = st.sampled_from([timedelta(seconds=1), timedelta(seconds=40), timedelta(minutes=2)])
LATER = st.sampled_from([timedelta(minutes=5), timedelta(minutes=6), timedelta(minutes=11)])
LONG = st.sampled_from([timedelta(minutes=minutes) for minutes in (1, 6, 13, 33, 60)])


class Machine(RuleBasedStateMachine):
    """One company, four conditions, two people who answer, a clock, and a worker that may stop."""

    template: Path
    fault: Fault = RINGING_ONLY

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.run = self.loop.run_until_complete
        self.stack = AsyncExitStack()
        home = self.stack.enter_context(tempfile.TemporaryDirectory(dir=self.template.parent))
        entered = self.stack.enter_async_context(rigged(self.template, Path(home), self.fault))
        self.rig = self.run(entered)
        self.conditions = world()
        self.incidents: list[str] = []
        self.held: list[Signal] = []
        self.sent: list[Signal] = []
        self.complained = False

    def teardown(self) -> None:
        try:
            found = self.run(self.rig.seal())
            # what was seen to be broken before is what is told
            assert self.complained or found == []
        finally:
            self.run(self.stack.aclose())
            self.loop.close()

    # --- what senders do

    @initialize()
    def begins(self) -> None:
        """Something critical is wrong from the start."""
        self._send(self.conditions[0].turn(self.rig.clock.now()))

    @rule(which=ANY)
    def turns(self, which: int) -> None:
        """A condition begins or ends, and the sender says so at once."""
        self._send(self._condition(which).turn(self.rig.clock.now()))

    @rule(which=ANY)
    def turns_unheard(self, which: int) -> None:
        """A condition begins or ends; what the sender says of it is held up on its way."""
        self.held.append(self._condition(which).turn(self.rig.clock.now()))

    @precondition(lambda self: self.held)
    @rule(which=ANY)
    def is_heard_late(self, which: int) -> None:
        """Something that was held up arrives, in any order."""
        self._send(self.held.pop(which % len(self.held)))

    @rule(which=ANY)
    def is_sent_again(self, which: int) -> None:
        """A delivery comes once more."""
        self._send(self.sent[which % len(self.sent)])

    # --- what time does

    @rule(by=st.one_of(SOON, LATER))
    def moves(self, by: timedelta) -> None:
        """Time passes; perhaps a step or more falls due in it."""
        self.run(self.rig.move(by))

    @precondition(lambda self: self.rig.up)
    @rule(lasting=LONG)
    def is_out(self, lasting: timedelta) -> None:
        """For a while no job is carried out, and nothing else happens either."""
        self.run(self.rig.outage(lasting))

    @precondition(lambda self: self.rig.up)
    @rule()
    def stops(self) -> None:
        """No job is carried out any more."""
        self.run(self.rig.stop())

    @precondition(lambda self: not self.rig.up)
    @rule(after=LONG)
    def starts(self, after: timedelta) -> None:
        """After a while jobs are carried out again."""
        self.run(self.rig.move(after))
        self.run(self.rig.start())

    # --- what the chat does

    @rule(how=st.sampled_from(TROUBLES), times=st.integers(min_value=1, max_value=5))
    def has_trouble(self, how: Trouble, times: int) -> None:
        """The next messages fail, in one way or another."""
        self.rig.rooms.trouble.extend([how] * times)

    # --- what people do

    @precondition(lambda self: self.incidents)
    @rule(person=PEOPLE, which=ANY)
    def acks(self, person: str, which: int) -> None:
        """Somebody takes an incident, paged or not."""
        self._call(person, "incident ack", which)

    @rule(person=PEOPLE)
    def answers(self, person: str) -> None:
        """The newest page of a person is answered, whichever that is."""
        self.run(self.rig.call(person, "page ack"))

    @rule(person=PEOPLE)
    def passes(self, person: str) -> None:
        """Somebody cannot; the next one is paged."""
        self.run(self.rig.call(person, "page pass"))

    @precondition(lambda self: self.incidents)
    @rule(which=ANY)
    def pages_carol(self, which: int) -> None:
        """Carol is asked directly."""
        self._call("bob", "page send", which, target="@carol", why="please look")

    @precondition(lambda self: self.incidents)
    @rule(which=ANY)
    def resolves(self, which: int) -> None:
        """Somebody ends an incident."""
        self._call("bob", "incident resolve", which, resolution="false_alarm")

    @precondition(lambda self: self.incidents)
    @rule(which=ANY)
    def reopens(self, which: int) -> None:
        """Somebody takes the end back."""
        self._call("alice", "incident reopen", which)

    @precondition(lambda self: self.incidents)
    @rule(which=ANY, severity=st.sampled_from(["1", "2", "3"]))
    def changes_severity(self, which: int, severity: str) -> None:
        """Somebody says that it is worse, or not so bad."""
        self._call("bob", "incident severity", which, severity=severity)

    @invariant()
    def nothing_is_broken(self) -> None:
        seen = self.rig.evidence()
        self.incidents = [incident.id for incident in seen.incidents]
        complaints = broken(seen)
        self.complained = bool(complaints)
        assert not complaints, complaints

    def _condition(self, which: int) -> Condition:
        return self.conditions[which % len(self.conditions)]

    def _send(self, signal: Signal) -> None:
        self.sent.append(signal)
        self.run(self.rig.deliver(signal))

    def _call(self, person: str, command: str, which: int, **args: str) -> None:
        """About one of the incidents, whether it is open or not."""
        about = self.incidents[which % len(self.incidents)]
        self.run(self.rig.call(person, command, incident=about, **args))
