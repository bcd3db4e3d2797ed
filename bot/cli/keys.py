"""`tocsin keys`: which secret keys sealed what, and whether all of it can be verified."""

from typing import Any

from bot.cli.output import FAILED, command_line, fail, show
from bot.cli.settled import on_database
from bot.wiring import Core
from storage.chain import key_id

UNKNOWN = "not known here"
LOST = "Some rows cannot be verified: name their key in TOCSIN_SECRET_KEY_PREVIOUS."

app = command_line("The secret keys.")


@app.callback()
def keys() -> None:
    """The secret keys, by names that say nothing about them."""


@app.command()
def status() -> None:
    """The key that seals, those before it, and how much each has sealed; exit code 1 where a
    key is missing."""
    rows = on_database(_rows)
    show(rows)
    if any(row["state"] == UNKNOWN for row in rows):
        fail(LOST, FAILED)


async def _rows(core: Core) -> list[dict[str, Any]]:
    """One row for each key; keys are told by the audit rows that they sealed."""
    async with core.store.read() as unit:
        found = {one.key: one for one in await unit.audit.sealed()}
    seals, *verifies = (key_id(key) for key in core.keys.verifying)
    states = {seals: "seals", None: "sealed before keys had names"}
    states |= dict.fromkeys(verifies, "verifies")
    return [
        {
            "key": name,
            "state": states.get(name, UNKNOWN),
            "rows": found[name].rows if name in found else 0,
            "first": found[name].since if name in found else None,
            "last": found[name].until if name in found else None,
        }
        for name in dict.fromkeys([seals, *verifies, *found])
    ]
