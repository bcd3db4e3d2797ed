"""Whether the set-up of Teams is as it should be: the app's password, and the room of incidents."""

from collections.abc import Awaitable, Callable

from domain.errors import Permanent, Retry
from domain.finding import Finding, failure, ok, warning
from integrations.chat.teams.channels import Channels

AREA = "teams"
NEW_SECRET = "make a new client secret for the app: tocsin connect teams"  # noqa: S105 - a sentence
ADD_IT = "add Tocsin to the team of that channel, or name another: TOCSIN_TEAMS__INCIDENTS_ROOM"


async def of_tokens(tokens: Callable[[], Awaitable[str]] | None) -> tuple[Finding, ...]:
    """Whether Microsoft gives the app a token; None where nothing is to be proven."""
    if tokens is None:
        return (ok(AREA, "no password: on this machine only, as beside the Agents Playground"),)
    try:
        await tokens()
    except (Retry, Permanent) as refused:
        return (failure(AREA, f"app: {refused}", NEW_SECRET),)
    return (ok(AREA, "Microsoft takes the app's password"),)


async def of_room(channels: Channels, room: str) -> Finding:
    """Whether a team that Tocsin was added to has the room of all incidents."""
    try:
        await channels.find(room)
    except (Retry, Permanent) as refused:
        return warning(AREA, f"incidents cannot be posted in {room}: {refused}", ADD_IT)
    return ok(AREA, f"incidents are posted in {room}")
