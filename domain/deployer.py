"""A deploy pipeline as it is asked to bring a version back: asked once, then looked at."""

from datetime import timedelta
from typing import Protocol, runtime_checkable

from domain.base import Frozen
from domain.server import Server


class RollbackOrder(Frozen):
    """What a pipeline is asked for; ``key`` makes a repeat the same order where it can tell.

    ``source`` is which pipeline, ``name`` what it calls what it deploys and ``theirs`` the
    environment, ``workflow`` what is run; ``reference`` is its own id of the deployment that is
    gone back to, ``commit`` what that was. ``argv`` is the program of a ``command``, ``route`` the
    servers it is reached over, ``timeout`` how long it may take.
    """

    key: str
    service: str
    environment: str
    version: str
    source: str = ""
    name: str = ""
    theirs: str = ""
    workflow: str = ""
    reference: str = ""
    commit: str = ""
    argv: tuple[str, ...] = ()
    route: tuple[Server, ...] = ()
    timeout: timedelta = timedelta(minutes=10)


class Asked(Frozen):
    """What a pipeline has begun.

    ``names`` are those by which its own events call it, ``complete`` once there will be no more of
    them. ``said`` is what it said last, ``url`` where it tells more; ``note`` is for the adapter
    to find it again.
    """

    names: tuple[str, ...] = ()
    complete: bool = False
    note: dict[str, str] = {}
    said: str = ""
    url: str = ""


class Seen(Frozen):
    """How an order stands: at work, or ended well after it ``took`` so long by the pipeline's own
    clock, or ``lost``, which says how it ended otherwise: it may have done half."""

    asked: Asked = Asked()
    took: timedelta | None = None
    lost: str = ""


class Deployer(Protocol):
    """A deploy pipeline. It is asked at most once, and looked at as often as one likes."""

    @property
    def name(self) -> str:
        """What people call it."""

    async def ask(self, order: RollbackOrder) -> Seen:
        """Have the version brought back. `Permanent` says that nothing was done; after anything
        else that is raised nobody knows."""

    async def look(self, order: RollbackOrder, asked: Asked) -> Seen:
        """How it stands; changes nothing. Raises `Retry` where it does not say now, `Permanent`
        where it never will."""


@runtime_checkable
class Probed(Protocol):
    """What can be asked whether it lets us in."""

    @property
    def name(self) -> str:
        """What people call it."""

    async def probe(self) -> None:
        """Ask for a sign of life; nothing is changed. Raises `Retry` and `Permanent`."""
