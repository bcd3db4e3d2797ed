"""What surrounds every page: the menu, who is looking, the demo's tools."""

from collections.abc import Iterator
from datetime import datetime

from domain.actor import Role
from domain.authorize import roles_of
from domain.base import Frozen
from storage.views import incidents, people, safe_mode
from storage.views.people import UserView
from web.assets import assets
from web.pages.discovery import pages
from web.pages.models import Person
from web.pages.visit import Visit


class MenuItem(Frozen):
    """A page of the menu; ``g`` and the first letter of its id open it."""

    id: str
    url: str
    label: str
    icon: str


class Frame(Frozen):
    """``here`` is the address to come back to; ``active`` is the menu's item that it is under.

    ``key`` is fresh in every frame: a form sent twice with it is carried out once. ``demo`` are
    the people one may act as, nobody outside the demo. ``banner`` is what every page says first.
    ``admin`` shows the way to the admins' pages.
    """

    now: datetime
    csrf: str
    key: str
    here: str
    static: str
    theme: str
    menu: tuple[MenuItem, ...]
    active: str
    open_incidents: int
    user: Person | None
    demo: tuple[Person, ...]
    banner: str = ""
    admin: bool = False


async def framed(visit: Visit, active: str, theme: str) -> Frame:
    """The frame of a page that stands under ``active``; ``theme`` is the reader's choice."""
    scope = visit.scope
    return Frame(
        now=visit.now,
        csrf=visit.csrf,
        key=scope.ids.new(),
        here=visit.here,
        static=assets().prefix,
        theme=theme,
        menu=tuple(_items()),
        active=active,
        open_incidents=await incidents.count_open(scope, visit.viewer),
        user=_person(await people.shown(scope, visit.viewer)) if visit.viewer else None,
        demo=await _everybody(visit) if scope.installation.demo else (),
        banner=await safe_mode.banner(scope) if visit.viewer else "",
        admin=Role.ADMIN in roles_of(visit.actor, None),
    )


async def _everybody(visit: Visit) -> tuple[Person, ...]:
    found = await people.listed(visit.scope)
    return tuple(_person(one) for one in found.items if one.active)


def _person(one: UserView) -> Person:
    return Person(id=one.id, name=one.name, role=", ".join(one.roles))


def _items() -> Iterator[MenuItem]:
    for page in pages():
        if page.menu:
            icon = page.menu.icon
            yield MenuItem(id=page.name, url=page.path, label=page.title, icon=icon)
