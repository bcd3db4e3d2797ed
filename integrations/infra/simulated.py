"""The demo's outside: every step goes well after a moment, and changes nothing."""

import base64
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from domain.run import StepOrder, StepOutcome
from domain.server import StrangeHostKey

TAKES_S = 1.5
LOOKS = 2


@dataclass
class SimulatedSteps:
    """Pretends; ``pause`` waits for a number of seconds. What is waited for holds at the second
    look."""

    pause: Callable[[float], Awaitable[None]]
    looks: dict[str, int] = field(default_factory=dict)

    async def perform(self, order: StepOrder) -> StepOutcome:
        """Wait, and say what would have been done."""
        action = order.action
        order.heard(f"(simulated) {action.kind} begins\n".encode())
        await self.pause(TAKES_S)
        for server in order.route:
            if not server.host_keys:
                told = f"{server.address} was not reached: its host key is not pinned"
                raise StrangeHostKey(told, server.id, made_up_key(server.id))
        if action.command is not None:
            said = f"(simulated) {' '.join(action.command)}\nok"
            return StepOutcome(ok=True, exit_code=0, output=said)
        if action.sql is not None:
            return StepOutcome(ok=True, output=f"(simulated) {action.sql.statement}\n0 rows")
        url = action.http.url if action.http else ""
        method = action.http.method if action.http else "GET"
        return StepOutcome(ok=True, detail="200", output=f"(simulated) {method} {url}: 200")


def made_up_key(server: str) -> str:
    """The host key of a server that is not there, always the same."""
    kind = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"
    made = kind + hashlib.sha256(server.encode()).digest()
    return f"ssh-ed25519 {base64.b64encode(made).decode()}"


@dataclass
class SimulatedWait(SimulatedSteps):
    """What is waited for does not hold at once."""

    async def perform(self, order: StepOrder) -> StepOutcome:
        """Holds at the second look."""
        self.looks[order.key] = self.looks.get(order.key, 0) + 1
        if self.looks[order.key] < LOOKS:
            return StepOutcome(ok=False, detail="503")
        return await super().perform(order)
