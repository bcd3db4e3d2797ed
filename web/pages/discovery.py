"""Finding the pages: each is a module of this package, and needs no list to stand in.

A page's module has a ``PATH``, a ``TITLE`` and ``async def page(visit)``, whose value is given
to the template that bears the module's name. ``MENU`` puts it into the menu; ``UNDER`` names
the page it belongs to where it is not in the menu itself; ``ROLE`` says who may see it, members
where it says nothing.
"""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from types import ModuleType

import web.pages
from domain.actor import Role
from domain.base import Frozen
from web.pages.visit import Visit

Shown = Callable[[Visit], Awaitable[Frozen]]


class Menu(Frozen):
    """A page's place in the menu, counted from the left, and its icon."""

    place: int
    icon: str


@dataclass(frozen=True)
class Page:
    """A page; ``active`` is the name of the menu's item to mark."""

    name: str
    path: str
    title: str
    show: Shown
    active: str
    menu: Menu | None
    role: Role = Role.MEMBER

    @property
    def template(self) -> str:
        """The file that shows it."""
        return f"{self.name}.html"


@cache
def pages() -> tuple[Page, ...]:
    """Every page, those of the menu first and in its order."""
    names = (one.name for one in pkgutil.iter_modules(web.pages.__path__, "web.pages."))
    modules = map(importlib.import_module, names)
    found = [_page(module) for module in modules if hasattr(module, "PATH")]
    return tuple(sorted(found, key=_place))


def _page(module: ModuleType) -> Page:
    name = module.__name__.rpartition(".")[2]
    return Page(
        name=name,
        path=module.PATH,
        title=module.TITLE,
        show=module.page,
        active=getattr(module, "UNDER", name),
        menu=getattr(module, "MENU", None),
        role=getattr(module, "ROLE", Role.MEMBER),
    )


def _place(page: Page) -> tuple[int, str]:
    return (page.menu.place if page.menu else LAST, page.name)


LAST = 99
