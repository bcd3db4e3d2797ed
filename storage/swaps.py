"""Swaps that were offered. A saved swap owes its cards and messages: the repository adds them."""

from typing import Any

from domain.ids import number_of
from domain.swap import Swap, overrides_of, remind_at
from domain.swap_jobs import ExpireSwap, RemindSwap, ShowSwap, SwapEnded, SwapOffered, TellSwap
from storage.catalog import Schedules
from storage.facts import Facts
from storage.jobs import Jobs
from storage.numbers import Numbers
from storage.rows import Documents
from storage.scope import Scope
from storage.tables.catalog import swaps


class Swaps(Documents[Swap]):
    """The swaps, with whether each is still open beside it."""

    table = swaps
    model = Swap
    noun = "swap"
    found_by = "see /oncall offers"

    def __init__(self, scope: Scope, facts: Facts, jobs: Jobs, schedules: Schedules) -> None:
        super().__init__(scope.connection, locking=scope.locking)
        self.scope = scope
        self.facts = facts
        self.jobs = jobs
        self.schedules = schedules

    def write(self, value: Swap) -> dict[str, Any]:
        """A swap as its document."""
        return super().write(value) | {"open": value.status == "open"}

    async def open_ones(self) -> tuple[Swap, ...]:
        """Those that wait for an answer, the oldest first."""
        found = await self.where(swaps.c.open)
        return tuple(sorted(found, key=lambda one: number_of(one.id)))

    async def offer(self, swap: Swap) -> Swap:
        """Store a new offer under a number of its own, and owe it to those it is for."""
        number = await Numbers(self.scope).next("SWP")
        made = await self.add(swap.model_copy(update={"id": f"SWP-{number}"}))
        time = made.time
        fact = SwapOffered(swap=made.id, starts=time.starts, ends=time.ends)
        await self.facts.add(_subject(made), fact, made.why or None)
        await self._show(made)
        timers = {
            RemindSwap(swap=made.id): remind_at(made, self.scope.now),
            ExpireSwap(swap=made.id): time.starts,
        }
        for timer, due in timers.items():
            await self.jobs.add(timer, due=due, subject=f"swap:{made.id}")
        return made

    async def change(self, swap: Swap) -> Swap:
        """Store an answer. At the end the schedule changes, and asker and taker are told."""
        await self.save(swap)
        if swap.status != "open":
            await self._end(swap)
        await self._show(swap)
        return swap

    async def _end(self, swap: Swap) -> None:
        await self.jobs.cancel(f"swap:{swap.id}", (RemindSwap, ExpireSwap))
        if swap.status == "accepted":
            for override in overrides_of(swap, self.scope.ids.new):
                await self.schedules.override(swap.schedule, override, self.scope.by)
        fact = SwapEnded(
            swap=swap.id, asker=swap.asker, status=swap.status, taken_by=swap.taken_by or ""
        )
        await self.facts.add(_subject(swap), fact)
        for user in dict.fromkeys((swap.asker, swap.taken_by)):
            if user and user != self.scope.by:
                await self.jobs.add(TellSwap(swap=swap.id, user=user, news="ended"))

    async def _show(self, swap: Swap) -> None:
        for user in swap.offered:
            shown = ShowSwap(swap=swap.id, user=user)
            await self.jobs.add(shown, key=f"~swap:{swap.id}@{user}")


def _subject(swap: Swap) -> str:
    return f"schedule:{swap.schedule}"
