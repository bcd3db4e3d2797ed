"""The auditor's duty: twice a minute, whether everything that must ring still will.

What it finds is put right by a job, told to the admins once, and stops the heartbeat until it is
gone: whoever waits for that outside raises the alarm.
"""

from dataclasses import dataclass
from typing import Any, Final

import structlog

from bot.duties import DutyHolder
from domain.auditor import SETTING, Audit, Fault
from domain.auditor_jobs import Rouse
from domain.message import sentence
from domain.oncall_jobs import TellOnCall
from storage.store import Store
from storage.unit import Unit
from storage.views import auditor

AUDITOR: Final = "auditor"
AUDIT_S = 30.0
log = structlog.get_logger()


@dataclass(frozen=True)
class Auditing:
    """Looks, keeps what it found, and has it put right."""

    holder: DutyHolder

    async def cycle(self) -> bool:
        """Look once more, if the duty is ours."""
        await self.holder.cycle(AUDITOR, _always, audit)
        return True


async def _always(_unit: Unit) -> bool:
    return True


async def audit(unit: Unit) -> None:
    """One look; what is new since the last is put right and told."""
    found = await auditor.look(unit.scope)
    last = await last_audit(unit)
    before = {one.subject for one in last.faults}
    made = last.followed_by(found, unit.now)
    await unit.settings.put(SETTING, made.model_dump(mode="json"))
    for fault in found:
        log.error("audit", fault=fault.text)
        if fault.kind != "late":
            key = f"~rouse:{fault.subject}"
            await unit.jobs.add(Rouse(fault=fault.kind, subject=fault.subject), key=key)
        if fault.subject not in before:
            await _tell(unit, fault)


async def _tell(unit: Unit, fault: Fault) -> None:
    told = sentence(f"{fault.text}. Tocsin's auditor found it; see tocsin doctor.")
    for duty in await unit.roster.admins():
        key = f"audit:{fault.subject}:{unit.now.isoformat()}@{duty.user}"
        await unit.jobs.add(TellOnCall(user=duty.user, message=told, key=key))


async def last_audit(unit: Unit) -> Audit:
    """What was found the last time; nothing where nobody has looked yet."""
    kept: Any = await unit.settings.get(SETTING)
    return Audit.model_validate(kept) if kept else Audit(at=unit.now)


async def is_clean(store: Store) -> bool:
    """Whether the last look found nothing."""
    async with store.read() as unit:
        return not (await last_audit(unit)).faults
