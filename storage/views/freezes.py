"""What is frozen now: the same for every reader, as private incidents freeze nothing."""

from domain.freeze import Freeze
from storage.audit import Audit
from storage.facts import Facts
from storage.freezes import Freezes
from storage.scope import Scope


async def standing(scope: Scope) -> tuple[Freeze, ...]:
    """What holds now, the newest first."""
    return await Freezes(scope, Facts(scope, Audit(scope))).standing()
