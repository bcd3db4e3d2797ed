"""What is forgotten after its time (rules.md 15)."""

from datetime import timedelta
from typing import ClassVar

from domain.audit_facts import AuditCut
from domain.console import FORGOTTEN, ForgetAnswer
from domain.job import Job, Lane
from jobs.registry import Reaction
from storage.unit import Unit

HANDOFFS_KEPT = timedelta(days=30)
REPLAYED = timedelta(days=1)
"""Far longer than any platform's signature is accepted."""


class Forget(Job):
    """Drop what has run out or been heard, kept answers and finished jobs after seven days, lists
    of pages after 14, raw bodies and model calls after 30, and the audit trail after 400."""

    kind: ClassVar[str] = "forget"
    lane: ClassVar[Lane] = "slow"


async def forget(unit: Unit, _job: Forget) -> None:
    """Remove everything whose time is over."""
    await unit.deliveries.forget()
    await unit.calls.forget()
    await unit.models.forget()
    await unit.link_codes.forget()
    await unit.contact_codes.forget()
    await unit.reach_tests.forget()
    await unit.bundles.forget()
    await unit.handoffs.forget(unit.now - HANDOFFS_KEPT)
    await unit.people.forget_sessions()
    await unit.requests.forget(unit.now - REPLAYED)
    await unit.jobs.forget()
    if cut := await unit.audit.forget():
        await unit.facts.add("audit", AuditCut.model_validate(cut.model_dump()))


async def forget_answer(unit: Unit, job: ForgetAnswer) -> None:
    """A code, an address or a telephone number does not stay in the chat."""
    await unit.console.edit(job.message, FORGOTTEN)


FORGET = Reaction(Forget, forget)
FORGET_ANSWER = Reaction(ForgetAnswer, forget_answer)
