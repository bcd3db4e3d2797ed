"""Faults put in on purpose, each with what brings it to light and the invariant that must see it.

They are parts that somebody might really write; they take the place of the real ones.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from bot.dispatch import Dispatch
from bot.intake import Intake
from bot.worker import Worker
from commands.context import Context
from commands.incident.target import meant
from domain.alert import Signal
from domain.bundle import CloseBundle
from domain.call import Call, Reply
from domain.command import Registry
from domain.errors import Permanent, Refused, Retry
from domain.incident import acknowledge, resolve
from domain.incident_facts import IncidentAcknowledged, IncidentResolved
from domain.message import Message, sentence
from domain.paging import Escalate, PagePassed, RingPage
from domain.ports import MessageRef, Place
from jobs.paging import escalate
from jobs.reaching import SendOutcome
from jobs.registry import Behaviours, Effect, Reaction
from jobs.ringing import save_ring
from storage.jobs import Claimed
from storage.tables.ledger import audit, jobs
from storage.unit import Unit
from tests.fakes.stores import NOON, SYSTEM
from tests.faults import invariants
from tests.faults.invariants import Checker
from tests.faults.rig import Fault, Rig
from tests.faults.rooms import Rooms
from tests.faults.world import world
from web.ports import Arrived

Script = Callable[[Rig], Awaitable[None]]
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
INCIDENT = "INC-13"


@dataclass(frozen=True)
class Seeded:
    """``script`` makes ``fault`` show itself to ``seen_by``."""

    name: str
    fault: Fault
    script: Script
    seen_by: Checker


def instead(name: str, handler: Any) -> Callable[[Registry], Registry]:
    """The command ``name`` does what ``handler`` does."""

    def replaced(registry: Registry) -> Registry:
        known = registry.commands
        return Registry(known | {name: replace(known[name], handler=handler)})

    return replaced


def reacting(job: type[Any], react: Any) -> Callable[[Behaviours], Behaviours]:
    """A job is answered by ``react``."""
    return lambda known: Behaviours(known.by_kind | {job.kind: Reaction(job, react)})


def ringing(**changes: Any) -> Callable[[Behaviours], Behaviours]:
    """The effect that rings, with other functions in it."""

    def changed(known: Behaviours) -> Behaviours:
        real = known.by_kind[RingPage.kind]
        assert isinstance(real, Effect)
        return Behaviours(known.by_kind | {RingPage.kind: replace(real, **changes)})

    return changed


async def unheard(unit: Unit, job: RingPage, outcome: SendOutcome) -> None:
    """Records what was sent; of a refusal nobody learns."""
    if not outcome.refused:
        await save_ring(unit, job, outcome)


# --- commands


async def ack_only(ctx: Context, args: Any) -> Reply:
    """Takes the incident, and lets its escalation run on."""
    incident = await meant(ctx, args.incident)
    saved = await ctx.unit.incidents.save(acknowledge(incident, ctx.person, ctx.now))
    await ctx.unit.facts.add(saved.subject, IncidentAcknowledged(was_paged=True))
    return Reply(message=sentence("Yours."))


async def resolve_only(ctx: Context, args: Any) -> Reply:
    """Ends the incident, and lets its pages ring on."""
    incident = await meant(ctx, args.incident)
    saved = await ctx.unit.incidents.save(resolve(incident, "fixed", ctx.now))
    await ctx.unit.facts.add(saved.subject, IncidentResolved(resolution="fixed"))
    return Reply(message=sentence("Resolved."))


async def pass_only(ctx: Context, args: Any) -> Reply:
    """Notes that somebody passed, and calls nobody."""
    page = (await ctx.unit.pages.to(ctx.person))[0]
    await ctx.unit.pages.end(page, "passed", ctx.person)
    subject = f"incident:{page.incident}"
    await ctx.unit.facts.add(subject, PagePassed(page=page.id, person=page.user))
    return Reply(message=sentence("Passed on."))


# --- jobs


async def escalate_early(unit: Unit, job: Escalate) -> None:
    """Rings the next step a minute too soon."""
    await escalate(unit, job)
    escalation = await unit.escalations.need(job.escalation)
    await unit.jobs.cancel(f"incident:{job.incident}", (Escalate,))
    assert escalation.due
    sooner = escalation.model_copy(update={"due": escalation.due - MINUTE})
    await unit.escalations.owe(await unit.escalations.save(sooner))


async def escalate_tardily(unit: Unit, job: Escalate) -> None:
    """Puts the next step off by a minute."""
    await escalate(unit, job)
    escalation = await unit.escalations.need(job.escalation)
    await unit.jobs.cancel(f"incident:{job.incident}", (Escalate,))
    assert escalation.due
    await unit.escalations.owe(escalation.model_copy(update={"due": escalation.due + MINUTE}))


async def escalate_once(unit: Unit, job: Escalate) -> None:
    """Forgets that there is a next step."""
    await escalate(unit, job)
    await unit.jobs.cancel(f"incident:{job.incident}", (Escalate,))


async def escalate_from_now(unit: Unit, job: Escalate) -> None:
    """Takes a late step for one that is due just now."""
    escalation = await unit.escalations.need(job.escalation)
    await unit.escalations.save(escalation.model_copy(update={"due": unit.now}))
    await escalate(unit, job)


async def escalate_unaudited(unit: Unit, job: Escalate) -> None:
    """Leaves the newest fact without its audit row."""
    await escalate(unit, job)
    newest = select(audit.c.id).order_by(audit.c.id.desc()).limit(1).scalar_subquery()
    await unit.scope.connection.execute(delete(audit).where(audit.c.id == newest))


async def ring_each_missed(unit: Unit, job: RingPage, outcome: MessageRef) -> None:
    """Makes up for every single ring that was missed."""
    await unit.pages.ring(await unit.pages.need(job.page), job.k + 1, MINUTE * (job.k + 1), "chat")


async def forget_the_list(unit: Unit, job: CloseBundle) -> None:
    """Closes what was collected for somebody, and leaves it at that."""
    await unit.bundles.send(await unit.bundles.need(job.bundle))


def with_new_keys(known: Behaviours) -> Behaviours:
    """A ring's key is made when it is sent, not when it is owed."""
    real = known.by_kind[RingPage.kind]
    assert isinstance(real, Effect)

    async def load(unit: Unit, job: RingPage) -> Any:
        loaded = await real.load(unit, job)
        return loaded and loaded.model_copy(update={"key": f"{loaded.key}:{unit.ids.new()}"})

    return ringing(load=load)(known)


