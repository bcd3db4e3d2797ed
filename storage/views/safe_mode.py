"""What every page says while safe mode is on."""

from domain.safe_mode import ON_OPEN_PAGES, SETTING, SafeMode
from storage.scope import Scope
from storage.settings import Settings


async def banner(scope: Scope) -> str:
    """The line at the head of pages; empty while everything goes on."""
    kept = await Settings(scope).get(SETTING)
    return SafeMode.model_validate(kept).line if kept else ""


async def open_banner(scope: Scope) -> str:
    """As `banner`, for pages that strangers may open."""
    return ON_OPEN_PAGES if await banner(scope) else ""
