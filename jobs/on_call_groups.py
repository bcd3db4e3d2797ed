"""Groups of chats that hold whoever is on call: a user group on Slack, a role on Discord.

They are for people's mentions. Whom Tocsin pages is decided by the schedule alone.
"""

from collections.abc import Mapping

from domain.base import Frozen
from domain.oncall_jobs import HoldGroup, LookAtGroups
from domain.schedule import Schedule, on_call
from jobs.registry import Effect, Ports, Reaction
from storage.unit import Unit


class GroupChange(Frozen):
    """Who is to be in a chat's group, and who was put there and is to go."""

    platform: str
    group: str
    users: tuple[str, ...]
    gone: tuple[str, ...]


async def look(unit: Unit, _job: LookAtGroups) -> None:
    """Owe a change of each group that does not hold who is on call."""
    for schedule in await unit.catalog.schedules.everything():
        for platform in schedule.groups:
            if platform in unit.installation.outside and await _change(unit, schedule, platform):
                job = HoldGroup(schedule=schedule.id, platform=platform)
                await unit.jobs.add(job, key=f"~{_key(schedule.id)}:{platform}")


async def load(unit: Unit, job: HoldGroup) -> GroupChange | None:
    """What to change now; None where it holds them by now."""
    schedule = await unit.catalog.schedules.get(job.schedule)
    return await _change(unit, schedule, job.platform) if schedule else None


async def _change(unit: Unit, schedule: Schedule, platform: str) -> GroupChange | None:
    group = next((named for chat, named in schedule.groups.items() if chat == platform), None)
    users = tuple(sorted({one.user for one in on_call(schedule, unit.now)}))
    kept: Mapping[str, list[str]] = await unit.conversations.get(platform, _key(schedule.id)) or {}
    # another group begins with nobody in it, as far as we know
    held = kept.get(group, []) if group else []
    if group is None or tuple(held) == users:
        return None
    gone = tuple(one for one in held if one not in users)
    return GroupChange(platform=platform, group=group, users=users, gone=gone)


async def hold(ports: Ports, loaded: GroupChange) -> GroupChange:
    """Change it; doing it twice is doing it once."""
    await ports.chat(loaded.platform).hold_group(loaded.group, loaded.users, loaded.gone)
    return loaded


async def save(unit: Unit, job: HoldGroup, outcome: GroupChange) -> None:
    """Remember whom we put there."""
    held = {outcome.group: list(outcome.users)}
    await unit.conversations.put(outcome.platform, _key(job.schedule), held)


async def failed(unit: Unit, job: HoldGroup, error: str) -> None:  # noqa: ARG001 an effect's
    """The job stands among the dead ones; it is tried again with whoever is on call next."""
    change = await load(unit, job)
    if change:
        await save(unit, job, change)


def _key(schedule: str) -> str:
    return f"on-call-group:{schedule}"


LOOK = Reaction(LookAtGroups, look)
HOLD = Effect(HoldGroup, load, hold, save, failed)
