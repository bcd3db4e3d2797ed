"""By which chats a person can be reached."""

from storage.unit import Unit

BUILT_IN = "console"


async def chats_of(unit: Unit, user: str, tried: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The chats in which the person has an account, home first and the built-in one last."""
    linked = [one.address for one in await unit.roster.methods(user) if one.kind == "chat"]
    known = [one for one in unit.installation.platforms if one in linked and one not in tried]
    return (*(one for one in known if one != BUILT_IN), BUILT_IN)
