"""Playing a scenario: its deliveries go through the real door while the demo's clock moves."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from pydantic import JsonValue

from bot.demo.scenarios import Delivery

Send = Callable[[str, JsonValue], Awaitable[None]]
Advance = Callable[[timedelta], Awaitable[object]]


async def play(deliveries: Sequence[Delivery], send: Send, advance: Advance) -> None:
    """Send each delivery to its source when its time has come, moving the clock there."""
    elapsed = timedelta()
    for delivery in deliveries:
        if delivery.after > elapsed:
            await advance(delivery.after - elapsed)
            elapsed = delivery.after
        await send(delivery.source, delivery.body)
    await advance(timedelta())
