"""Whether safe mode is on: one value, changed by two facts."""

from domain.errors import Stale
from domain.safe_mode import (
    SETTING,
    SUBJECT,
    SafeMode,
    SafeModeOff,
    SafeModeOn,
    SpreadSafeMode,
    stopped,
)
from storage.facts import Facts
from storage.jobs import Jobs
from storage.settings import Settings


class SafeModes:
    """The one safe mode there is; what tells of it is owed with each change."""

    def __init__(self, settings: Settings, facts: Facts, jobs: Jobs) -> None:
        self.settings = settings
        self.facts = facts
        self.jobs = jobs
        self.scope = settings.scope

    async def current(self) -> SafeMode | None:
        """What is on; None while everything goes on."""
        kept = await self.settings.get(SETTING)
        return SafeMode.model_validate(kept) if kept else None

    async def executes(self, team: str | None) -> bool:
        """Whether anything outside may be changed now, for a team's services."""
        return self.scope.installation.executes(team) and await self.current() is None

    async def need_off(self, what: str) -> None:
        """Raises `Stale` where ``what`` stops in safe mode and it is on."""
        if mode := await self.current():
            raise Stale(f"{stopped(mode, what)} See /safe-mode show.")

    async def begin(self, mode: SafeMode) -> None:
        """Turn it on."""
        await self.settings.put(SETTING, mode.model_dump(mode="json"))
        await self.facts.add(SUBJECT, SafeModeOn(), mode.why)
        await self._spread(SpreadSafeMode(mode=mode))

    async def end(self, mode: SafeMode, ended_by: str) -> None:
        """Turn it off; ``ended_by`` is the name of whoever does."""
        await self.settings.put(SETTING, None)
        await self.facts.add(SUBJECT, SafeModeOff(began_by=mode.by))
        await self._spread(SpreadSafeMode(mode=mode, ended_by=ended_by))

    async def _spread(self, job: SpreadSafeMode) -> None:
        await self.jobs.add(job)
        self.scope.topics.add("*")