# --- the worker


class DoneFirst(Worker):
    """Marks a job as done before it is."""

    async def _behave(self, behaviour: Any, job: Any, claimed: Claimed) -> None:
        if isinstance(behaviour, Reaction):
            return await super()._behave(behaviour, job, claimed)
        async with self._finishing(claimed) as unit:
            loaded = await behaviour.load(unit, job)
        outcome = loaded and await behaviour.act(self.ports, loaded)
        return None if outcome is None else await self._save(behaviour, job, outcome)

    async def _save(self, behaviour: Effect, job: Any, outcome: Any) -> None:
        async with self.store.write(SYSTEM) as unit:
            if behaviour.save:
                await behaviour.save(unit, job, outcome)


class Forgetful(Worker):
    """Drops what is over a minute late, as a scheduler that keeps the truth itself might."""

    async def claim_and_start(self) -> bool:
        async with self.store.write(SYSTEM) as unit:
            late = (jobs.c.state == "pending", jobs.c.due < unit.now - MINUTE)
            await unit.scope.connection.execute(update(jobs).where(*late).values(state="done"))
        return await super().claim_and_start()


# --- the chat


class CutOnce(Rooms):
    """Takes the first ring, and the connection is cut before it answers."""

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        first = not any(post.page for post in self.posts)
        ref = await super().post(place, message, key, again=again)
        if first and key.startswith("ring:"):
            raise Retry("the connection was cut", SECOND)
        return ref


class Forgets(CutOnce):
    """Cannot say whether it has a message already, and takes it once more."""

    def _find(self, key: str) -> None:
        return None


class BusyOnce(Rooms):
    """Takes nothing at the first try, and says so."""

    busy = True

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        if self.busy:
            self.busy = False
            raise Retry("too many requests", SECOND)
        return await super().post(place, message, key, again=again)


class RefusesBob(Rooms):
    """There is no way to bob."""

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        if place.room == "dm-bob":
            raise Permanent("channel_not_found")
        return await super().post(place, message, key, again=again)


# --- the doors


class Hasty(Intake):
    """Answers a sender before anything is on disk."""

    async def accept(self, arrived: Arrived) -> str:
        return "accepted"


class Discreet(Dispatch):
    """Tells nobody whom it refused."""

    async def _audit_refusal(self, call: Call, refusal: Refused) -> None:
        return None


@dataclass
class ByArrival:
    """Believes that what arrives later happened later."""

    arrived: int = 0

    def __call__(self, signal: Signal) -> Signal:
        self.arrived += 1
        at = NOON + self.arrived * SECOND
        return signal.model_copy(update={"ordered_by": "event", "at": at})


# --- what brings them to light


def fires(*then: Callable[[Rig], Awaitable[Any]]) -> Script:
    """Something critical begins; then the rest happens."""

    async def script(rig: Rig) -> None:
        await rig.deliver(world()[0].turn(rig.clock.now()))
        for step in then:
            await step(rig)

    return script


def says(person: str, command: str, **args: str) -> Callable[[Rig], Awaitable[Any]]:
    """Somebody gives a command."""
    return lambda rig: rig.call(person, command, **args)


