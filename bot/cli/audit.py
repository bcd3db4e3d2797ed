"""`tocsin audit`: whether the trail is whole."""

from bot.beats import Sealer
from bot.cli.output import FAILED, command_line, fail, tell
from bot.cli.settled import on_database
from bot.duties import DutyHolder
from bot.wiring import Core
from storage.audit import Verified

app = command_line("The audit trail.")


@app.callback()
def audit() -> None:
    """The audit trail: one row for each change and refusal, chained with a key."""


@app.command()
def verify() -> None:
    """Recompute every link of the chain; exit code 1 with what is wrong."""
    found = on_database(_verified)
    state = "chained" if found.problems else "chained and whole"
    told = f"{found.rows} rows are {state}; the head is {found.head[:12]}."
    if found.forgotten:
        told += f" {found.forgotten} before them were dropped by their age."
    tell(found.model_dump(), told)
    if found.problems:
        fail("\n".join(found.problems), FAILED)


async def _verified(core: Core) -> Verified:
    """Where no process runs that would seal the newest rows, they are sealed now."""
    holder = DutyHolder(core.store, core.store.ids.new())
    await Sealer(holder, core.keys.audit).cycle()
    await holder.give_back()
    async with core.store.read() as unit:
        return await unit.audit.verify(*core.keys.verifying)
