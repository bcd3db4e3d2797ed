"""Testing the ways to somebody: each is rung once, and a card in their direct room follows it."""

from domain.errors import Permanent
from domain.message import Message
from domain.place import MessageRef
from domain.reachability import (
    ReachTest,
    RingTest,
    ShowConfirmed,
    ShowTests,
    results_card,
    trial_card,
    trial_letter,
)
from domain.receipt import LOST, HeedReceipt
from jobs.page_cards import Redrawn, StandingCard, redraw
from jobs.personal import DirectMessage, keep_direct, on_another, personal_card, send_direct
from jobs.reaching import Sending, SendOutcome, let_go, send
from jobs.registry import Effect
from storage.unit import Unit


async def load(unit: Unit, job: RingTest) -> Sending | None:
    """The message for one way; None where it was tried already. Raises `Permanent`."""
    test = await unit.reach_tests.get(job.test)
    if test is None or test.state != "waiting":
        return None
    methods = await unit.roster.methods(test.user)
    way = next((one for one in methods if one.id == test.method and one.verified), None)
    if way is None:
        raise Permanent("it is no way to you any more")
    message = await _message(unit, test)
    return Sending(user=test.user, way=way, message=message, key=f"test:{test.id}", others=False)


async def _message(unit: Unit, test: ReachTest) -> Message:
    person = await unit.people.need(test.user)
    if test.kind == "chat":
        return trial_card(person.name, test)
    code = unit.reach_tests.code(test.id)
    return trial_letter(person.name, f"{unit.installation.public_url}/a/test/{code}")


async def save(unit: Unit, job: RingTest, outcome: SendOutcome) -> None:
    """Record what came of it."""
    if outcome.refused:
        await failed(unit, job, outcome.refused)
        test = await unit.reach_tests.get(job.test)
        if test and outcome.gone:
            await let_go(unit, test.user, outcome.way)
    else:
        kept = {"ref": outcome.kept, "receipt": outcome.receipt.id or None}
        await _noted(unit, job, {"state": "accepted", **kept})


async def failed(unit: Unit, job: RingTest, error: str) -> None:
    """The job itself broke: as if the way had refused."""
    await _noted(unit, job, {"state": "refused", "error": error[:500]})


async def heard_of(unit: Unit, job: HeedReceipt) -> bool:
    """The provider tells what came of a test; whether there is one of that name.

    One that arrived says no more than that it was taken: who heard it says so.
    """
    test = await unit.reach_tests.by_receipt(job.receipt)
    if test and job.told in LOST and test.confirmed_at is None:
        await failed(unit, RingTest(test=test.id), job.reason)
    return test is not None


async def _noted(unit: Unit, job: RingTest, changed: dict[str, object]) -> None:
    test = await unit.reach_tests.get(job.test)
    if test is not None:
        await unit.reach_tests.save(test.model_copy(update=changed))
        await owe_results(unit, test)


async def owe_results(unit: Unit, test: ReachTest) -> None:
    """The card must show how things stand."""
    job = ShowTests(user=test.user, round=test.round)
    await unit.jobs.add(job, key=f"~tests:{test.round}")


async def load_results(unit: Unit, job: ShowTests) -> DirectMessage | None:
    """The card; None where it shows that already."""
    tests = await unit.reach_tests.in_round(job.round)
    return await personal_card(unit, job, results_card(tests), _card(job)) if tests else None


async def results_failed(unit: Unit, job: ShowTests, error: str) -> None:  # noqa: ARG001
    """The chat said no: the person's next one, the built-in one last."""
    await on_another(unit, job, _card(job))


def _card(job: ShowTests) -> str:
    return f"tests:{job.round}"


async def load_confirmed(unit: Unit, job: ShowConfirmed) -> Redrawn | None:
    """The test message as it is now; None where there is none to edit."""
    test = await unit.reach_tests.get(job.test)
    if test is None or not test.ref:
        return None
    ref = MessageRef.model_validate(test.ref)
    return Redrawn(messages=(StandingCard(message=await _message(unit, test), refs=(ref,)),))


RING_TEST = Effect(RingTest, load, send, save, failed)
SHOW_TESTS = Effect(ShowTests, load_results, send_direct, keep_direct, results_failed)
SHOW_CONFIRMED = Effect(ShowConfirmed, load_confirmed, redraw)