def waits(by: timedelta) -> Callable[[Rig], Awaitable[Any]]:
    """Time passes."""
    return lambda rig: rig.move(by)


def is_out(lasting: timedelta) -> Callable[[Rig], Awaitable[Any]]:
    """No job is carried out for a while."""
    return lambda rig: rig.outage(lasting)


async def heals_unheard(rig: Rig) -> None:
    """A condition begins and ends; the sender's words arrive in the wrong order."""
    condition = world()[0]
    began = condition.turn(rig.clock.now())
    await rig.move(MINUTE)
    await rig.deliver(condition.turn(rig.clock.now()))
    await rig.deliver(began)


async def rains(rig: Rig) -> None:
    """Two things begin within a minute; then it is over."""
    for condition in (world()[0], world()[2]):
        await rig.deliver(condition.turn(rig.clock.now()))
        await rig.move(10 * SECOND)
    await rig.move(MINUTE)


ACK = says("bob", "incident ack", incident=INCIDENT)
SEEDED = (
    Seeded(
        "an ack that lets the escalation run on",
        Fault(registry=instead("incident ack", ack_only)),
        fires(ACK, waits(6 * MINUTE)),
        invariants.i5_an_answer_stops_the_ringing,
    ),
    Seeded(
        "a resolve that lets the pages ring on",
        Fault(registry=instead("incident resolve", resolve_only)),
        fires(says("bob", "incident resolve", incident=INCIDENT), waits(4 * MINUTE)),
        invariants.i5_an_answer_stops_the_ringing,
    ),
    Seeded(
        "a pass that calls nobody",
        Fault(registry=instead("page pass", pass_only)),
        fires(says("bob", "page pass")),
        invariants.i4_a_pass_is_followed,
    ),
    Seeded(
        "a step that comes too soon",
        Fault(behaviours=reacting(Escalate, escalate_early)),
        fires(waits(6 * MINUTE)),
        invariants.i4_never_early,
    ),
    Seeded(
        "a step that comes too late",
        Fault(behaviours=reacting(Escalate, escalate_tardily)),
        fires(waits(7 * MINUTE)),
        invariants.i4_never_late,
    ),
    Seeded(
        "a step that forgets the next one",
        Fault(behaviours=reacting(Escalate, escalate_once)),
        fires(),
        invariants.i2_somebody_is_next,
    ),
    Seeded(
        "a late step that passes for one in time",
        Fault(behaviours=reacting(Escalate, escalate_from_now)),
        fires(is_out(7 * MINUTE)),
        invariants.i4_late_is_said,
    ),
    Seeded(
        "a change without its audit row",
        Fault(behaviours=reacting(Escalate, escalate_unaudited)),
        fires(),
        invariants.i7_one_row_for_each_fact,
    ),
    Seeded(
        "every missed ring made up for",
        Fault(behaviours=ringing(save=ring_each_missed)),
        fires(
            ACK, says("bob", "page send", incident=INCIDENT, target="@carol"), is_out(31 * MINUTE)
        ),
        invariants.i4_one_message_to_catch_up,
    ),
    Seeded(
        "a key made at each try",
        Fault(behaviours=with_new_keys, rooms=CutOnce),
        fires(waits(10 * SECOND)),
        invariants.i3_never_too_often,
    ),
    Seeded(
        "a refusal that is not recorded",
        Fault(behaviours=ringing(save=unheard, failed=None), rooms=RefusesBob),
        fires(),
        invariants.i2_no_page_is_lost,
    ),
    Seeded(
        "a list of pages that is never sent",
        Fault(behaviours=reacting(CloseBundle, forget_the_list)),
        rains,
        invariants.i2_no_page_is_lost,
    ),
    Seeded(
        "a worker that marks a job done before it is",
        Fault(worker=DoneFirst, rooms=BusyOnce),
        fires(waits(10 * SECOND)),
        invariants.i2_no_page_is_lost,
    ),
    Seeded(
        "a scheduler that drops what is late",
        Fault(worker=Forgetful),
        fires(is_out(11 * MINUTE)),
        invariants.i2_somebody_is_next,
    ),
    Seeded(
        "a chat that forgets keys",
        Fault(rooms=Forgets),
        fires(waits(10 * SECOND)),
        invariants.i3_once_per_ring,
    ),
    Seeded(
        "a 2xx before the disk",
        Fault(intake=Hasty),
        fires(),
        invariants.i1_accepted_is_durable,
    ),
    Seeded(
        "a refusal that leaves no trace",
        Fault(dispatch=Discreet),
        fires(says("dave", "incident ack", incident=INCIDENT)),
        invariants.i7_refusals_are_audited,
    ),
    Seeded(
        "order by arrival",
        Fault(signal=ByArrival()),
        heals_unheard,
        invariants.i6_newest_wins,
    ),
)
