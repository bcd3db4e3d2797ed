"""What every page says while safe mode is on."""

from domain.safe_mode import SETTING, SafeMode
from storage.scope import Scope
from storage.settings import Settings


async def banner(scope: Scope) -> str:
    """The line at the head of pages; empty while everything goes on."""
    kept = await Settings(scope).get(SETTING)
    return SafeMode.model_validate(kept).line if kept else ""
