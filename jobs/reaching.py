"""By which ways a person can be reached, and whether they have been."""

from collections.abc import Sequence
from datetime import timedelta

from domain.contact import ContactMethod
from domain.paging import Page, RingPage
from storage.unit import Unit

BUILT_IN = "console"
# An e-mail stands in for a chat that cannot be reached, but not for each of its many rings.
MAIL_AGAIN = timedelta(minutes=5)


async def chats_of(unit: Unit, user: str) -> tuple[str, ...]:
    """The chats in which the person has an account, home first and the built-in one last."""
    return tuple(one.id for one in _chats(unit, await unit.roster.methods(user)))


async def ways_of(unit: Unit, page: Page, job: RingPage) -> tuple[ContactMethod, ...]:
    """The ways this ring may still go by, the best first and the built-in chat last.

    A ring by chat falls back on e-mail: a page must ring (rules.md 3).
    """
    methods = [one for one in await unit.roster.methods(page.user) if one.verified]
    *chats, built_in = _chats(unit, methods)
    if job.method == BUILT_IN:
        return (built_in,)
    others = [one for one in methods if one.kind == job.method]
    fitting = [*chats, *await _letters(unit, page, methods)] if job.method == "chat" else others
    return (*(one for one in fitting if one.id not in job.tried), built_in)


async def is_reached(unit: Unit, page: Page) -> bool:
    """Whether any ring got through.

    The built-in chat counts only for who can be reached nowhere else: others do not look there.
    """
    methods = [one for one in await unit.roster.methods(page.user) if one.verified]
    outside = len(_chats(unit, methods)) > 1 or any(one.kind != "chat" for one in methods)
    sent = [one for one in await unit.pages.rings(page.id) if one.result == "sent"]
    return any(one.ref.get("platform") != BUILT_IN or not outside for one in sent)


def _chats(unit: Unit, methods: Sequence[ContactMethod]) -> list[ContactMethod]:
    known = {one.id: one for one in methods if one.kind == "chat"}
    outside = [one for one in unit.installation.platforms if one != BUILT_IN]
    return [known[one] for one in (*outside, BUILT_IN) if one in known]


async def _letters(unit: Unit, page: Page, methods: list[ContactMethod]) -> list[ContactMethod]:
    """The person's e-mail addresses, unless it can wait or they had a letter just now."""
    rings = await unit.pages.rings(page.id)
    sent = [one.at for one in rings if one.method == "email" and one.result == "sent"]
    if page.urgency == "low" or (sent and unit.now - max(sent) < MAIL_AGAIN):
        return []
    return [one for one in methods if one.kind == "email"]
