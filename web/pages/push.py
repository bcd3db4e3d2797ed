"""``/me/push``: a browser asks to be rung, and which of the reader's are."""

from datetime import datetime

from domain.base import Frozen
from domain.buttons import button_id
from storage.views.browsers import of as browsers_of
from web.pages.models import Action
from web.pages.offers import Face
from web.pages.visit import Visit

PATH = "/me/push"
TITLE = "Ring this browser"
UNDER = "now"


class Browser(Frozen):
    """One that is rung; ``digest`` tells the browser that reads the page whether it is meant."""

    service: str
    since: datetime
    digest: str
    actions: tuple[Action, ...]


class PushPage(Frozen):
    """``key`` is what a browser is told who rings, empty where nothing does; ``ring`` is none where
    nobody is signed in as a person."""

    key: str
    ring: tuple[Action, ...] = ()
    browsers: tuple[Browser, ...] = ()


async def page(visit: Visit) -> PushPage:
    """The reader's browsers, the first first."""
    key = visit.scope.installation.push_key
    if visit.viewer is None or not key:
        return PushPage(key=key)
    ring = Action(button=button_id("me contact-add", "push"), **RING.model_dump())
    browsers = tuple(
        Browser(
            service=one.service,
            since=one.since,
            digest=one.digest,
            actions=(
                *visit.offers().press("me test", one.id, TRY),
                *visit.offers().press("me contact-remove", one.id, STOP),
            ),
        )
        for one in await browsers_of(visit.scope, visit.viewer)
    )
    return PushPage(key=key, ring=(ring,), browsers=browsers)


RING = Face(label="Ring this browser", style="primary")
TRY = Face(label="Try it")
STOP = Face(label="Stop")
